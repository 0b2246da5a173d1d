// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.math
#include <algorithm>
#include <bit>

#include "javacard/extensions.h"
#include "javacard/framework.h"
#include "javacard/machine.h"
#include "javacard/natural.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr ClassId kBigNumber{kMath, 1};
constexpr std::uint8_t kBcd = 1, kHex = 2;
/// Bytes of the largest number, in binary form; at least 8.
constexpr std::int32_t kMaxBytes = 32;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

Guest<Value> get_max_bytes(NativeCall&) {
    return Value::of_short(kMaxBytes);
}

auto arithmetic() {
    return throw_(exception::kArithmetic);
}

/// (bArray, bOff, bLen, …): bytes that are some number, not none.
Guest<ByteRange> operand_at(NativeCall& call, std::size_t index) {
    OTI_TRY(auto range, call.bytes_at(index, call.short_at(index + 1), call.short_at(index + 2)));
    if (range.length == 0) return arithmetic();
    // Converting is of the second order in size, but of no more than kMaxBytes.
    OTI_CHECK(call.machine().charge(range.length));
    return range;
}

/// (…, outArray, outOff): all of `bytes`; returns how many.
Guest<Value> put(NativeCall& call, BytesView bytes) {
    OTI_TRY(auto out, call.bytes_at(3, call.short_at(4), static_cast<std::int32_t>(bytes.size())));
    OTI_CHECK(call.write(out, bytes));
    return Value::of_short(static_cast<int>(bytes.size()));
}

Guest<Value> convert_to_hex(NativeCall& call) {
    OTI_TRY(auto bcd, operand_at(call, 0));
    auto number = Natural::from_bcd(bcd.view(), kMaxBytes);
    if (!number) return arithmetic();
    return put(call, number->binary());
}

Guest<Value> convert_to_bcd(NativeCall& call) {
    OTI_TRY(auto hex, operand_at(call, 0));
    if (hex.length > kMaxBytes) return arithmetic();
    return put(call, Natural(hex.view()).bcd());
}

Guest<Value> is_bcd_format(NativeCall& call) {
    OTI_TRY(auto bytes, operand_at(call, 0));
    return Value::of_bool(is_bcd(bytes.view()));
}

/// (bArray, bOff, bLen, isEven): bit 1 of each byte makes the number of its ones even, or odd.
Guest<Value> set_parity(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), call.short_at(2)));
    auto bytes = to_bytes(range.view());
    for (auto& byte : bytes) {
        auto seven = static_cast<std::uint8_t>(byte & 0xFE);
        bool is_odd = std::popcount(seven) % 2 != 0;
        byte = static_cast<std::uint8_t>(seven | (is_odd == call.bool_at(3) ? 1 : 0));
    }
    OTI_CHECK(call.write(range, bytes));
    return Value{};
}

// BigNumber: one cell, an array with the number and behind it the maximum, each as long as it may get ------

struct Number {
    Ref ref = kNull;
    std::size_t size = 0;  ///< bytes of each of the two
    Natural value, maximum;
};

Guest<Number> number_of(NativeCall& call, std::size_t index) {
    OTI_TRY(auto* object, call.instance_at(index, kBigNumber));
    auto ref = object->u16(0);
    OTI_TRY(const auto* state, call.heap().get(ref));
    auto view = BytesView(state->data);
    auto size = view.size() / 2;
    return Number{ref, size, Natural(view.first(size)), Natural(view.subspan(size))};
}

/// (bArray, bOff, bLen, arrayFormat) of a method; ArithmeticException if that is no number, or has more bytes
/// than `max_size`.
Guest<Natural> natural_at(NativeCall& call, std::size_t max_size) {
    OTI_TRY(auto range, operand_at(call, 1));
    auto format = static_cast<std::uint8_t>(call.byte_at(4));
    std::optional<Natural> number;
    if (format == kBcd) number = Natural::from_bcd(range.view(), max_size);
    if (format == kHex) number = Natural(range.view());
    if (!number || number->binary().size() > max_size) return arithmetic();
    return *number;
}

Bytes justified(const Bytes& bytes, std::size_t size) {
    return concat(Bytes(size - bytes.size()), bytes);
}

Guest<Value> store(NativeCall& call, const Number& number, const std::optional<Natural>& value) {
    if (!value || *value > number.maximum) return arithmetic();
    OTI_CHECK(call.heap().write(number.ref, 0, justified(value->binary(), number.size)));
    return Value{};
}

Guest<Value> construct(NativeCall& call) {
    auto size = call.short_at(1);
    if (size < 1 || size > kMaxBytes) return arithmetic();
    OTI_TRY(auto state, call.heap().make_array(ObjectKind::kBytes, 2 * size, call.caller()));
    OTI_CHECK(call.heap().write(state, static_cast<std::size_t>(size),
                                Bytes(static_cast<std::size_t>(size), 0xFF)));
    OTI_CHECK(call.set_cell(kBigNumber, 0, state));
    return Value{};
}

