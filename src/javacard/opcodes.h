// SPDX-License-Identifier: Apache-2.0
// The instruction set (JCVM specification 3.0.5, chapters 7 and 8), written once: what follows each opcode.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace oti::javacard {

enum class Operands : std::uint8_t {
    kNone,
    kByte,  ///< a constant
    kShort,
    kInt,
    kLocal,      ///< index of a local variable
    kLocalByte,  ///< that, and a constant
    kLocalShort,
    kBranch,      ///< signed offset from the opcode, 1 byte
    kWideBranch,  ///< 2 bytes
    kConstant8,   ///< index into the constant pool, 1 byte
    kConstant16,  ///< 2 bytes
    kInterface,   ///< argument words, index, token
    kArrayType,   ///< T_BOOLEAN to T_INT
    kTypeCheck,   ///< array type or 0, index
    kWords,       ///< two nibbles
    kTableShort,  ///< default, low, high, offsets
    kTableInt,
    kLookupShort,  ///< default, count, pairs
    kLookupInt,
};

/// What a local variable, field or constant that an instruction names must be.
enum class Type : std::uint8_t { kNone, kReference, kByte, kShort, kInt };

struct Opcode {
    std::string_view mnemonic;
    Operands operands = Operands::kNone;
    Type type = Type::kNone;
    std::int8_t local = -1;  ///< which local variable the opcode itself names
    bool falls_through = true;
};

inline constexpr std::uint8_t kSload0 = 28, kGoto = 112, kJsr = 113, kRet = 114, kGetstaticA = 123,
                              kPutstaticI = 130, kGetfieldA = 131, kInvokevirtual = 139, kInvokespecial = 140,
                              kInvokestatic = 141, kInvokeinterface = 142, kNew = 143, kNewarray = 144,
                              kAnewarray = 145, kCheckcast = 148, kInstanceof = 149, kGotoW = 168, kDupX = 63,
                              kSwapX = 64;

