// SPDX-License-Identifier: Apache-2.0
#include "card/answer_to_reset.h"

#include <algorithm>

namespace oti::card {
namespace {

/// Historical bytes in compact TLV: card service data (31), card capabilities (73), pre-issuing data (6x).
Bytes historical_bytes(const Profile& profile) {
    constexpr std::uint8_t kCompactTlv = 0x80;
    // Applications are selected by their whole DF name or a part of it; there is no MF.
    constexpr std::uint8_t kServices = 0xC1;
    constexpr std::uint8_t kSelection = 0xC0, kDataUnit = 0x01;
    constexpr std::uint8_t kChaining = 0x80, kExtendedLength = 0x40, kAssignedByCard = 0x10,
                           kAssignedByTerminal = 0x08;
    auto capabilities = static_cast<unsigned>(kChaining | (profile.extended_length ? kExtendedLength : 0));
    if (profile.logical_channels > 1) {
        capabilities |= kAssignedByCard | kAssignedByTerminal;
        // One less than their number; 7 is for 8 and more.
        capabilities |= std::min<unsigned>(static_cast<unsigned>(profile.logical_channels) - 1, 7);
    }
    return {
        kCompactTlv, 0x31, kServices, 0x73, kSelection, kDataUnit, static_cast<std::uint8_t>(capabilities),
        0x63,        'O',  'T',       'I'};
}

}  // namespace

Bytes answer_to_reset(const Profile& profile) {
    constexpr std::uint8_t kDirectConvention = 0x3B, kWithTa = 0x10, kWithTb = 0x20, kWithTd = 0x80;
    auto historical = historical_bytes(profile);
    Bytes atr{kDirectConvention, static_cast<std::uint8_t>(kWithTa | kWithTd | historical.size()),
              profile.ta1};
    if (profile.protocol == Protocol::kT0) {
        // T=0, then the global bytes (T=15): clock stop in either state, classes A, B and C.
        append(atr, Bytes{kWithTd | 0, kWithTa | 15, 0xC7});
    } else {
        // T=1 with blocks of 254 bytes, BWI 4, CWI 5.
        append(atr, Bytes{kWithTd | 1, kWithTa | kWithTb | 1, 0xFE, 0x45});
    }
    append(atr, historical);
    // TCK makes the exclusive-or of all but TS zero.
    std::uint8_t check = 0;
    for (auto byte : BytesView(atr).subspan(1)) check ^= byte;
    atr.push_back(check);
    return atr;
}

}  // namespace oti::card
