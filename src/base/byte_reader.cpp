// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"

#include <fmt/format.h>

namespace oti {

Result<BytesView> ByteReader::take(std::size_t count) {
    if (count > rest_.size()) {
        return fail(ErrorKind::kUsage, "parse.truncated",
                    fmt::format("{} is truncated: {} bytes needed at offset {}, {} left", what_, count,
                                offset(), rest_.size()));
    }
    auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

Result<std::uint8_t> ByteReader::u8() {
    OTI_TRY(auto bytes, take(1));
    return bytes[0];
}

Result<std::uint16_t> ByteReader::u16() {
    OTI_TRY(auto bytes, take(2));
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

Result<std::uint32_t> ByteReader::u32() {
    OTI_TRY(auto bytes, take(4));
    std::uint32_t value = 0;
    for (std::uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

Result<BytesView> ByteReader::take_lv() {
    auto before = rest_;
    OTI_TRY(auto length, u8());
    auto value = take(length);
    if (!value) rest_ = before;
    return value;
}

BytesView ByteReader::take_rest() {
    auto rest = rest_;
    rest_ = rest_.subspan(rest_.size());
    return rest;
}

Status ByteReader::skip(std::size_t count) {
    OTI_CHECK(take(count));
    return {};
}

Status ByteReader::expect_end() const {
    if (rest_.empty()) return {};
    return fail(ErrorKind::kUsage, "parse.trailing",
                fmt::format("{} has {} unexpected bytes at offset {}", what_, rest_.size(), offset()));
}

std::unexpected<Error> ByteReader::invalid(std::string_view why) const {
    return fail(ErrorKind::kUsage, "parse.invalid",
                fmt::format("{} is invalid at offset {}: {}", what_, offset(), why));
}

}  // namespace oti
