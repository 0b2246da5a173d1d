// SPDX-License-Identifier: Apache-2.0
// BER-TLV as ISO/IEC 7816-4, 5.2.2 uses it: tags of 1 to 3 octets, definite lengths of 1 to 4 octets.
#pragma once

#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "base/bytes.h"
#include "base/result.h"

namespace oti {

/// A tag with its octets as a number: `4F`, `9F70`, `5F50`.
using Tag = std::uint32_t;

/// One data object; `value` points into the buffer that was read.
struct Tlv {
    Tag tag = 0;
    BytesView value;
};

/// Reads a tag. Error `parse.invalid` for more than 3 octets.
Result<Tag> read_tag(ByteReader& reader);
/// Reads a BER length; the forms `00..7F`, `81`, `82`, `83` are accepted, also where a shorter one would do.
Result<std::size_t> read_length(ByteReader& reader);
Result<Tlv> read_tlv(ByteReader& reader);
/// All data objects of a buffer, in order.
Result<std::vector<Tlv>> read_all_tlv(BytesView bytes, std::string_view what);
/// The first object with this tag, if any.
std::optional<BytesView> find(const std::vector<Tlv>& objects, Tag tag);

/// The shortest form of a BER length; below 2^24.
Bytes encode_length(std::size_t length);
Bytes encode_tag(Tag tag);
Bytes encode_tlv(Tag tag, BytesView value);

}  // namespace oti
