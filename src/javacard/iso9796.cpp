// SPDX-License-Identifier: Apache-2.0
// ISO/IEC 9796-2, scheme 1, with the trailer of one byte: a header whose last bit before the message is one,
// the message or its beginning, the digest, BC.
#include "javacard/signature_state.h"

namespace oti::javacard {
namespace {

constexpr std::uint8_t kTrailer = 0xBC;
constexpr std::uint8_t kPartial = 0x6A;     ///< the message does not end in the block
constexpr std::uint8_t kWholeFull = 0x4A;   ///< it does, and fills it
constexpr std::uint8_t kWholeBegin = 0x4B;  ///< it does, after BB… and BA
constexpr std::uint8_t kFill = 0xBB, kFillEnd = 0xBA;

}  // namespace

std::size_t iso9796_capacity(std::size_t size, std::size_t digest) {
    return size < digest + 2 ? 0 : size - digest - 2;
}

Guest<Bytes> iso9796_block(std::size_t size, BytesView digest, BytesView beginning) {
    auto room = iso9796_capacity(size, digest.size());
    if (room == 0) return crypto_exception(CryptoReason::kIllegalUse);
    Bytes block;
    if (beginning.size() > room) {
        block.push_back(kPartial);
        append(block, beginning.first(room));
    } else {
        block.push_back(beginning.size() == room ? kWholeFull : kWholeBegin);
        if (beginning.size() < room) {
            block.resize(room - beginning.size(), kFill);
            block.push_back(kFillEnd);
        }
        append(block, beginning);
    }
    append(block, digest);
    block.push_back(kTrailer);
    return block;
}

std::optional<Iso9796Content> iso9796_content(BytesView block, std::size_t digest) {
    auto room = iso9796_capacity(block.size(), digest);
    if (room == 0 || block.back() != kTrailer) return std::nullopt;
    auto inside = block.subspan(1, room);
    auto header = block.front();
    if (header == kWholeBegin) {
        auto skip = std::size_t{0};
        while (skip < room && inside[skip] == kFill) ++skip;
        if (skip == room || inside[skip] != kFillEnd) return std::nullopt;
        inside = inside.subspan(skip + 1);
    } else if (header != kPartial && header != kWholeFull) {
        return std::nullopt;
    }
    return Iso9796Content{to_bytes(inside), to_bytes(block.subspan(1 + room, digest))};
}

}  // namespace oti::javacard
