// SPDX-License-Identifier: Apache-2.0
// What public and private keys share of OpenSSL.
#pragma once

#include <openssl/bn.h>
#include <openssl/param_build.h>

#include <string_view>

#include "base/result.h"
#include "crypto/public_key.h"

namespace oti::crypto {

using BigNumber = OpensslPtr<BIGNUM, BN_clear_free>;
using ParamBuilder = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using PkeyCtx = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using MdCtx = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = OpensslPtr<BIO, BIO_free_all>;

std::unexpected<Error> invalid_key(std::string message);
BigNumber big_number(BytesView bytes);
/// Big-endian without leading zeros.
Bytes number_of(const EVP_PKEY* key, const char* name);
/// The key that these parameters describe; nothing, if they describe none.
EvpPkey key_from(const char* type, ParamBuilder& builder, int selection);
Bio reader_of(BytesView pem);
Bytes content_of(const Bio& bio);
/// The curve of an EC key; nothing for RSA. Error `key.invalid` for other keys and curves, and for RSA
/// outside of 1024 to 4096 bits.
Result<std::optional<Curve>> supported_kind(const EVP_PKEY* key);
/// Sets padding and, for PSS, the salt. False where scheme and key do not fit.
bool set_scheme(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm, bool is_ec);

/// r | s as DER, and back; `size` is the length of each. Empty where the input is no signature.
Bytes der_signature(BytesView plain);
Bytes plain_signature(BytesView der, std::size_t size);

}  // namespace oti::crypto
