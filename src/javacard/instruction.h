// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::javacard {

/// One instruction with its operands.
struct Instruction {
    std::uint8_t opcode = 0;
    std::size_t size = 0;  ///< in bytes, opcode included
    std::optional<std::size_t> local = {};
    std::optional<std::size_t> constant = {};  ///< index into the constant pool
    bool takes_this = false;
    std::uint8_t array_type = 0;
    std::uint8_t words = 0;                  ///< of dup_x and swap_x
    std::vector<std::int32_t> targets = {};  ///< where it may branch to, from the opcode
};

/// The instruction at `offset` of `code`. Error `javacard.verify`: no opcode, or its operands are cut off.
Result<Instruction> decode(BytesView code, std::size_t offset);

}  // namespace oti::javacard
