// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace oti::iso7816 {

/// INS bytes of the commands of GPCS 2.3.1, table 11-1, of Amendment F and of ISO/IEC 7816-4.
enum class Ins : std::uint8_t {
    kInitializeUpdate = 0x50,
    kPerformSecurityOperation = 0x2A,
    kManageChannel = 0x70,
    kExternalAuthenticate = 0x82,  ///< and MUTUAL AUTHENTICATE of SCP11
    kInternalAuthenticate = 0x88,
    kSelect = 0xA4,
    kGetResponse = 0xC0,
    kGetData = 0xCA,
    kGetDataOdd = 0xCB,
    kPutKey = 0xD8,
    kStoreData = 0xE2,
    kDelete = 0xE4,
    kInstall = 0xE6,
    kLoad = 0xE8,
    kSetStatus = 0xF0,
    kGetStatus = 0xF2,
};

constexpr std::uint8_t value(Ins ins) {
    return static_cast<std::uint8_t>(ins);
}

/// "INSTALL", "LOAD", …; "command" for an instruction that is not in the table.
std::string_view name(std::uint8_t ins);

}  // namespace oti::iso7816
