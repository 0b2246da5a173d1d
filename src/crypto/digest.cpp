// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include "crypto/openssl.h"

namespace oti::crypto {

std::array<std::uint8_t, 32> sha256(BytesView message) {
    std::array<std::uint8_t, 32> digest;
    must(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return digest;
}

std::array<std::uint8_t, 20> sha1(BytesView message) {
    std::array<std::uint8_t, 20> digest;
    must(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1);
    return digest;
}

}  // namespace oti::crypto
