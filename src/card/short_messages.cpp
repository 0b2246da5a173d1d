// SPDX-License-Identifier: Apache-2.0
#include "card/short_messages.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kTypeMask = 0x03, kDeliver = 0x00, kHasHeader = 0x40;
constexpr std::uint8_t kConcatenated = 0x00, kConcatenatedLong = 0x08, kCommandPacket = 0x70,
                       kResponsePacket = 0x71;
constexpr std::size_t kTimeStamp = 7, kMaxUserData = 140, kMaxParts = 32, kMaxWaiting = 2;
constexpr std::uint8_t kEightBitClass2 = 0xF6;

struct Part {
    Bytes sender;
    Bytes reference;  ///< empty: a message that stands alone
    std::uint8_t total = 1, number = 1;
    bool is_packet = false;
    Bytes data;
};

std::optional<Part> parse(BytesView tpdu) {
    ByteReader reader(tpdu, "SMS-DELIVER");
    auto first = reader.u8();
    if (!first || (*first & kTypeMask) != kDeliver || (*first & kHasHeader) == 0) return std::nullopt;
    auto address_at = reader.offset();
    auto digits = reader.u8();
    if (!digits || *digits > 20 || !reader.skip(1 + (*digits + 1U) / 2)) return std::nullopt;
    Part part;
    part.sender = to_bytes(tpdu.subspan(address_at, reader.offset() - address_at));
    if (!reader.skip(2 + kTimeStamp)) return std::nullopt;
    auto length = reader.u8();
    if (!length || *length > kMaxUserData || *length != reader.remaining()) return std::nullopt;
    auto header = reader.take_lv();
    if (!header) return std::nullopt;
    ByteReader elements(*header, "user data header");
    while (!elements.empty()) {
        auto id = elements.u8();
        auto value = elements.take_lv();
        if (!value) return std::nullopt;
        if (*id == kCommandPacket && value->empty()) part.is_packet = true;
        std::size_t size = *id == kConcatenated ? 3 : *id == kConcatenatedLong ? 4 : 0;
        if (size == 0) continue;
        if (value->size() != size) return std::nullopt;
        part.reference = concat(Bytes{*id}, value->first(size - 2));
        part.total = (*value)[size - 2];
        part.number = (*value)[size - 1];
        if (part.number == 0 || part.number > part.total || part.total > kMaxParts) return std::nullopt;
    }
    part.data = to_bytes(reader.take_rest());
    return part;
}

}  // namespace

std::optional<ArrivedPacket> ShortMessages::take(BytesView tpdu) {
    auto part = parse(tpdu);
    if (!part) return std::nullopt;
    if (part->total == 1) {
        if (!part->is_packet) return std::nullopt;
        return ArrivedPacket{std::move(part->sender), std::move(part->data)};
    }
    auto key = concat(part->sender, part->reference, Bytes{part->total});
    auto found = std::ranges::find(waiting_, key, &Waiting::key);
    if (found == waiting_.end()) {
        if (waiting_.size() == kMaxWaiting) waiting_.pop_front();
        found = waiting_.insert(waiting_.end(), Waiting{std::move(key), {}, false});
    }
    found->is_packet = found->is_packet || part->is_packet;
    // What came first stays: a second one with the same number is the same, or somebody else's.
    found->parts.try_emplace(part->number, std::move(part->data));
    if (found->parts.size() != part->total) return std::nullopt;
    ArrivedPacket whole{std::move(part->sender), {}};
    for (const auto& [number, data] : found->parts) append(whole.packet, data);
    bool is_packet = found->is_packet;
    waiting_.erase(found);
    if (!is_packet) return std::nullopt;
    return whole;
}

std::vector<Bytes> submit_response(BytesView receiver, BytesView packet, std::uint8_t reference) {
    constexpr std::size_t kAlone = kMaxUserData - 3, kFirst = kMaxUserData - 8, kOther = kMaxUserData - 6;
    std::vector<Bytes> chunks;
    bool alone = packet.size() <= kAlone;
    for (auto rest = packet; !rest.empty();) {
        auto room = alone ? kAlone : chunks.empty() ? kFirst : kOther;
        auto chunk = rest.first(std::min(room, rest.size()));
        chunks.push_back(to_bytes(chunk));
        rest = rest.subspan(chunk.size());
    }
    std::vector<Bytes> messages;
    for (std::size_t n = 0; n < chunks.size(); ++n) {
        ByteWriter header;
        if (!alone) {
            header.u8(kConcatenated).u8(3).u8(reference).u8(static_cast<unsigned>(chunks.size()));
            header.u8(static_cast<unsigned>(n + 1));
        }
        if (n == 0) header.u8(kResponsePacket).u8(0);
        ByteWriter tpdu;
        tpdu.u8(0x01 | kHasHeader).u8(0).put(receiver).u8(0).u8(kEightBitClass2);
        tpdu.lv(concat(Bytes{static_cast<std::uint8_t>(header.size())}, header.view(), chunks[n]));
        messages.push_back(tpdu.take());
    }
    return messages;
}

}  // namespace oti::card
