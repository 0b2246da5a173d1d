// SPDX-License-Identifier: Apache-2.0
// javacard.framework.Util
#include <algorithm>
#include <array>

#include "javacard/framework.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

/// (src, srcOff, dest, destOff, length): both ranges, the source first, as the bytes would be read.
struct Copy {
    ByteRange from;
    ByteRange to;
};

Guest<Copy> copy_of(NativeCall& call) {
    Copy copy;
    OTI_TRY(copy.from, call.bytes_at(0, call.short_at(1), call.short_at(4)));
    OTI_TRY(copy.to, call.bytes_at(2, call.short_at(3), call.short_at(4)));
    return copy;
}

/// The offset behind the destination, which copying and filling return.
Value end_of(const ByteRange& range) {
    return Value::of_short(static_cast<int>(range.offset + range.length));
}

Guest<Value> array_compare(NativeCall& call) {
    OTI_TRY(auto ranges, copy_of(call));
    auto order = std::ranges::mismatch(ranges.from.view(), ranges.to.view());
    if (order.in1 == ranges.from.view().end()) return Value::of_short(0);
    // Bytes have a sign in Java; the API does not say that they are to be compared without.
    bool less = static_cast<std::int8_t>(*order.in1) < static_cast<std::int8_t>(*order.in2);
    return Value::of_short(less ? -1 : 1);
}

Guest<Value> array_copy(NativeCall& call) {
    OTI_TRY(auto ranges, copy_of(call));
    OTI_CHECK(call.write(ranges.to, ranges.from.view()));
    return end_of(ranges.to);
}

Guest<Value> array_copy_non_atomic(NativeCall& call) {
    OTI_TRY(auto ranges, copy_of(call));
    call.write_non_atomic(ranges.to, ranges.from.view());
    return end_of(ranges.to);
}

Guest<Value> array_fill(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), call.short_at(2)));
    OTI_CHECK(call.write(range, Bytes(range.length, static_cast<std::uint8_t>(call.byte_at(3)))));
    return end_of(range);
}

Guest<Value> array_fill_non_atomic(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), call.short_at(2)));
    call.write_non_atomic(range, Bytes(range.length, static_cast<std::uint8_t>(call.byte_at(3))));
    return end_of(range);
}

Guest<Value> get_short(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), 2));
    return Value::of_short(range.view()[0] << 8 | range.view()[1]);
}

Guest<Value> set_short(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), 2));
    auto value = static_cast<std::uint16_t>(call.short_at(2));
    OTI_CHECK(call.write(
        range, std::array{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)}));
    return end_of(range);
}

Guest<Value> make_short(NativeCall& call) {
    return Value::of_short(call.byte_at(0) << 8 | (call.byte_at(1) & 0xFF));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "arrayCompare", "([BS[BSS)B", array_compare},
    {kStatic, 1, "arrayCopy", "([BS[BSS)S", array_copy},
    {kStatic, 2, "arrayCopyNonAtomic", "([BS[BSS)S", array_copy_non_atomic},
    {kStatic, 3, "arrayFillNonAtomic", "([BSSB)S", array_fill_non_atomic},
    {kStatic, 4, "getShort", "([BS)S", get_short},
    {kStatic, 5, "makeShort", "(BB)S", make_short},
    {kStatic, 6, "setShort", "([BSS)S", set_short},
    {kStatic, 7, "arrayFill", "([BSSB)S", array_fill},
};

}  // namespace

std::span<const NativeMethod> util_methods() {
    return kMethods;
}

}  // namespace oti::javacard
