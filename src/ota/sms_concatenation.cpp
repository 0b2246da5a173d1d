// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_concatenation.h"

#include <algorithm>

#include "base/byte_writer.h"

namespace oti::ota {
namespace {

constexpr std::uint8_t kConcatenated8 = 0x00, kConcatenated16 = 0x08;
constexpr std::size_t kConcatenation = 5;  ///< octets of the element with a reference of 8 bits

struct Part {
    unsigned reference = 0;
    std::uint8_t count = 1;
    std::uint8_t number = 1;
};

bool is_concatenation(const SmsElement& element) {
    return element.id == kConcatenated8 || element.id == kConcatenated16;
}

/// Of what the header says; the whole, if it says nothing.
Result<Part> part_of(const SmsUserData& data) {
    auto found = std::ranges::find_if(data.header, is_concatenation);
    if (found == data.header.end()) return Part{};
    ByteReader reader(found->value, "concatenation");
    Part part;
    if (found->id == kConcatenated8) {
        OTI_TRY(part.reference, reader.u8());
    } else {
        OTI_TRY(part.reference, reader.u16());
        part.reference |= 0x10000;
    }
    OTI_TRY(part.count, reader.u8());
    OTI_TRY(part.number, reader.u8());
    OTI_CHECK(reader.expect_end());
    if (part.number == 0 || part.number > part.count) return reader.invalid("a part that the whole has not");
    return part;
}

SmsUserData joined(const std::map<std::uint8_t, SmsUserData>& parts) {
    SmsUserData whole;
    for (const auto& [number, part] : parts) {
        for (const auto& element : part.header) {
            bool is_there = std::ranges::find(whole.header, element) != whole.header.end();
            if (!is_concatenation(element) && !is_there) whole.header.push_back(element);
        }
        append(whole.text, part.text);
    }
    return whole;
}

}  // namespace

Result<SmsUserData> SmsUserData::parse(BytesView user_data) {
    ByteReader reader(user_data, "user data");
    OTI_TRY(auto header, reader.take_lv());
    SmsUserData data;
    for (ByteReader elements(header, "user data header"); !elements.empty();) {
        OTI_TRY(auto id, elements.u8());
        OTI_TRY(auto value, elements.take_lv());
        data.header.push_back({id, to_bytes(value)});
    }
    data.text = to_bytes(reader.take_rest());
    return data;
}

Bytes SmsUserData::encode() const {
    ByteWriter elements;
    for (const auto& element : header) elements.u8(element.id).lv(element.value);
    return ByteWriter().lv(elements.view()).put(text).take();
}

bool SmsUserData::has(std::uint8_t id) const {
    return std::ranges::find(header, id, &SmsElement::id) != header.end();
}

Result<std::vector<Bytes>> split(const SmsUserData& whole, std::uint8_t reference) {
    constexpr std::size_t kMaxParts = 255;
    if (auto one = whole.encode(); one.size() <= kMaxUserData) return std::vector<Bytes>{one};
    auto header = SmsUserData{whole.header, {}}.encode().size() + kConcatenation;
    std::size_t room = kMaxUserData - 1 - kConcatenation;
    if (header > kMaxUserData) {
        return fail(ErrorKind::kUsage, "sms.too_long", "a header that does not fit into a short message");
    }
    auto first = kMaxUserData - header;
    auto rest = whole.text.size() - std::min(first, whole.text.size());
    auto count = 1 + (rest + room - 1) / room;
    if (count > kMaxParts) {
        return fail(ErrorKind::kUsage, "sms.too_long",
                    std::to_string(whole.text.size()) + " bytes are more than 255 short messages hold");
    }
    std::vector<Bytes> parts;
    BytesView text = whole.text;
    for (std::size_t number = 1; number <= count; ++number) {
        auto size = std::min(number == 1 ? first : room, text.size());
        SmsUserData part{{{kConcatenated8,
                           {reference, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(number)}}},
                         to_bytes(text.first(size))};
        if (number == 1) part.header.insert(part.header.end(), whole.header.begin(), whole.header.end());
        parts.push_back(part.encode());
        text = text.subspan(size);
    }
    return parts;
}

Result<std::optional<SmsUserData>> SmsReassembly::add(std::string_view originator, BytesView user_data) {
    OTI_TRY(auto data, SmsUserData::parse(user_data));
    OTI_TRY(auto part, part_of(data));
    if (part.count == 1) return joined({{1, std::move(data)}});
    Key key{originator, part.reference};
    auto found = std::ranges::find(unfinished_, key, &Unfinished::key);
    if (found != unfinished_.end() && found->count != part.count) {
        unfinished_.erase(found);
        found = unfinished_.end();
    }
    if (found == unfinished_.end()) {
        if (unfinished_.size() == kMaxUnfinished) unfinished_.erase(unfinished_.begin());
        found = unfinished_.insert(unfinished_.end(), {std::move(key), part.count, {}});
    }
    found->parts.emplace(part.number, std::move(data));
    if (found->parts.size() < found->count) return std::nullopt;
    auto whole = joined(found->parts);
    unfinished_.erase(found);
    return whole;
}

}  // namespace oti::ota
