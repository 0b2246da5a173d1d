// SPDX-License-Identifier: Apache-2.0
// What the class byte of a command says (ISO/IEC 7816-4, 5.4.1), as APDU and APDUUtil tell it.
#pragma once

#include <cstdint>

namespace oti::javacard {

inline bool is_interindustry(std::uint8_t cla) {
    return (cla & 0x80) == 0;
}

inline bool is_command_chaining(std::uint8_t cla) {
    return (cla & 0x10) != 0;
}

/// In the first interindustry range two bits say how, in the further one one bit says that.
inline bool is_secure_messaging(std::uint8_t cla) {
    return (cla & ((cla & 0x40) != 0 ? 0x20 : 0x0C)) != 0;
}

/// 2x and 3x are reserved, FF is no class.
inline bool is_valid_class(std::uint8_t cla) {
    return (cla & 0xE0) != 0x20 && cla != 0xFF;
}

}  // namespace oti::javacard
