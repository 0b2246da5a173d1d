// SPDX-License-Identifier: Apache-2.0
// JSON Web Encryption (RFC 7516) in compact form, ECDH-ES on P-256 with A256GCM (RFC 7518, 4.6 and 5.3):
// how a TSM hands a security domain's keys to a service provider.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// A new P-256 key pair as a JWK (RFC 7517), private part included.
Result<SecretBytes> make_jwk();
/// The public JWK of a private one, as JSON text.
Result<std::string> public_jwk(const SecretBytes& private_jwk);

/// Error `jwk.invalid` unless the text is a public P-256 JWK.
Result<std::string> jwe_encrypt(BytesView plaintext, std::string_view recipient_public_jwk);
/// Error `jwe.broken` for another recipient's or a changed JWE.
Result<SecretBytes> jwe_decrypt(std::string_view jwe, const SecretBytes& private_jwk);

}  // namespace oti::crypto
