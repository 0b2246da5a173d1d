// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.string.StringUtil: numbers and booleans as text. A long is 64 bits in four shorts, the
// highest first.
#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "javacard/extension_string.h"

namespace oti::javacard {
namespace {

constexpr std::size_t kLongShorts = 4;

auto bad_number() {
    return throw_(kStringException, string_reason::kIllegalNumberFormat);
}

BytesView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Guest<std::string> ascii_at(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), call.short_at(2)));
    return std::string(range.view().begin(), range.view().end());
}

/// An optional minus, then decimal digits, or hexadecimal ones behind 0x, 0X or #.
Guest<std::int64_t> number_in(std::string_view text) {
    bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    int base = 10;
    for (std::string_view prefix : {"0x", "0X", "#"}) {
        if (!text.starts_with(prefix) || base == 16) continue;
        base = 16;
        text.remove_prefix(prefix.size());
    }
    std::uint64_t magnitude = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (error != std::errc{} || end != text.data() + text.size() || magnitude > kMax + (negative ? 1 : 0)) {
        return bad_number();
    }
    return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

}  // namespace

Guest<Value> text_of_boolean(NativeCall& call) {
    return put_text(call, 1, bytes_of(call.bool_at(0) ? "true" : "false"));
}

Guest<Value> parse_boolean(NativeCall& call) {
    OTI_TRY(auto text, ascii_at(call));
    auto is_same = [](char a, char b) { return a == b || a == b - 'a' + 'A'; };
    return Value::of_bool(std::ranges::equal(text, std::string_view("true"), is_same));
}

Guest<Value> text_of_short(NativeCall& call) {
    return put_text(call, 1, bytes_of(std::to_string(call.short_at(0))));
}

Guest<Value> parse_short(NativeCall& call) {
    OTI_TRY(auto text, ascii_at(call));
    OTI_TRY(auto number, number_in(text));
    if (number < std::numeric_limits<std::int16_t>::min() ||
        number > std::numeric_limits<std::int16_t>::max()) {
        return bad_number();
    }
    return Value::of_short(static_cast<int>(number));
}

Guest<Value> text_of_long(NativeCall& call) {
    OTI_TRY(const auto* array, call.array_at(0, ObjectKind::kShorts));
    if (array->size() == 0 || array->size() > kLongShorts) return bad_number();
    // The sign is that of the highest short.
    auto bits = static_cast<std::uint64_t>(static_cast<std::int16_t>(array->u16(0)));
    for (std::size_t i = 1; i < array->size(); ++i) bits = bits << 16 | array->u16(i);
    return put_text(call, 1, bytes_of(std::to_string(static_cast<std::int64_t>(bits))));
}

/// (aString, offset, length, integer, ioffset): leading shorts that are zero are left out.
Guest<Value> parse_long(NativeCall& call) {
    OTI_TRY(auto text, ascii_at(call));
    OTI_TRY(auto number, number_in(text));
    OTI_TRY(const auto* array, call.array_at(3, ObjectKind::kShorts));
    auto bits = static_cast<std::uint64_t>(number);
    std::size_t count = kLongShorts;
    while (count > 1 && bits >> 16 * (count - 1) == 0) --count;
    auto first = call.short_at(4);
    if (first < 0 || static_cast<std::size_t>(first) + count > array->size()) {
        return throw_(exception::kArrayIndex);
    }
    Bytes shorts;
    for (std::size_t i = 2 * count; i-- > 0;) shorts.push_back(static_cast<std::uint8_t>(bits >> 8 * i));
    OTI_CHECK(call.heap().write(call.ref_at(3), 2 * static_cast<std::size_t>(first), shorts));
    return Value::of_short(static_cast<int>(count));
}

}  // namespace oti::javacard
