// SPDX-License-Identifier: Apache-2.0
// What a UICC asks of the phone (ETSI TS 102 223): commands that the phone fetches, and what it answers.
#pragma once

#include <deque>
#include <optional>

#include "base/bytes.h"
#include "base/tlv.h"

namespace oti::card {

/// Types of command (TS 102 223, 9.4).
enum class ProactiveType : std::uint8_t {
    kSetUpEventList = 0x05,
    kSendShortMessage = 0x13,
    kTimerManagement = 0x27,
    kOpenChannel = 0x40,
    kCloseChannel = 0x41,
    kReceiveData = 0x42,
    kSendData = 0x43,
};

/// Tags of COMPREHENSION-TLV objects, without b8, which asks for comprehension (TS 101 220, table 7.23).
enum class ObjectTag : std::uint8_t {
    kCommandDetails = 0x01,
    kDevices = 0x02,
    kResult = 0x03,
    kTpdu = 0x0B,
    kEventList = 0x19,
    kTimerIdentifier = 0x24,
    kTimerValue = 0x25,
    kChannelData = 0x36,
    kChannelDataLength = 0x37,
    kChannelStatus = 0x38,
};

/// Devices (8.7): a channel is `kFirstChannel` and its number, 1 to 7.
inline constexpr std::uint8_t kFirstChannel = 0x20, kCardDevice = 0x81, kPhoneDevice = 0x82,
                              kNetworkDevice = 0x83;

/// With b8 of its tag set.
Bytes encode_object(ObjectTag tag, BytesView value);

/// COMPREHENSION-TLV objects that the phone sent; views of its octets.
class PhoneObjects {
  public:
    /// Nothing for what are no such objects.
    static std::optional<PhoneObjects> parse(BytesView bytes);
    std::optional<BytesView> find(ObjectTag tag) const;

  private:
    std::vector<Tlv> objects_;
};

/// What came of a proactive command.
struct TerminalResponse {
    ProactiveType type{};
    /// General result below 10 (8.12): it was performed.
    bool performed = false;
    PhoneObjects objects = {};
};

/// The commands that wait for the phone, in order.
class ProactiveQueue {
  public:
    /// `objects`: those after the device identities.
    void add(ProactiveType type, std::uint8_t qualifier, std::uint8_t destination, BytesView objects);
    void clear();

    bool empty() const { return commands_.empty(); }
    /// Of the command that is due; only if there is one.
    std::size_t size_of_next() const { return commands_.front().bytes.size(); }
    /// FETCH.
    const Bytes& fetch();
    /// TERMINAL RESPONSE: to the command that was fetched, which is done with. Nothing if none was. What
    /// cannot be read was not performed.
    std::optional<TerminalResponse> answer(BytesView response);

  private:
    struct Command {
        ProactiveType type;
        Bytes bytes;
    };
    std::deque<Command> commands_;
    bool fetched_ = false;
};

}  // namespace oti::card
