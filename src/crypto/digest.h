// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace oti::crypto {

/// The hash functions of GPCS 2.3.1, B.5, and those that only applets use.
enum class Hash : std::uint8_t {
    kSha1,
    kSha256,
    kSha384,
    kSha512,
    kMd5,
    kRipemd160,
    kSha224,
    kSha3_224,
    kSha3_256,
    kSha3_384,
    kSha3_512,
};

/// Bytes of a digest, 16 to 64.
std::size_t digest_size(Hash hash);
Bytes digest(Hash hash, BytesView message);

std::array<std::uint8_t, 20> sha1(BytesView message);
std::array<std::uint8_t, 32> sha256(BytesView message);

}  // namespace oti::crypto
