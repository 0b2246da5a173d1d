// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "javacard/types.h"

namespace oti::javacard {

/// A word of an operand stack or of local variables (JCVM specification 3.0.5, 3.5), which knows what it
/// holds: so no bytecode can take a number for a reference, whatever a package claims.
enum class Tag : std::uint8_t {
    kUndefined = 0,  ///< a local variable that nothing was stored in
    kShort,
    kReference,
    kIntHigh,  ///< an int has two words, the high one below
    kIntLow,
    kReturnAddress,  ///< an offset in the Method component, from jsr
    kBottom,         ///< below an operand stack; nothing takes it
};

struct Slot {
    std::uint16_t value = 0;
    Tag tag = Tag::kUndefined;

    static Slot of_short(int value) { return {static_cast<std::uint16_t>(value), Tag::kShort}; }
    static Slot of_reference(Ref ref) { return {ref, Tag::kReference}; }
    static Slot high_of(std::int32_t value) {
        return {static_cast<std::uint16_t>(static_cast<std::uint32_t>(value) >> 16), Tag::kIntHigh};
    }
    static Slot low_of(std::int32_t value) { return {static_cast<std::uint16_t>(value), Tag::kIntLow}; }

    std::int16_t as_short() const { return static_cast<std::int16_t>(value); }
    bool operator==(const Slot&) const = default;
};

inline std::int32_t int_of(Slot high, Slot low) {
    return static_cast<std::int32_t>(std::uint32_t{high.value} << 16 | low.value);
}

}  // namespace oti::javacard
