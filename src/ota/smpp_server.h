// SPDX-License-Identifier: Apache-2.0
// The message centre's end of one SMPP session (SMPP 3.4, 2.2), without the connection: octets go in, octets
// and events come out. What becomes of a message is its user's decision.
#pragma once

#include <deque>
#include <functional>
#include <set>

#include "ota/smpp_pdu.h"

namespace oti::ota {

class SmppServer {
  public:
    /// Says whether the one who binds may.
    using Check = std::function<bool(const SmppBind&)>;

    /// To be answered with `accept` or `refuse`.
    struct Submitted {
        std::uint32_t sequence;
        SmppMessage message;
    };
    /// The response to a `deliver`.
    struct Answered {
        std::uint32_t sequence;
        std::uint32_t status;
    };
    /// The connection is to be dropped, once the output is written.
    struct Closed {
        Error why;
    };
    using Event = std::variant<Submitted, Answered, Closed>;

    SmppServer(std::string system_id, Check may_bind)
        : system_id_(std::move(system_id)), may_bind_(std::move(may_bind)) {}

    void received(BytesView bytes);
    Status accept(std::uint32_t sequence, std::string message_id);
    void refuse(std::uint32_t sequence, std::uint32_t status);
    /// Sends a message or receipt to the ESME; returns the sequence number that `Answered` names. Errors
    /// `smpp.unbound` (not bound as receiver or transceiver), `smpp.field`.
    Result<std::uint32_t> deliver(SmppMessage message);

    bool may_deliver() const {
        return bound_as_ == SmppCommand::kBindReceiver || bound_as_ == SmppCommand::kBindTransceiver;
    }
    /// Whoever is bound, or was: what came before the end is theirs.
    const std::optional<SmppBind>& bound() const { return bound_; }
    Bytes take_output() { return std::exchange(output_, {}); }
    std::optional<Event> next_event();

  private:
    void handle(const SmppPdu& pdu);
    void bind(const SmppPdu& pdu);
    void respond(const SmppPdu& request, std::uint32_t status);
    Status send(const SmppPdu& pdu);
    void close(std::string code, std::string message);

    std::string system_id_;
    Check may_bind_;
    std::optional<SmppCommand> bound_as_;
    std::optional<SmppBind> bound_;
    bool closed_ = false;
    SmppStream stream_;
    Bytes output_;
    std::deque<Event> events_;
    std::set<std::uint32_t> delivering_;
    std::uint32_t last_sequence_ = 0;
};

}  // namespace oti::ota
