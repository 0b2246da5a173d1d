// SPDX-License-Identifier: Apache-2.0
// Branches and subroutines. The verifier has seen where they lead.
#include "javacard/execution.h"

namespace oti::javacard {
namespace {

enum class Condition : std::uint8_t { kEq, kNe, kLt, kGe, kGt, kLe };

template <Condition condition>
bool holds(int a, int b) {
    switch (condition) {
        case Condition::kEq:
            return a == b;
        case Condition::kNe:
            return a != b;
        case Condition::kLt:
            return a < b;
        case Condition::kGe:
            return a >= b;
        case Condition::kGt:
            return a > b;
        case Condition::kLe:
            return a <= b;
    }
}

template <bool wide>
int distance(const std::uint8_t* pc) {
    return wide ? s16_at(pc + 1) : s8_at(pc + 1);
}
template <bool wide>
constexpr int kSize = wide ? 3 : 2;

template <Condition condition, bool wide>
Exit if_zero(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    bool taken = holds<condition>((sp--)->as_short(), 0);
    OTI_NEXT(taken ? distance<wide>(pc) : kSize<wide>);
}

template <Condition condition, bool wide>
Exit if_null(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    bool taken = holds<condition>((sp--)->value, kNull);
    OTI_NEXT(taken ? distance<wide>(pc) : kSize<wide>);
}

template <Condition condition, bool wide, Tag tag>
Exit if_compare(OTI_REGISTERS) {
    if (sp[0].tag != tag || sp[-1].tag != tag) OTI_STOP("a word on the operand stack is of another type");
    bool taken = holds<condition>(sp[-1].as_short(), sp[0].as_short());
    sp -= 2;
    OTI_NEXT(taken ? distance<wide>(pc) : kSize<wide>);
}

template <bool wide>
Exit go_to(OTI_REGISTERS) {
    OTI_NEXT(distance<wide>(pc));
}

Exit jsr(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    auto next = pc + 3 - x.frame.method->package->code.data();
    *++sp = {static_cast<std::uint16_t>(next), Tag::kReturnAddress};
    OTI_NEXT(distance<true>(pc));
}

/// A return address of another method may have been passed as an argument: it is none here.
Exit ret(OTI_REGISTERS) {
    auto target = locals[pc[1]];
    const auto& method = *x.frame.method;
    bool known = target.tag == Tag::kReturnAddress && target.value >= method.begin &&
                 target.value < method.end && method.package->instructions[target.value];
    if (!known) OTI_STOP("a local variable is no return address of this method");
    OTI_NEXT(method.package->code.data() + target.value - pc);
}

template <Condition condition>
void add_comparisons(InstructionTable& table, int of_zero, int of_shorts) {
    constexpr int kWide = 152 - 96;
    table[static_cast<std::size_t>(of_zero)] = if_zero<condition, false>;
    table[static_cast<std::size_t>(of_zero + kWide)] = if_zero<condition, true>;
    table[static_cast<std::size_t>(of_shorts)] = if_compare<condition, false, Tag::kShort>;
    table[static_cast<std::size_t>(of_shorts + kWide)] = if_compare<condition, true, Tag::kShort>;
}

}  // namespace

void add_branch_instructions(InstructionTable& table) {
    add_comparisons<Condition::kEq>(table, 96, 106);
    add_comparisons<Condition::kNe>(table, 97, 107);
    add_comparisons<Condition::kLt>(table, 98, 108);
    add_comparisons<Condition::kGe>(table, 99, 109);
    add_comparisons<Condition::kGt>(table, 100, 110);
    add_comparisons<Condition::kLe>(table, 101, 111);
    table[102] = if_null<Condition::kEq, false>;
    table[103] = if_null<Condition::kNe, false>;
    table[104] = if_compare<Condition::kEq, false, Tag::kReference>;
    table[105] = if_compare<Condition::kNe, false, Tag::kReference>;
    table[112] = go_to<false>;
    table[113] = jsr;
    table[114] = ret;
    table[158] = if_null<Condition::kEq, true>;
    table[159] = if_null<Condition::kNe, true>;
    table[160] = if_compare<Condition::kEq, true, Tag::kReference>;
    table[161] = if_compare<Condition::kNe, true, Tag::kReference>;
    table[168] = go_to<true>;
}

}  // namespace oti::javacard
