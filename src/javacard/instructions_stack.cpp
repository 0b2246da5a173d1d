// SPDX-License-Identifier: Apache-2.0
// Constants, local variables, and words as such.
#include <algorithm>

#include "javacard/execution.h"

namespace oti::javacard {
namespace {

Exit nop(OTI_REGISTERS) {
    OTI_NEXT(1);
}

Exit aconst_null(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    *++sp = Slot::of_reference(kNull);
    OTI_NEXT(1);
}

template <int value>
Exit sconst(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    *++sp = Slot::of_short(value);
    OTI_NEXT(1);
}

template <int value>
Exit iconst(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(2);
    *++sp = Slot::high_of(value);
    *++sp = Slot::low_of(value);
    OTI_NEXT(1);
}

Exit bspush(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    *++sp = Slot::of_short(s8_at(pc + 1));
    OTI_NEXT(2);
}

Exit sspush(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    *++sp = Slot::of_short(s16_at(pc + 1));
    OTI_NEXT(3);
}

template <int size>
Exit push_int(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(2);
    std::int32_t value = size == 1 ? s8_at(pc + 1) : size == 2 ? s16_at(pc + 1) : s32_at(pc + 1);
    *++sp = Slot::high_of(value);
    *++sp = Slot::low_of(value);
    OTI_NEXT(1 + size);
}

/// The index of a local variable that the opcode names itself; -1: the operand does.
template <int index>
std::size_t local_of(const std::uint8_t* pc) {
    return index >= 0 ? static_cast<std::size_t>(index) : pc[1];
}
template <int index>
constexpr int kSize = index >= 0 ? 1 : 2;

template <Tag tag, int index>
Exit load(OTI_REGISTERS) {
    auto word = locals[local_of<index>(pc)];
    if (word.tag != tag) OTI_STOP("a local variable is of another type");
    OTI_NEEDS_ROOM(1);
    *++sp = word;
    OTI_NEXT(kSize<index>);
}

template <int index>
Exit load_int(OTI_REGISTERS) {
    const auto* words = locals + local_of<index>(pc);
    if (words[0].tag != Tag::kIntHigh || words[1].tag != Tag::kIntLow) {
        OTI_STOP("a local variable is of another type");
    }
    OTI_NEEDS_ROOM(2);
    *++sp = words[0];
    *++sp = words[1];
    OTI_NEXT(kSize<index>);
}

template <int index>
Exit sstore(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    locals[local_of<index>(pc)] = *sp--;
    OTI_NEXT(kSize<index>);
}

/// Return addresses too: that is how a subroutine keeps its own (7.5.9).
template <int index>
Exit astore(OTI_REGISTERS) {
    if (sp->tag != Tag::kReference && sp->tag != Tag::kReturnAddress) {
        OTI_STOP("a word on the operand stack is of another type");
    }
    locals[local_of<index>(pc)] = *sp--;
    OTI_NEXT(kSize<index>);
}

template <int index>
Exit istore(OTI_REGISTERS) {
    OTI_NEEDS(0, kIntLow);
    OTI_NEEDS(1, kIntHigh);
    auto* words = locals + local_of<index>(pc);
    words[1] = *sp--;
    words[0] = *sp--;
    OTI_NEXT(kSize<index>);
}

template <int words>
Exit pop(OTI_REGISTERS) {
    if (sp - x.frame.bottom < words) OTI_STOP("the operand stack underflows");
    sp -= words;
    OTI_NEXT(1);
}

Exit dup(OTI_REGISTERS) {
    if (sp == x.frame.bottom) OTI_STOP("the operand stack underflows");
    OTI_NEEDS_ROOM(1);
    sp[1] = sp[0];
    ++sp;
    OTI_NEXT(1);
}

Exit dup2(OTI_REGISTERS) {
    if (sp - x.frame.bottom < 2) OTI_STOP("the operand stack underflows");
    OTI_NEEDS_ROOM(2);
    sp[1] = sp[-1];
    sp[2] = sp[0];
    sp += 2;
    OTI_NEXT(1);
}

/// The last `m` words once more, `n` words down; 0 is on top (7.5.18).
Exit dup_x(OTI_REGISTERS) {
    std::ptrdiff_t m = pc[1] >> 4;
    std::ptrdiff_t n = pc[1] & 0x0F;
    if (n == 0) n = m;
    if (sp - x.frame.bottom < n) OTI_STOP("the operand stack underflows");
    OTI_NEEDS_ROOM(m);
    std::copy_backward(sp + 1 - n, sp + 1, sp + 1 + m);
    sp += m;
    std::copy(sp + 1 - m, sp + 1, sp + 1 - n - m);
    OTI_NEXT(2);
}

Exit swap_x(OTI_REGISTERS) {
    std::ptrdiff_t m = pc[1] >> 4;
    std::ptrdiff_t n = pc[1] & 0x0F;
    if (sp - x.frame.bottom < m + n) OTI_STOP("the operand stack underflows");
    std::rotate(sp + 1 - m - n, sp + 1 - m, sp + 1);
    OTI_NEXT(2);
}

}  // namespace

void add_stack_instructions(InstructionTable& table) {
    table[0] = nop;
    table[1] = aconst_null;
    table[2] = sconst<-1>;
    table[3] = sconst<0>;
    table[4] = sconst<1>;
    table[5] = sconst<2>;
    table[6] = sconst<3>;
    table[7] = sconst<4>;
    table[8] = sconst<5>;
    table[9] = iconst<-1>;
    table[10] = iconst<0>;
    table[11] = iconst<1>;
    table[12] = iconst<2>;
    table[13] = iconst<3>;
    table[14] = iconst<4>;
    table[15] = iconst<5>;
    table[16] = bspush;
    table[17] = sspush;
    table[18] = push_int<1>;
    table[19] = push_int<2>;
    table[20] = push_int<4>;
    table[21] = load<Tag::kReference, -1>;
    table[22] = load<Tag::kShort, -1>;
    table[23] = load_int<-1>;
    table[24] = load<Tag::kReference, 0>;
    table[25] = load<Tag::kReference, 1>;
    table[26] = load<Tag::kReference, 2>;
    table[27] = load<Tag::kReference, 3>;
    table[28] = load<Tag::kShort, 0>;
    table[29] = load<Tag::kShort, 1>;
    table[30] = load<Tag::kShort, 2>;
    table[31] = load<Tag::kShort, 3>;
    table[32] = load_int<0>;
    table[33] = load_int<1>;
    table[34] = load_int<2>;
    table[35] = load_int<3>;
    table[40] = astore<-1>;
    table[41] = sstore<-1>;
    table[42] = istore<-1>;
    table[43] = astore<0>;
    table[44] = astore<1>;
    table[45] = astore<2>;
    table[46] = astore<3>;
    table[47] = sstore<0>;
    table[48] = sstore<1>;
    table[49] = sstore<2>;
    table[50] = sstore<3>;
    table[51] = istore<0>;
    table[52] = istore<1>;
    table[53] = istore<2>;
    table[54] = istore<3>;
    table[59] = pop<1>;
    table[60] = pop<2>;
    table[61] = dup;
    table[62] = dup2;
    table[63] = dup_x;
    table[64] = swap_x;
}

}  // namespace oti::javacard
