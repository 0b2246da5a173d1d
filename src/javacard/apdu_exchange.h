// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "iso7816/apdu.h"
#include "javacard/object.h"
#include "javacard/trap.h"

namespace oti::javacard {

/// The transmission protocol, with the value that APDU.getProtocol returns.
enum class Protocol : std::uint8_t { kT0 = 0, kT1 = 1 };

/// Reasons of APDUException (API 3.0.5).
namespace apdu_reason {
inline constexpr std::uint16_t kIllegalUse = 1, kBufferBounds = 2, kBadLength = 3;
}  // namespace apdu_reason

/// What the class APDU knows of a command while an applet processes it (JCRE specification 3.0.5, 9.4). The
/// whole command is there from the beginning, and its response goes when process has returned; the states in
/// between are those that an applet on a chip would see.
class ApduExchange {
  public:
    /// Bytes of the APDU buffer: a header of the short form and 256 bytes.
    static constexpr std::size_t kBufferSize = 261;
    /// The most that the extended length API handles (9.4.4.1).
    static constexpr std::size_t kMaxExtended = 32767;

    /// As APDU.getCurrentState gives them.
    enum class State : std::int8_t {
        kInitial = 0,
        kPartialIncoming = 1,
        kFullIncoming = 2,
        kOutgoing = 3,
        kOutgoingLengthKnown = 4,
        kPartialOutgoing = 5,
        kFullOutgoing = 6,
    };

    /// Puts the header into the buffer and, with T=1, as much of the data as fits; it is zero else.
    /// `extended`: the applet may see more than 255 bytes of data and 256 of response.
    void begin(iso7816::CommandApdu command, Protocol protocol, bool extended, Object& buffer);
    bool in_progress() const { return in_progress_; }
    /// What the applet has sent; nothing goes on.
    Bytes end();

    const iso7816::CommandApdu& command() const { return command_; }
    State state() const { return state_; }
    std::int16_t in_block_size() const { return protocol_ == Protocol::kT0 ? 1 : 254; }
    std::int16_t out_block_size() const { return protocol_ == Protocol::kT0 ? 258 : 254; }
    bool is_chaining_allowed() const { return chaining_allowed_; }

    // The methods of the same names; APDUException with its reasons.
    Guest<std::int16_t> set_incoming_and_receive(Object& buffer);
    Guest<std::int16_t> receive_bytes(Object& buffer, std::int16_t offset);
    Guest<std::int16_t> incoming_length() const;
    Guest<std::int16_t> offset_cdata() const;
    Guest<std::int16_t> set_outgoing(bool chaining_allowed);
    Guest<void> set_outgoing_length(std::int16_t length);
    /// From any array of bytes.
    Guest<void> send_bytes(const Object& source, std::int16_t offset, std::int16_t length);
    Guest<void> set_outgoing_and_send(const Object& buffer, std::int16_t offset, std::int16_t length);

  private:
    bool has_extended_header() const;
    std::size_t data_offset() const { return has_extended_header() ? 7 : 5; }
    std::size_t ne() const;
    std::int16_t take(Object& buffer, std::size_t offset);
    /// Whether so many bytes can be a response.
    bool is_length(std::int16_t length) const;
    bool is_outgoing() const { return state_ >= State::kOutgoing; }

    iso7816::CommandApdu command_;
    Protocol protocol_ = Protocol::kT0;
    bool extended_ = false;
    bool in_progress_ = false;
    State state_ = State::kInitial;
    std::size_t received_ = 0;
    bool chaining_allowed_ = true;
    bool sent_at_once_ = false;  ///< by setOutgoingAndSend, after which nothing can be sent
    std::size_t outgoing_length_ = 0;
    Bytes response_;
};

}  // namespace oti::javacard
