// SPDX-License-Identifier: Apache-2.0
// Arithmetic of ints: the high word lies below the low one.
#include <limits>

#include "javacard/execution.h"

namespace oti::javacard {
namespace {

enum class Operation : std::uint8_t { kAdd, kSub, kMul, kShl, kShr, kUshr, kAnd, kOr, kXor };

constexpr std::uint32_t kShiftMask = 0x1F;

/// In unsigned numbers, which wrap around as the specification's do.
template <Operation operation>
std::uint32_t compute(std::uint32_t a, std::uint32_t b) {
    switch (operation) {
        case Operation::kAdd:
            return a + b;
        case Operation::kSub:
            return a - b;
        case Operation::kMul:
            return a * b;
        case Operation::kShl:
            return a << (b & kShiftMask);
        case Operation::kShr:
            return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) >> (b & kShiftMask));
        case Operation::kUshr:
            return a >> (b & kShiftMask);
        case Operation::kAnd:
            return a & b;
        case Operation::kOr:
            return a | b;
        case Operation::kXor:
            return a ^ b;
    }
}

#define OTI_NEEDS_INT(below)   \
    OTI_NEEDS(below, kIntLow); \
    OTI_NEEDS((below) + 1, kIntHigh)

void put(Slot* high, std::int32_t value) {
    high[0] = Slot::high_of(value);
    high[1] = Slot::low_of(value);
}

template <Operation operation>
Exit binary(OTI_REGISTERS) {
    OTI_NEEDS_INT(0);
    OTI_NEEDS_INT(2);
    auto result = compute<operation>(static_cast<std::uint32_t>(int_of(sp[-3], sp[-2])),
                                     static_cast<std::uint32_t>(int_of(sp[-1], sp[0])));
    sp -= 2;
    put(sp - 1, static_cast<std::int32_t>(result));
    OTI_NEXT(1);
}

template <bool remainder>
Exit divide(OTI_REGISTERS) {
    OTI_NEEDS_INT(0);
    OTI_NEEDS_INT(2);
    auto a = int_of(sp[-3], sp[-2]);
    auto b = int_of(sp[-1], sp[0]);
    if (b == 0) OTI_RAISE(exception::kArithmetic);
    // The one quotient that has no room in 32 bits is the dividend itself (7.5.38).
    bool overflows = a == std::numeric_limits<std::int32_t>::min() && b == -1;
    sp -= 2;
    put(sp - 1, remainder ? (overflows ? 0 : a % b) : (overflows ? a : a / b));
    OTI_NEXT(1);
}

Exit ineg(OTI_REGISTERS) {
    OTI_NEEDS_INT(0);
    put(sp - 1, static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(int_of(sp[-1], sp[0]))));
    OTI_NEXT(1);
}

template <typename Narrow>
Exit narrow(OTI_REGISTERS) {
    OTI_NEEDS_INT(0);
    auto value = static_cast<Narrow>(int_of(sp[-1], sp[0]));
    *--sp = Slot::of_short(value);
    OTI_NEXT(1);
}

Exit icmp(OTI_REGISTERS) {
    OTI_NEEDS_INT(0);
    OTI_NEEDS_INT(2);
    auto a = int_of(sp[-3], sp[-2]);
    auto b = int_of(sp[-1], sp[0]);
    sp -= 3;
    *sp = Slot::of_short(a < b ? -1 : a > b ? 1 : 0);
    OTI_NEXT(1);
}

template <bool wide>
Exit iinc(OTI_REGISTERS) {
    auto* words = locals + pc[1];
    if (words[0].tag != Tag::kIntHigh || words[1].tag != Tag::kIntLow) {
        OTI_STOP("a local variable is of another type");
    }
    auto by = static_cast<std::uint32_t>(wide ? s16_at(pc + 2) : s8_at(pc + 2));
    put(words, static_cast<std::int32_t>(static_cast<std::uint32_t>(int_of(words[0], words[1])) + by));
    OTI_NEXT(wide ? 4 : 3);
}

}  // namespace

void add_int_instructions(InstructionTable& table) {
    table[66] = binary<Operation::kAdd>;
    table[68] = binary<Operation::kSub>;
    table[70] = binary<Operation::kMul>;
    table[72] = divide<false>;
    table[74] = divide<true>;
    table[76] = ineg;
    table[78] = binary<Operation::kShl>;
    table[80] = binary<Operation::kShr>;
    table[82] = binary<Operation::kUshr>;
    table[84] = binary<Operation::kAnd>;
    table[86] = binary<Operation::kOr>;
    table[88] = binary<Operation::kXor>;
    table[90] = iinc<false>;
    table[93] = narrow<std::int8_t>;
    table[94] = narrow<std::int16_t>;
    table[95] = icmp;
    table[151] = iinc<true>;
}

}  // namespace oti::javacard
