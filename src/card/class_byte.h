// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace oti::card {

/// What the class byte of a command says (GPCS 2.3.1, 11.1.4; ISO/IEC 7816-4, 5.4.1; JCRE specification
/// 3.0.5, 4.4). The first interindustry form is for the logical channels 0 to 3, the further one for 4 to 19.
struct ClassByte {
    std::uint8_t channel = 0;
    bool proprietary = false;  ///< b8: GlobalPlatform's commands, not ISO's
    bool secured = false;      ///< secure messaging of any kind
    bool chained = false;      ///< b5: not the last part of a command

    /// Nothing for values that are reserved: 2x, 3x and FF.
    static std::optional<ClassByte> parse(std::uint8_t cla);
};

/// The class byte that says the same on the basic channel, in the first interindustry form: what follows need
/// not know on which channel it is (Amendment D 1.2, 6.2.4 discards the number as well).
std::uint8_t on_basic_channel(std::uint8_t cla);

/// Whether a class byte of a command to a security domain can be one (tables 11-11 and 11-12): b6 is set in
/// the further form only.
bool is_for_domain(std::uint8_t cla);

}  // namespace oti::card