/// By number; 185 to 255 are no instructions.
inline constexpr std::array<Opcode, 185> kOpcodes = [] {
    using enum Operands;
    constexpr auto kR = Type::kReference;
    return std::array<Opcode, 185>{{
        {"nop"},
        {"aconst_null"},
        {"sconst_m1"},
        {"sconst_0"},
        {"sconst_1"},
        {"sconst_2"},
        {"sconst_3"},
        {"sconst_4"},
        {"sconst_5"},
        {"iconst_m1"},
        {"iconst_0"},
        {"iconst_1"},
        {"iconst_2"},
        {"iconst_3"},
        {"iconst_4"},
        {"iconst_5"},
        {"bspush", kByte},
        {"sspush", Operands::kShort},
        {"bipush", Operands::kByte},
        {"sipush", Operands::kShort},
        {"iipush", Operands::kInt},
        {"aload", kLocal, kR},
        {"sload", kLocal, Type::kShort},
        {"iload", kLocal, Type::kInt},
        {"aload_0", kNone, kR, 0},
        {"aload_1", kNone, kR, 1},
        {"aload_2", kNone, kR, 2},
        {"aload_3", kNone, kR, 3},
        {"sload_0", kNone, Type::kShort, 0},
        {"sload_1", kNone, Type::kShort, 1},
        {"sload_2", kNone, Type::kShort, 2},
        {"sload_3", kNone, Type::kShort, 3},
        {"iload_0", kNone, Type::kInt, 0},
        {"iload_1", kNone, Type::kInt, 1},
        {"iload_2", kNone, Type::kInt, 2},
        {"iload_3", kNone, Type::kInt, 3},
        {"aaload"},
        {"baload"},
        {"saload"},
        {"iaload"},
        {"astore", kLocal, kR},
        {"sstore", kLocal, Type::kShort},
        {"istore", kLocal, Type::kInt},
        {"astore_0", kNone, kR, 0},
        {"astore_1", kNone, kR, 1},
        {"astore_2", kNone, kR, 2},
        {"astore_3", kNone, kR, 3},
        {"sstore_0", kNone, Type::kShort, 0},
        {"sstore_1", kNone, Type::kShort, 1},
        {"sstore_2", kNone, Type::kShort, 2},
        {"sstore_3", kNone, Type::kShort, 3},
        {"istore_0", kNone, Type::kInt, 0},
        {"istore_1", kNone, Type::kInt, 1},
        {"istore_2", kNone, Type::kInt, 2},
        {"istore_3", kNone, Type::kInt, 3},
        {"aastore"},
        {"bastore"},
        {"sastore"},
        {"iastore"},
        {"pop"},
        {"pop2"},
        {"dup"},
        {"dup2"},
        {"dup_x", kWords},
        {"swap_x", kWords},
        {"sadd"},
        {"iadd"},
        {"ssub"},
        {"isub"},
        {"smul"},
        {"imul"},
        {"sdiv"},
        {"idiv"},
        {"srem"},
        {"irem"},
        {"sneg"},
        {"ineg"},
        {"sshl"},
        {"ishl"},
        {"sshr"},
        {"ishr"},
        {"sushr"},
        {"iushr"},
        {"sand"},
        {"iand"},
        {"sor"},
        {"ior"},
        {"sxor"},
        {"ixor"},
        {"sinc", kLocalByte, Type::kShort},
        {"iinc", kLocalByte, Type::kInt},
        {"s2b"},
        {"s2i"},
        {"i2b"},
        {"i2s"},
        {"icmp"},
        {"ifeq", kBranch},
        {"ifne", kBranch},
        {"iflt", kBranch},
        {"ifge", kBranch},
        {"ifgt", kBranch},
        {"ifle", kBranch},
        {"ifnull", kBranch},
        {"ifnonnull", kBranch},
        {"if_acmpeq", kBranch},
        {"if_acmpne", kBranch},
        {"if_scmpeq", kBranch},
        {"if_scmpne", kBranch},
        {"if_scmplt", kBranch},
        {"if_scmpge", kBranch},
        {"if_scmpgt", kBranch},
        {"if_scmple", kBranch},
        {"goto", kBranch, Type::kNone, -1, false},
        {"jsr", kWideBranch},
        {"ret", kLocal, Type::kNone, -1, false},
        {"stableswitch", kTableShort, Type::kNone, -1, false},
        {"itableswitch", kTableInt, Type::kNone, -1, false},
        {"slookupswitch", kLookupShort, Type::kNone, -1, false},
        {"ilookupswitch", kLookupInt, Type::kNone, -1, false},
        {"areturn", kNone, Type::kNone, -1, false},
        {"sreturn", kNone, Type::kNone, -1, false},
        {"ireturn", kNone, Type::kNone, -1, false},
        {"return", kNone, Type::kNone, -1, false},
        {"getstatic_a", kConstant16, kR},
        {"getstatic_b", kConstant16, Type::kByte},
        {"getstatic_s", kConstant16, Type::kShort},
        {"getstatic_i", kConstant16, Type::kInt},
        {"putstatic_a", kConstant16, kR},
        {"putstatic_b", kConstant16, Type::kByte},
        {"putstatic_s", kConstant16, Type::kShort},
        {"putstatic_i", kConstant16, Type::kInt},
        {"getfield_a", kConstant8, kR},
        {"getfield_b", kConstant8, Type::kByte},
        {"getfield_s", kConstant8, Type::kShort},
        {"getfield_i", kConstant8, Type::kInt},
        {"putfield_a", kConstant8, kR},
        {"putfield_b", kConstant8, Type::kByte},
        {"putfield_s", kConstant8, Type::kShort},
        {"putfield_i", kConstant8, Type::kInt},
        {"invokevirtual", kConstant16},
        {"invokespecial", kConstant16},
        {"invokestatic", kConstant16},
        {"invokeinterface", kInterface},
        {"new", kConstant16},
        {"newarray", kArrayType},
        {"anewarray", kConstant16},
        {"arraylength"},
        {"athrow", kNone, Type::kNone, -1, false},
        {"checkcast", kTypeCheck},
        {"instanceof", kTypeCheck},
        {"sinc_w", kLocalShort, Type::kShort},
        {"iinc_w", kLocalShort, Type::kInt},
        {"ifeq_w", kWideBranch},
        {"ifne_w", kWideBranch},
        {"iflt_w", kWideBranch},
        {"ifge_w", kWideBranch},
        {"ifgt_w", kWideBranch},
        {"ifle_w", kWideBranch},
        {"ifnull_w", kWideBranch},
        {"ifnonnull_w", kWideBranch},
        {"if_acmpeq_w", kWideBranch},
        {"if_acmpne_w", kWideBranch},
        {"if_scmpeq_w", kWideBranch},
        {"if_scmpne_w", kWideBranch},
        {"if_scmplt_w", kWideBranch},
        {"if_scmpge_w", kWideBranch},
        {"if_scmpgt_w", kWideBranch},
        {"if_scmple_w", kWideBranch},
        {"goto_w", kWideBranch, Type::kNone, -1, false},
        {"getfield_a_w", kConstant16, kR},
        {"getfield_b_w", kConstant16, Type::kByte},
        {"getfield_s_w", kConstant16, Type::kShort},
        {"getfield_i_w", kConstant16, Type::kInt},
        {"getfield_a_this", kConstant8, kR},
        {"getfield_b_this", kConstant8, Type::kByte},
        {"getfield_s_this", kConstant8, Type::kShort},
        {"getfield_i_this", kConstant8, Type::kInt},
        {"putfield_a_w", kConstant16, kR},
        {"putfield_b_w", kConstant16, Type::kByte},
        {"putfield_s_w", kConstant16, Type::kShort},
        {"putfield_i_w", kConstant16, Type::kInt},
        {"putfield_a_this", kConstant8, kR},
        {"putfield_b_this", kConstant8, Type::kByte},
        {"putfield_s_this", kConstant8, Type::kShort},
        {"putfield_i_this", kConstant8, Type::kInt},
    }};
}();

/// The array types of newarray, checkcast and instanceof (table 7-2).
inline constexpr std::uint8_t kTypeBoolean = 10, kTypeByte = 11, kTypeShort = 12, kTypeInt = 13,
                              kTypeReference = 14;

inline bool is_instance_field_access(std::uint8_t opcode) {
    return (opcode >= kGetfieldA && opcode < kInvokevirtual) || opcode > kGotoW;
}
inline bool is_static_field_access(std::uint8_t opcode) {
    return opcode >= kGetstaticA && opcode <= kPutstaticI;
}

}  // namespace oti::javacard
