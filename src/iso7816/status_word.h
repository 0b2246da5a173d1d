// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace oti::iso7816 {

/// SW1 SW2 of a response (ISO/IEC 7816-4, 5.6).
enum class StatusWord : std::uint16_t {
    kOk = 0x9000,
    kMoreData = 0x6310,  ///< GET STATUS: more entries, ask again with P2 b1
    kAuthenticationFailed = 0x6300,
    kUnchanged = 0x6200,   ///< MANAGE CHANNEL: the channel is closed already
    kCardLocked = 0x6283,  ///< SELECT: the issuer's domain of a locked card
    kExecutionError = 0x6400,
    kMemoryFailure = 0x6581,
    kWrongLength = 0x6700,
    kChannelNotSupported = 0x6881,
    kSecureMessagingNotSupported = 0x6882,
    kLastOfChainExpected = 0x6883,
    kChainingNotSupported = 0x6884,
    kSecurityStatus = 0x6982,
    kAuthenticationBlocked = 0x6983,
    kConditionsNotSatisfied = 0x6985,
    kSecureMessagingObjects = 0x6988,
    kAppletSelectFailed = 0x6999,
    kWrongData = 0x6A80,
    kFunctionNotSupported = 0x6A81,
    kNotFound = 0x6A82,  ///< file or application not found
    kNoSpace = 0x6A84,
    kIncorrectP1P2 = 0x6A86,
    kReferencedDataNotFound = 0x6A88,
    kWrongP1P2 = 0x6B00,
    kInsNotSupported = 0x6D00,
    kClaNotSupported = 0x6E00,
    kNoPreciseDiagnosis = 0x6F00,
};

constexpr std::uint16_t value(StatusWord sw) {
    return static_cast<std::uint16_t>(sw);
}

/// 9000, or 62xx and 63xx: the command was carried out (with a warning). Only these carry an R-MAC.
constexpr bool is_success_or_warning(StatusWord sw) {
    auto sw1 = value(sw) >> 8;
    return sw == StatusWord::kOk || sw1 == 0x62 || sw1 == 0x63;
}

/// What this status means for this instruction, and for this form of it where `p1` makes a difference
/// (INSTALL, SET STATUS), such as "not enough memory space" for 6A84 to LOAD. The texts are ours; the
/// meanings are those of GPCS 2.3.1, section 11, and ISO/IEC 7816-4, 5.6.
std::string meaning(StatusWord sw, std::uint8_t ins, std::uint8_t p1 = 0);

/// The likely cause and what to do next; empty where nothing better can be said than what it means.
std::string hint(StatusWord sw, std::uint8_t ins, std::uint8_t p1 = 0);

}  // namespace oti::iso7816
