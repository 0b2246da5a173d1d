// SPDX-License-Identifier: Apache-2.0
// How instructions are written, of use inside this module only: one function for each, which does its work
// and jumps to the next one's. The registers of the machine are the arguments, so they stay in the
// processor's. No function may have a local with a destructor where it jumps on.
#pragma once

#include <array>
#include <cstdint>

#include "javacard/machine.h"

namespace oti::javacard {

enum class Exit : std::uint8_t { kReturned, kTrapped };

/// `sp` is the last word of the operand stack; below its first is one with Tag::kBottom. `pc` stands at the
/// opcode. What the verifier has checked of an instruction is not checked again.
#define OTI_REGISTERS Running &x, const std::uint8_t *pc, Slot *sp, Slot *locals, std::uint64_t budget
#define OTI_REGISTERS_AS_THEY_ARE x, pc, sp, locals, budget

using InstructionCode = Exit (*)(OTI_REGISTERS);
using InstructionTable = std::array<InstructionCode, 256>;
extern const InstructionTable kInstructions;

// The groups, each in a file of its own.
void add_stack_instructions(InstructionTable& table);
void add_short_instructions(InstructionTable& table);
void add_int_instructions(InstructionTable& table);
void add_branch_instructions(InstructionTable& table);
void add_switch_instructions(InstructionTable& table);
void add_array_instructions(InstructionTable& table);
void add_field_instructions(InstructionTable& table);
void add_object_instructions(InstructionTable& table);
void add_call_instructions(InstructionTable& table);

/// Ends the run: the code does what no verified code does.
Exit stop(OTI_REGISTERS, const char* why);
Exit out_of_budget(OTI_REGISTERS);
/// Throws what x.trap says; goes on at the handler, if there is one.
Exit raise(OTI_REGISTERS);
/// Calls x.callee in x.callee_context with the arguments on the stack; goes on there.
Exit enter(OTI_REGISTERS);

#define OTI_JUMP(function) [[clang::musttail]] return function(OTI_REGISTERS_AS_THEY_ARE)
#define OTI_STOP(why) return stop(OTI_REGISTERS_AS_THEY_ARE, why)
/// An exception of this class, made by the machine.
#define OTI_RAISE(type, ...)                                      \
    do {                                                          \
        x.trap = throw_(type __VA_OPT__(, ) __VA_ARGS__).error(); \
        OTI_JUMP(raise);                                          \
    } while (false)
/// Goes on `distance` bytes from here.
#define OTI_NEXT(distance)                          \
    do {                                            \
        pc += (distance);                           \
        if (--budget == 0) OTI_JUMP(out_of_budget); \
        OTI_JUMP(kInstructions[*pc]);               \
    } while (false)

#define OTI_NEEDS_ROOM(words) \
    if (x.frame.limit - sp < (words)) OTI_STOP("the operand stack overflows")
/// The word `below` the last one is of this kind. Where several are checked, the last one is first: a word
/// below one that passed exists.
#define OTI_NEEDS(below, kind) \
    if (sp[-(below)].tag != Tag::kind) OTI_STOP("a word on the operand stack is of another type")

inline std::int8_t s8_at(const std::uint8_t* place) {
    return static_cast<std::int8_t>(*place);
}
inline std::uint16_t u16_at(const std::uint8_t* place) {
    return static_cast<std::uint16_t>(place[0] << 8 | place[1]);
}
inline std::int16_t s16_at(const std::uint8_t* place) {
    return static_cast<std::int16_t>(u16_at(place));
}
inline std::int32_t s32_at(const std::uint8_t* place) {
    return static_cast<std::int32_t>(std::uint32_t{u16_at(place)} << 16 | u16_at(place + 2));
}
inline const Constant& constant_at(const Running& x, std::size_t index) {
    return x.frame.method->package->constants[index];
}

}  // namespace oti::javacard
