// SPDX-License-Identifier: Apache-2.0
#include "javacard/padding.h"

#include <algorithm>

namespace oti::javacard {

Bytes padding_after(Padding padding, std::size_t used, std::size_t block, bool is_empty) {
    auto room = block - used;
    switch (padding) {
        case Padding::kIso9797Method1:
        case Padding::kIso9797Method1Algorithm3:
            return Bytes(used == 0 && !is_empty ? 0 : room);
        case Padding::kIso9797Method2:
        case Padding::kIso9797Method2Algorithm3: {
            Bytes bytes(room);
            bytes[0] = 0x80;
            return bytes;
        }
        case Padding::kPkcs5:
            return Bytes(room, static_cast<std::uint8_t>(room));
        default:
            return {};
    }
}

std::optional<std::size_t> unpadded_size(Padding padding, BytesView message, std::size_t block) {
    auto size = message.size();
    if (padding == Padding::kIso9797Method2) {
        for (std::size_t back = 1; back <= std::min(block, size); ++back) {
            if (message[size - back] == 0x80) return size - back;
            if (message[size - back] != 0) break;
        }
        return std::nullopt;
    }
    if (padding == Padding::kPkcs5) {
        auto count = std::size_t{message.empty() ? std::uint8_t{0} : message.back()};
        bool sound =
            count >= 1 && count <= std::min(block, size) &&
            std::ranges::all_of(message.last(count), [&](std::uint8_t byte) { return byte == count; });
        return sound ? std::optional(size - count) : std::nullopt;
    }
    return size;
}

}  // namespace oti::javacard
