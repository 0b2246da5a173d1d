// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "crypto/digest.h"

namespace oti::javacard {

/// The hash function of a constant of javacard.security.MessageDigest (ALG_SHA …).
inline std::optional<crypto::Hash> hash_of_algorithm(unsigned algorithm) {
    using enum crypto::Hash;
    constexpr crypto::Hash kHashes[] = {kSha1,   kMd5,      kRipemd160, kSha256,   kSha384,  kSha512,
                                        kSha224, kSha3_224, kSha3_256,  kSha3_384, kSha3_512};
    if (algorithm == 0 || algorithm > std::size(kHashes)) return std::nullopt;
    return kHashes[algorithm - 1];
}

}  // namespace oti::javacard