Guest<Value> set_maximum(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto maximum, natural_at(call, number.size));
    if (maximum < number.value) return arithmetic();
    OTI_CHECK(call.heap().write(number.ref, number.size, justified(maximum.binary(), number.size)));
    return Value{};
}

Guest<Value> init(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto value, natural_at(call, number.size));
    return store(call, number, value);
}

Guest<Value> add(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto operand, natural_at(call, number.size));
    return store(call, number, number.value + operand);
}

Guest<Value> subtract(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto operand, natural_at(call, number.size));
    return store(call, number, Natural::difference(number.value, operand));
}

/// A factor that alone is too large is none if the number is 0.
Guest<Value> multiply(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto operand, natural_at(call, kMaxBytes));
    return store(call, number, number.value * operand);
}

Value order_of(const Natural& a, const Natural& b) {
    return Value::of_short(a < b ? -1 : a == b ? 0 : 1);
}

Guest<Value> compare_to_number(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto other, number_of(call, 1));
    return order_of(number.value, other.value);
}

/// However large: what is larger than any BigNumber is larger than this one.
Guest<Value> compare_to_bytes(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto range, operand_at(call, 1));
    auto format = static_cast<std::uint8_t>(call.byte_at(4));
    if (format == kHex) return order_of(number.value, Natural(range.view()));
    if (format != kBcd || !is_bcd(range.view())) return arithmetic();
    auto operand = Natural::from_bcd(range.view(), kMaxBytes);
    return operand ? order_of(number.value, *operand) : Value::of_short(-1);
}

Guest<Bytes> formatted(const Natural& number, std::int8_t format) {
    if (format == kHex) return number.binary();
    if (format == kBcd) return number.bcd();
    return arithmetic();
}

Guest<Value> to_byte_array(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto bytes, formatted(number.value, call.byte_at(4)));
    if (range.length < bytes.size()) return arithmetic();
    OTI_CHECK(call.write(range, justified(bytes, range.length)));
    return Value{};
}

Guest<Value> get_byte_length(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    OTI_TRY(auto bytes, formatted(number.value, call.byte_at(1)));
    return Value::of_short(static_cast<int>(bytes.size()));
}

Guest<Value> reset(NativeCall& call) {
    OTI_TRY(auto number, number_of(call, 0));
    return store(call, number, Natural());
}

constexpr NativeMethod kBcdUtil[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "getMaxBytesSupported", "()S", get_max_bytes},
    {kStatic, 2, "convertToHex", "([BSS[BS)S", convert_to_hex},
    {kStatic, 3, "convertToBCD", "([BSS[BS)S", convert_to_bcd},
    {kStatic, 4, "isBCDFormat", "([BSS)Z", is_bcd_format},
};
constexpr NativeMethod kNumber[] = {
    {kConstructor, 0, "<init>", "(S)V", construct},
    {kStatic, 1, "getMaxBytesSupported", "()S", get_max_bytes},
    {kVirtual, 1, "setMaximum", "([BSSB)V", set_maximum},
    {kVirtual, 2, "init", "([BSSB)V", init},
    {kVirtual, 3, "add", "([BSSB)V", add},
    {kVirtual, 4, "subtract", "([BSSB)V", subtract},
    {kVirtual, 5, "multiply", "([BSSB)V", multiply},
    {kVirtual, 6, "compareTo", "(Ljavacardx/framework/math/BigNumber;)B", compare_to_number},
    {kVirtual, 7, "compareTo", "([BSSB)B", compare_to_bytes},
    {kVirtual, 8, "toBytes", "([BSSB)V", to_byte_array},
    {kVirtual, 9, "getByteLength", "(B)S", get_byte_length},
    {kVirtual, 10, "reset", "()V", reset},
};
constexpr NativeMethod kParityBit[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "set", "([BSSZ)V", set_parity},
};
constexpr ClassId kObject{kJavaLang, 0};
constexpr NativeClass kClasses[] = {
    {.token = 0, .name = "BCDUtil", .super = kObject, .methods = kBcdUtil},
    {.token = 1, .name = "BigNumber", .super = kObject, .cells = 1, .references = 1, .methods = kNumber},
    {.token = 2, .name = "ParityBit", .super = kObject, .methods = kParityBit},
};
constexpr NativePackage kPackage{kMath, "javacardx.framework.math", "A000000062020802", {1, 0}, kClasses};

}  // namespace

const NativePackage& math() {
    return kPackage;
}

}  // namespace oti::javacard
