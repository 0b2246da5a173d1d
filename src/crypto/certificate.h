// SPDX-License-Identifier: Apache-2.0
// X.509 certificates (RFC 5280) for TLS between the three programs: P-256 keys, ECDSA with SHA-256. A small
// certification authority, for development and for whoever has none.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// A certificate with its private key (PKCS #8, not encrypted), both as PEM text.
struct Identity {
    std::string certificate_pem;
    SecretBytes private_key_pem;
};

/// A self-signed authority that may sign end entities only. Valid from a few minutes ago, for clocks that
/// differ. Errors `certificate.name` (none, or more than 64 octets), `certificate.validity` (not 1 to 36500
/// days).
Result<Identity> make_ca(std::string_view common_name, std::chrono::days validity);

/// A certificate for a TLS server and client. `role` becomes the organizational unit: `sp`, `tsm`, `agent`.
/// `names` are DNS names and IP addresses for subjectAltName; none means `localhost` and `127.0.0.1`.
/// Never valid longer than the authority. Errors as above, also `certificate.name` for a name that is neither
/// a DNS name nor an IP address, `certificate.invalid` where `ca` is no authority with its key.
Result<Identity> issue(const Identity& ca, std::string_view common_name, std::string_view role,
                       const std::vector<std::string>& names, std::chrono::days validity);

/// What a certificate, already verified, says of its holder. Error `certificate.invalid` where the text is no
/// certificate, or the field is not there exactly once.
Result<std::string> common_name(std::string_view certificate_pem);
Result<std::string> role(std::string_view certificate_pem);
/// The last second of its validity.
Result<std::chrono::sys_seconds> not_after(std::string_view certificate_pem);

}  // namespace oti::crypto
