// SPDX-License-Identifier: Apache-2.0
#include "javacard/instruction.h"

#include <string>

#include "base/byte_reader.h"
#include "javacard/opcodes.h"

namespace oti::javacard {
namespace {

Result<std::int32_t> branch(ByteReader& reader) {
    OTI_TRY(auto offset, reader.u16());
    return static_cast<std::int16_t>(offset);
}

/// 7.5.106 and 7.5.49: default, low, high, one offset for each number between them.
Status table(ByteReader& reader, Instruction& instruction, bool of_ints) {
    OTI_TRY(auto otherwise, branch(reader));
    instruction.targets.push_back(otherwise);
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (of_ints) {
        OTI_TRY(auto first, reader.u32());
        OTI_TRY(auto last, reader.u32());
        low = static_cast<std::int32_t>(first);
        high = static_cast<std::int32_t>(last);
    } else {
        OTI_TRY(auto first, reader.u16());
        OTI_TRY(auto last, reader.u16());
        low = static_cast<std::int16_t>(first);
        high = static_cast<std::int16_t>(last);
    }
    if (low > high) return reader.invalid("a switch from high to low");
    for (auto i = low; i <= high; ++i) {
        OTI_TRY(auto target, branch(reader));
        instruction.targets.push_back(target);
    }
    return {};
}

/// 7.5.98 and 7.5.44: default, count, pairs in ascending order.
Status lookup(ByteReader& reader, Instruction& instruction, bool of_ints) {
    OTI_TRY(auto otherwise, branch(reader));
    instruction.targets.push_back(otherwise);
    OTI_TRY(auto count, reader.u16());
    std::optional<std::int32_t> previous;
    for (unsigned i = 0; i < count; ++i) {
        std::int32_t match = 0;
        if (of_ints) {
            OTI_TRY(auto value, reader.u32());
            match = static_cast<std::int32_t>(value);
        } else {
            OTI_TRY(match, branch(reader));
        }
        if (previous && match <= *previous) return reader.invalid("a switch that is not in order");
        previous = match;
        OTI_TRY(auto target, branch(reader));
        instruction.targets.push_back(target);
    }
    return {};
}

Status operands(ByteReader& reader, Instruction& instruction) {
    const auto& opcode = kOpcodes[instruction.opcode];
    if (opcode.local >= 0) instruction.local = static_cast<std::size_t>(opcode.local);
    switch (opcode.operands) {
        case Operands::kNone:
            return {};
        case Operands::kByte:
            return reader.skip(1);
        case Operands::kShort:
            return reader.skip(2);
        case Operands::kInt:
            return reader.skip(4);
        case Operands::kLocal:
        case Operands::kLocalByte:
        case Operands::kLocalShort: {
            OTI_TRY(instruction.local, reader.u8());
            auto more = opcode.operands == Operands::kLocal       ? 0U
                        : opcode.operands == Operands::kLocalByte ? 1U
                                                                  : 2U;
            return reader.skip(more);
        }
        case Operands::kBranch: {
            OTI_TRY(auto offset, reader.u8());
            instruction.targets.push_back(static_cast<std::int8_t>(offset));
            return {};
        }
        case Operands::kWideBranch: {
            OTI_TRY(auto target, branch(reader));
            instruction.targets.push_back(target);
            return {};
        }
        case Operands::kConstant8: {
            OTI_TRY(instruction.constant, reader.u8());
            instruction.takes_this = opcode.mnemonic.ends_with("_this");
            return {};
        }
        case Operands::kConstant16: {
            OTI_TRY(instruction.constant, reader.u16());
            return {};
        }
        case Operands::kInterface: {
            OTI_TRY(auto words, reader.u8());
            OTI_TRY(instruction.constant, reader.u16());
            if (words == 0) return reader.invalid("a call without an object");
            return reader.skip(1);
        }
        case Operands::kArrayType: {
            OTI_TRY(instruction.array_type, reader.u8());
            return {};
        }
        case Operands::kTypeCheck: {
            OTI_TRY(instruction.array_type, reader.u8());
            OTI_TRY(instruction.constant, reader.u16());
            return {};
        }
        case Operands::kWords: {
            OTI_TRY(instruction.words, reader.u8());
            return {};
        }
        case Operands::kTableShort:
            return table(reader, instruction, false);
        case Operands::kTableInt:
            return table(reader, instruction, true);
        case Operands::kLookupShort:
            return lookup(reader, instruction, false);
        case Operands::kLookupInt:
            return lookup(reader, instruction, true);
    }
    return {};
}

}  // namespace

Result<Instruction> decode(BytesView code, std::size_t offset) {
    auto wrong = [&](std::string_view why) {
        return fail(ErrorKind::kUsage, "javacard.verify",
                    "Method component, offset " + std::to_string(offset) + ": " + std::string(why));
    };
    ByteReader reader(code.subspan(offset), "instruction");
    OTI_TRY(auto number, reader.u8());
    if (number >= kOpcodes.size()) return wrong("no instruction");
    Instruction instruction{number};
    if (auto status = operands(reader, instruction); !status) return wrong(status.error().message);
    instruction.size = reader.offset();
    return instruction;
}

}  // namespace oti::javacard
