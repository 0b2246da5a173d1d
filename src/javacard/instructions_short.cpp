// SPDX-License-Identifier: Apache-2.0
// Arithmetic of shorts. Results are the low 16 bits of what int arithmetic gives (7.5).
#include "javacard/execution.h"

namespace oti::javacard {
namespace {

enum class Operation : std::uint8_t { kAdd, kSub, kMul, kShl, kShr, kUshr, kAnd, kOr, kXor };

constexpr int kShiftMask = 0x1F;

template <Operation operation>
int compute(int a, int b) {
    switch (operation) {
        case Operation::kAdd:
            return a + b;
        case Operation::kSub:
            return a - b;
        case Operation::kMul:
            return a * b;
        case Operation::kShl:
            return static_cast<int>(static_cast<unsigned>(a) << (b & kShiftMask));
        case Operation::kShr:
            return a >> (b & kShiftMask);
        // The operand is sign-extended before it is shifted (7.5.105).
        case Operation::kUshr:
            return static_cast<int>(static_cast<unsigned>(a) >> (b & kShiftMask));
        case Operation::kAnd:
            return a & b;
        case Operation::kOr:
            return a | b;
        case Operation::kXor:
            return a ^ b;
    }
}

template <Operation operation>
Exit binary(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS(1, kShort);
    auto result = compute<operation>(sp[-1].as_short(), sp[0].as_short());
    *--sp = Slot::of_short(result);
    OTI_NEXT(1);
}

template <bool remainder>
Exit divide(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS(1, kShort);
    int a = sp[-1].as_short();
    int b = sp[0].as_short();
    if (b == 0) OTI_RAISE(exception::kArithmetic);
    *--sp = Slot::of_short(remainder ? a % b : a / b);
    OTI_NEXT(1);
}

Exit sneg(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    *sp = Slot::of_short(-sp->as_short());
    OTI_NEXT(1);
}

Exit s2b(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    *sp = Slot::of_short(static_cast<std::int8_t>(sp->value));
    OTI_NEXT(1);
}

Exit s2i(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS_ROOM(1);
    std::int32_t value = sp->as_short();
    sp[0] = Slot::high_of(value);
    *++sp = Slot::low_of(value);
    OTI_NEXT(1);
}

template <bool wide>
Exit sinc(OTI_REGISTERS) {
    auto& local = locals[pc[1]];
    if (local.tag != Tag::kShort) OTI_STOP("a local variable is of another type");
    local = Slot::of_short(local.as_short() + (wide ? s16_at(pc + 2) : s8_at(pc + 2)));
    OTI_NEXT(wide ? 4 : 3);
}

}  // namespace

void add_short_instructions(InstructionTable& table) {
    table[65] = binary<Operation::kAdd>;
    table[67] = binary<Operation::kSub>;
    table[69] = binary<Operation::kMul>;
    table[71] = divide<false>;
    table[73] = divide<true>;
    table[75] = sneg;
    table[77] = binary<Operation::kShl>;
    table[79] = binary<Operation::kShr>;
    table[81] = binary<Operation::kUshr>;
    table[83] = binary<Operation::kAnd>;
    table[85] = binary<Operation::kOr>;
    table[87] = binary<Operation::kXor>;
    table[89] = sinc<false>;
    table[91] = s2b;
    table[92] = s2i;
    table[150] = sinc<true>;
}

}  // namespace oti::javacard
