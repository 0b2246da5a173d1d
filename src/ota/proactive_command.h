// SPDX-License-Identifier: Apache-2.0
// What a card wants of a handset, as the handset reads it (ETSI TS 102 223, clause 6 and 8).
#pragma once

#include <chrono>
#include <optional>

#include "base/tlv.h"
#include "ota/sms_tpdu.h"

namespace oti::ota {

/// Tags of objects without b8, which says only that the object matters (TS 102 223, 9.3).
namespace object_tag {
inline constexpr std::uint8_t kDetails = 0x01, kDevices = 0x02, kResult = 0x03, kAddress = 0x06, kTpdu = 0x0B,
                              kEvents = 0x19, kTimer = 0x24, kTimerValue = 0x25, kBearer = 0x35, kData = 0x36,
                              kDataLength = 0x37, kChannelStatus = 0x38, kBufferSize = 0x39,
                              kTransport = 0x3C, kOtherAddress = 0x3E;
}  // namespace object_tag

/// An object that matters.
Bytes encode_object(std::uint8_t tag, BytesView value);

/// Where a channel leads: TCP, the card being the client.
struct ChannelTarget {
    Bytes address;  ///< 4 bytes of IPv4, or 16 of IPv6
    std::uint16_t port = 0;
    bool operator==(const ChannelTarget&) const = default;
};

struct ProactiveCommand {
    enum class Type : std::uint8_t {
        kSetUpEventList = 0x05,
        kSendShortMessage = 0x13,
        kTimerManagement = 0x27,
        kOpenChannel = 0x40,
        kCloseChannel = 0x41,
        kReceiveData = 0x42,
        kSendData = 0x43,
    };

    Bytes details;  ///< number, type, qualifier: as they are answered
    Type type{};
    std::uint8_t qualifier = 0;
    std::uint8_t channel = 0;  ///< 1 to 7, where it is for one
    std::optional<SmsSubmit> message = {};
    std::optional<ChannelTarget> target = {};  ///< of OPEN CHANNEL; nothing for what is no TCP client
    Bytes bearer = {};                         ///< bearer description and buffer size, as they are answered
    Bytes buffer_size = {};
    Bytes data = {};
    std::uint8_t length = 0;  ///< of RECEIVE DATA
    std::uint8_t timer = 0;
    std::chrono::seconds duration{};

    /// The response to FETCH. Errors `sms.proactive` and `parse.*`.
    static Result<ProactiveCommand> parse(BytesView response);
};

/// Hours, minutes and seconds with their halves swapped (8.38), both ways.
std::chrono::seconds read_timer(BytesView value);
Bytes encode_timer(std::chrono::seconds duration);

}  // namespace oti::ota
