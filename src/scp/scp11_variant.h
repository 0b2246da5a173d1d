// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace oti::scp {

/// The three forms of Secure Channel Protocol 11 (Amendment F, 2.1); the value is b2 and b1 of the SCP
/// parameters (table 7-2).
enum class Scp11Variant : std::uint8_t {
    kB = 0x00,  ///< only the card proves who it is
    kA = 0x01,  ///< both do
    kC = 0x03,  ///< both do, and the host needs no answer of the card before it goes on: for scripts
};

}  // namespace oti::scp
