// SPDX-License-Identifier: Apache-2.0
// Ownership of OpenSSL objects. Included by crypto and net only.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace oti::crypto {

template <auto Free>
struct OpensslFree {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

template <typename T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

using EvpCipherCtx = OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using EvpMacCtx = OpensslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using EvpPkey = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;

/// For calls that fail only by a bug or without memory.
inline void must(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL failed");
}

}  // namespace oti::crypto
