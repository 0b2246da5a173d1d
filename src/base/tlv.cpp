// SPDX-License-Identifier: Apache-2.0
#include "base/tlv.h"

#include <cassert>

namespace oti {

Result<Tag> read_tag(ByteReader& reader) {
    OTI_TRY(auto first, reader.u8());
    Tag tag = first;
    if ((first & 0x1F) != 0x1F) return tag;
    for (int octet = 2; octet <= 3; ++octet) {
        OTI_TRY(auto next, reader.u8());
        tag = tag << 8 | next;
        if ((next & 0x80) == 0) return tag;
    }
    return reader.invalid("tag of more than 3 octets");
}

Result<std::size_t> read_length(ByteReader& reader) {
    OTI_TRY(auto first, reader.u8());
    if (first < 0x80) return first;
    std::size_t octets = first & 0x7F;
    if (octets < 1 || octets > 3) return reader.invalid("length of an unsupported form");
    OTI_TRY(auto bytes, reader.take(octets));
    std::size_t length = 0;
    for (auto byte : bytes) length = length << 8 | byte;
    return length;
}

Result<Tlv> read_tlv(ByteReader& reader) {
    OTI_TRY(auto tag, read_tag(reader));
    OTI_TRY(auto length, read_length(reader));
    OTI_TRY(auto value, reader.take(length));
    return Tlv{tag, value};
}

Result<std::vector<Tlv>> read_all_tlv(BytesView bytes, std::string_view what) {
    ByteReader reader(bytes, what);
    std::vector<Tlv> objects;
    while (!reader.empty()) {
        OTI_TRY(auto object, read_tlv(reader));
        objects.push_back(object);
    }
    return objects;
}

std::optional<BytesView> find(const std::vector<Tlv>& objects, Tag tag) {
    for (const auto& object : objects) {
        if (object.tag == tag) return object.value;
    }
    return std::nullopt;
}

Bytes encode_length(std::size_t length) {
    assert(length < 1U << 24);
    auto octet = [&](int shift) { return static_cast<std::uint8_t>(length >> shift); };
    if (length < 0x80) return {octet(0)};
    if (length < 0x100) return {0x81, octet(0)};
    if (length < 0x10000) return {0x82, octet(8), octet(0)};
    return {0x83, octet(16), octet(8), octet(0)};
}

Bytes encode_tag(Tag tag) {
    Bytes bytes;
    if (tag > 0xFFFF) bytes.push_back(static_cast<std::uint8_t>(tag >> 16));
    if (tag > 0xFF) bytes.push_back(static_cast<std::uint8_t>(tag >> 8));
    bytes.push_back(static_cast<std::uint8_t>(tag));
    return bytes;
}

Bytes encode_tlv(Tag tag, BytesView value) {
    return concat(encode_tag(tag), encode_length(value.size()), value);
}

}  // namespace oti
