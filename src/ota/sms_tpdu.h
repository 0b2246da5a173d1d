// SPDX-License-Identifier: Apache-2.0
// Short messages as they travel between handset and service centre (3GPP TS 23.040, 9.2.2).
#pragma once

#include <array>

#include "ota/sms_address.h"

namespace oti::ota {

/// TP-PID of a message for the card itself, which the handset hands on (9.2.3.9, SIM data download).
inline constexpr std::uint8_t kDataDownload = 0x7F;
/// TP-DCS of 8-bit data of class 2, for the card (TS 23.038).
inline constexpr std::uint8_t kClass2Data = 0xF6;
/// TP-UD, its header included.
inline constexpr std::size_t kMaxUserData = 140;

/// What both directions have. The user data is octets: messages in the 7-bit alphabet are none of ours.
struct SmsContent {
    std::uint8_t protocol = kDataDownload;
    std::uint8_t coding = kClass2Data;
    bool has_header = true;  ///< TP-UDHI: the user data begins with a header
    Bytes user_data;         ///< at most 140 bytes

    bool operator==(const SmsContent&) const = default;
    /// Whether the handset hands it to its card (3GPP TS 31.111, 7.1.1.1); others it shows.
    bool is_for_card() const;
};

/// From the service centre to the handset (9.2.2.1).
struct SmsDeliver {
    SmsAddress originator;
    std::array<std::uint8_t, 7>
        time{};  ///< TP-SCTS: year, month, day, hour, minute, second, zone, halves swapped
    bool more_messages = false;
    SmsContent content;

    /// Errors `parse.truncated`, `parse.invalid`, `parse.trailing`.
    static Result<SmsDeliver> parse(BytesView tpdu);
    Bytes encode() const;
};

/// From the handset to the service centre (9.2.2.2).
struct SmsSubmit {
    std::uint8_t reference = 0;  ///< TP-MR
    SmsAddress destination;
    bool report = false;  ///< TP-SRR: a status report is wanted
    Bytes validity;       ///< TP-VP: none, 1 octet (relative) or 7
    SmsContent content;

    static Result<SmsSubmit> parse(BytesView tpdu);
    Bytes encode() const;
};

}  // namespace oti::ota
