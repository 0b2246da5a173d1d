// SPDX-License-Identifier: Apache-2.0
#include "javacard/ber_form.h"

#include "base/tlv.h"

namespace oti::javacard {
namespace {

constexpr std::uint8_t kLongTag = 0x1F, kMore = 0x80;
constexpr std::size_t kMaxTagSize = 3;
constexpr unsigned kMaxTagNumber = 0x3FFF;
/// Structures that are nested deeper are refused: the machine's own stack has an end.
constexpr unsigned kMaxDepth = 32;

auto refuse(std::uint16_t reason) {
    return throw_(kTlvException, reason);
}

}  // namespace

Guest<std::size_t> ber_tag_size(BytesView bytes) {
    if (bytes.empty()) return throw_(exception::kArrayIndex);
    if ((bytes[0] & kLongTag) != kLongTag) return std::size_t{1};
    for (std::size_t size = 2; size <= kMaxTagSize; ++size) {
        if (size > bytes.size()) return throw_(exception::kArrayIndex);
        // A number does not begin with zeros (8825-1, 8.1.2.4.2).
        if (size == 2 && bytes[1] == kMore) return refuse(tlv_reason::kMalformedTag);
        if ((bytes[size - 1] & kMore) == 0) return size;
    }
    return refuse(tlv_reason::kIllegalSize);
}

unsigned number_of_tag(BytesView tag) {
    if (tag.size() == 1) return tag[0] & kLongTag;
    unsigned number = 0;
    for (auto byte : tag.subspan(1)) number = number << 7 | (byte & 0x7FU);
    return number;
}

Guest<BerPlace> ber_place(BytesView bytes) {
    BerPlace place;
    auto tag = ber_tag_size(bytes);
    if (!tag) {
        bool malformed = tag.error().exception == kTlvException;
        if (malformed) return refuse(tlv_reason::kMalformedTlv);
        return std::unexpected(tag.error());
    }
    place.tag_size = *tag;
    auto rest = bytes.subspan(place.tag_size);
    if (rest.empty()) return throw_(exception::kArrayIndex);
    std::size_t more = rest[0] < kMore ? 0 : rest[0] & 0x7FU;
    // 80: indefinite form.
    if (rest[0] == kMore || more > 4) return refuse(tlv_reason::kMalformedTlv);
    if (rest.size() <= more) return throw_(exception::kArrayIndex);
    place.value_size = more == 0 ? rest[0] : 0;
    for (auto byte : rest.subspan(1, more)) place.value_size = place.value_size << 8 | byte;
    if (place.value_size > kMaxTlv) return refuse(tlv_reason::kLengthTooLong);
    place.header_size = place.tag_size + 1 + more;
    if (place.size() > bytes.size()) return throw_(exception::kArrayIndex);
    return place;
}

bool are_ber_tlvs(BytesView bytes, unsigned depth) {
    if (depth > kMaxDepth) return false;
    while (!bytes.empty()) {
        auto place = ber_place(bytes);
        if (!place) return false;
        auto value = bytes.subspan(place->header_size, place->value_size);
        if (is_constructed_tag(bytes) && !are_ber_tlvs(value, depth + 1)) return false;
        bytes = bytes.subspan(place->size());
    }
    return true;
}

bool is_ber_tlv(BytesView bytes) {
    auto place = ber_place(bytes);
    return place && place->size() == bytes.size() && are_ber_tlvs(bytes);
}

Guest<Bytes> make_ber_tag(unsigned tag_class, bool constructed, unsigned number) {
    if (number > kMaxTagNumber) return refuse(tlv_reason::kIllegalSize);
    auto first = tag_class << 6 | (constructed ? 0x20U : 0U);
    if (number < kLongTag) return Bytes{static_cast<std::uint8_t>(first | number)};
    Bytes tag{static_cast<std::uint8_t>(first | kLongTag)};
    if (number >= kMore) tag.push_back(static_cast<std::uint8_t>(kMore | number >> 7));
    tag.push_back(static_cast<std::uint8_t>(number & 0x7F));
    return tag;
}

Guest<Bytes> make_ber_tlv(BytesView tag, BytesView value) {
    auto tlv = concat(tag, encode_length(value.size()), value);
    if (tlv.size() > kMaxTlv) return refuse(tlv_reason::kTlvTooLong);
    return tlv;
}

}  // namespace oti::javacard
