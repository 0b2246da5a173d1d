// SPDX-License-Identifier: Apache-2.0
// Padding of messages for block ciphers and the MACs made of them; values as javacardx.crypto.Cipher has
// them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace oti::javacard {

enum class Padding : std::uint8_t {
    kNull = 0,
    kNone = 1,
    kIso9797Method1 = 2,
    kIso9797Method2 = 3,
    kIso9797Method1Algorithm3 = 4,
    kIso9797Method2Algorithm3 = 5,
    kPkcs5 = 6,
    kPkcs1 = 7,
    kPkcs1Pss = 8,
    kPkcs1Oaep = 9,
    kIso9796 = 10,
    kIso9796Recovery = 11,
    kRfc2409 = 12,
    kOaepSha224 = 13,  ///< and SHA-256, 384, 512, SHA3-224 … 512
    kOaepLast = 20,
};

/// What follows a message whose last block has `used` bytes; `is_empty`: there is no message at all. Method 1
/// leaves whole blocks alone, the others always add something.
Bytes padding_after(Padding padding, std::size_t used, std::size_t block, bool is_empty);
/// How long the message is without its padding; nothing, if it has none. Method 1 cannot be told from the
/// message, and stays.
std::optional<std::size_t> unpadded_size(Padding padding, BytesView message, std::size_t block);

}  // namespace oti::javacard
