// SPDX-License-Identifier: Apache-2.0
// PDUs of SMPP 3.4 (Short Message Peer to Peer, Issue 1.2), of which each has one encoding. Section numbers
// are that document's.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ota/smpp_status.h"

namespace oti::ota {

/// command_id (5.1.2.1).
enum class SmppCommand : std::uint32_t {
    kBindReceiver = 0x01,
    kBindTransmitter = 0x02,
    kSubmit = 0x04,
    kDeliver = 0x05,
    kUnbind = 0x06,
    kBindTransceiver = 0x09,
    kEnquireLink = 0x15,
    kGenericNack = 0x80000000,
};
inline constexpr std::uint32_t kSmppResponse = 0x80000000;
constexpr SmppCommand response_to(SmppCommand command) {
    return SmppCommand{static_cast<std::uint32_t>(command) | kSmppResponse};
}

/// Optional parameters (5.3.2).
namespace smpp_tag {
inline constexpr std::uint16_t kReceiptedMessageId = 0x001E;
inline constexpr std::uint16_t kMessagePayload = 0x0424;
inline constexpr std::uint16_t kMessageState = 0x0427;
}  // namespace smpp_tag

struct SmppTlv {
    std::uint16_t tag = 0;
    Bytes value;

    bool operator==(const SmppTlv&) const = default;
};

/// bind_receiver, bind_transmitter, bind_transceiver (4.1.1).
struct SmppBind {
    std::string system_id;
    std::string password;
    std::string system_type;
    std::uint8_t interface_version = 0x34;
    std::uint8_t address_ton = 0;
    std::uint8_t address_npi = 0;
    std::string address_range;

    bool operator==(const SmppBind&) const = default;
};

struct SmppAddress {
    std::uint8_t ton = 1;  ///< international
    std::uint8_t npi = 1;  ///< ISDN
    std::string digits;

    bool operator==(const SmppAddress&) const = default;
};

/// submit_sm (4.4.1) and deliver_sm (4.6.1), which have the same fields.
struct SmppMessage {
    static constexpr std::uint8_t kHasHeader = 0x40;  ///< esm_class: the text begins with a user data header
    static constexpr std::uint8_t kTypeMask = 0x3C;   ///< esm_class: message type
    static constexpr std::uint8_t kReceipt = 0x04;    ///< esm_class, message type: delivery receipt

    std::string service_type;
    SmppAddress source;
    SmppAddress destination;
    std::uint8_t esm_class = 0;
    std::uint8_t protocol = 0;
    std::uint8_t priority = 0;
    std::string schedule;
    std::string validity;  ///< empty, or 16 characters of 7.1.1
    std::uint8_t registered_delivery = 0;
    std::uint8_t replace_if_present = 0;
    std::uint8_t coding = 0;
    std::uint8_t default_message = 0;
    Bytes short_message;  ///< at most 254 octets; empty where there is a message_payload
    std::vector<SmppTlv> optional;

    /// The text, in whichever of the two places it is.
    BytesView text() const;
    /// The value of an optional parameter that is there.
    std::optional<BytesView> find(std::uint16_t tag) const;

    bool operator==(const SmppMessage&) const = default;
};

/// What the response to a bind, submit_sm or deliver_sm says: system_id or message_id.
struct SmppReply {
    std::string id;
    std::vector<SmppTlv> optional;

    bool operator==(const SmppReply&) const = default;
};

struct SmppHeader {
    static constexpr std::size_t kSize = 16;
    std::uint32_t length = 0;
    std::uint32_t command = 0;
    std::uint32_t status = 0;
    std::uint32_t sequence = 0;

    /// The first 16 octets. Error `parse.truncated`.
    static Result<SmppHeader> read(BytesView bytes);
};

struct SmppPdu {
    /// The longest that is taken: a message_payload of 64 KB and all else.
    static constexpr std::size_t kMaxSize = 0x10000 + 1024;

    SmppCommand command{};
    std::uint32_t status = 0;
    std::uint32_t sequence = 0;
    std::variant<std::monostate, SmppBind, SmppMessage, SmppReply> body;

    /// One whole PDU. Errors `parse.truncated`, `parse.invalid`, `parse.trailing`, `smpp.command` (unknown).
    static Result<SmppPdu> parse(BytesView bytes);
    /// Error `smpp.field`: a text that is too long or has a zero in it.
    Result<Bytes> encode() const;

    bool operator==(const SmppPdu&) const = default;
};

/// What became of a message, from a deliver_sm that is a receipt (appendix B, and 5.3.2.12, 5.3.2.35).
struct SmppReceipt {
    std::string message_id;
    bool delivered = false;
    bool final = true;  ///< nothing will follow for this message
    std::string state;  ///< such as DELIVRD or EXPIRED

    /// Nothing, if the message is none, or does not say of what.
    static std::optional<SmppReceipt> of(const SmppMessage& message);
};

/// Cuts a stream of octets into PDUs.
class SmppStream {
  public:
    void add(BytesView bytes) { append(bytes_, bytes); }
    /// The next PDU's octets, if they are all there. Error `smpp.length`: its length cannot be; where the
    /// next one begins is then unknown, and the connection of no more use.
    Result<std::optional<Bytes>> next();

  private:
    Bytes bytes_;
};

}  // namespace oti::ota
