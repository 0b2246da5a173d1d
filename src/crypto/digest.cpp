// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include "crypto/internal/hash_names.h"
#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> hashed(const EVP_MD* type, BytesView message) {
    std::array<std::uint8_t, Size> digest;
    must(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, type, nullptr) == 1);
    return digest;
}

}  // namespace

std::size_t digest_size(Hash hash) {
    return static_cast<std::size_t>(EVP_MD_get_size(evp_md(hash)));
}

Bytes digest(Hash hash, BytesView message) {
    Bytes digest(digest_size(hash));
    must(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, evp_md(hash), nullptr) == 1);
    return digest;
}

std::array<std::uint8_t, 20> sha1(BytesView message) {
    return hashed<20>(EVP_sha1(), message);
}

std::array<std::uint8_t, 32> sha256(BytesView message) {
    return hashed<32>(EVP_sha256(), message);
}

}  // namespace oti::crypto
