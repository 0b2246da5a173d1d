// SPDX-License-Identifier: Apache-2.0
#include "seram/cbor.h"

#include <fmt/format.h>

namespace oti::seram {
namespace {

// Values of the low five bits of a head (RFC 8949, 3): beyond 23, how many octets the argument has.
constexpr unsigned kOneOctet = 24, kTwoOctets = 25, kFourOctets = 26, kEightOctets = 27;

}  // namespace

CborWriter& CborWriter::head(unsigned major, std::uint64_t argument) {
    unsigned type = major << 5;
    if (argument < kOneOctet) {
        writer_.u8(type | static_cast<unsigned>(argument));
    } else if (argument <= 0xFF) {
        writer_.u8(type | kOneOctet).u8(static_cast<unsigned>(argument));
    } else if (argument <= 0xFFFF) {
        writer_.u8(type | kTwoOctets).u16(static_cast<unsigned>(argument));
    } else if (argument <= 0xFFFF'FFFF) {
        writer_.u8(type | kFourOctets).u32(static_cast<std::uint32_t>(argument));
    } else {
        writer_.u8(type | kEightOctets).u32(static_cast<std::uint32_t>(argument >> 32));
        writer_.u32(static_cast<std::uint32_t>(argument));
    }
    return *this;
}

CborWriter& CborWriter::bytes(BytesView value) {
    head(2, value.size());
    writer_.put(value);
    return *this;
}

CborWriter& CborWriter::text(std::string_view value) {
    head(3, value.size());
    writer_.put(as_bytes(value));
    return *this;
}

std::unexpected<Error> CborReader::invalid(std::string_view why) const {
    return fail(ErrorKind::kIo, "seram.invalid",
                fmt::format("{}: {} at byte {}", what_, why, reader_.offset()));
}

Result<std::uint64_t> CborReader::head(unsigned major, std::uint64_t max) {
    auto first = reader_.u8();
    if (!first) return invalid("the message is cut off");
    if (static_cast<unsigned>(*first) >> 5 != major) return invalid("another type than expected");
    unsigned low = *first & 0x1FU;
    std::uint64_t argument = low;
    if (low >= kOneOctet) {
        if (low > kEightOctets) return invalid("an indefinite length or a reserved head");
        std::size_t octets = std::size_t{1} << (low - kOneOctet);
        auto value = reader_.take(octets);
        if (!value) return invalid("the message is cut off");
        argument = 0;
        for (auto octet : *value) argument = argument << 8 | octet;
        std::uint64_t least = low == kOneOctet ? kOneOctet : std::uint64_t{1} << (octets / 2 * 8);
        if (argument < least) return invalid("a head that is not the shortest");
    }
    if (argument > max) return invalid("a value or length out of bounds");
    return argument;
}

Result<std::uint64_t> CborReader::unsigned_integer(std::uint64_t max) {
    return head(0, max);
}

Result<BytesView> CborReader::bytes(std::size_t max) {
    OTI_TRY(auto size, head(2, max));
    auto value = reader_.take(size);
    if (!value) return invalid("the message is cut off");
    return value;
}

Result<std::string> CborReader::text(std::size_t max) {
    OTI_TRY(auto size, head(3, max));
    auto value = reader_.take(size);
    if (!value) return invalid("the message is cut off");
    return as_text(*value);
}

Result<std::size_t> CborReader::array(std::size_t max) {
    return head(4, max);
}

Status CborReader::array_of(std::size_t count) {
    OTI_TRY(auto actual, head(4, 0xFFFF));
    if (actual != count) return invalid("an array of another length than expected");
    return {};
}

Status CborReader::expect_end() const {
    if (!reader_.empty()) return invalid("more than one item");
    return {};
}

}  // namespace oti::seram
