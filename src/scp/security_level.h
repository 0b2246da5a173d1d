// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace oti::scp {

/// P1 of EXTERNAL AUTHENTICATE (Amendment D, table 7-5, and GPCS 2.3.1, table E-15); the only combinations
/// that exist. SCP02 knows those without encryption of responses.
enum class SecurityLevel : std::uint8_t {
    kNone = 0x00,
    kCMac = 0x01,
    kCMacCDecryption = 0x03,
    kCMacRMac = 0x11,
    kCMacCDecryptionRMac = 0x13,
    kFull = 0x33,  ///< C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION
};

}  // namespace oti::scp
