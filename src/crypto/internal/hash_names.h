// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include "crypto/digest.h"

namespace oti::crypto {

inline const EVP_MD* evp_md(Hash hash) {
    switch (hash) {
        case Hash::kSha1:
            return EVP_sha1();
        case Hash::kSha384:
            return EVP_sha384();
        case Hash::kSha512:
            return EVP_sha512();
        case Hash::kMd5:
            return EVP_md5();
        case Hash::kRipemd160:
            return EVP_ripemd160();
        case Hash::kSha224:
            return EVP_sha224();
        case Hash::kSha3_224:
            return EVP_sha3_224();
        case Hash::kSha3_256:
            return EVP_sha3_256();
        case Hash::kSha3_384:
            return EVP_sha3_384();
        case Hash::kSha3_512:
            return EVP_sha3_512();
        case Hash::kSha256:
            break;
    }
    return EVP_sha256();
}

}  // namespace oti::crypto
