// SPDX-License-Identifier: Apache-2.0
// One remote management session as the Remote Agent sees it, on either binding: a conversation with a secure
// element that a Local Agent carries. Does no I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manager/conversation.h"
#include "seram/frames.h"

namespace oti::remote_agent {

/// How much of a script is sent before its responses are back.
struct Flight {
    std::size_t apdus_per_order = 8;
    std::size_t apdus_in_flight = 64;

    /// One APDU for each round trip: what the paper's prototype did; for comparison.
    static Flight lockstep() { return {1, 1}; }
};

class RemoteSession {
  public:
    /// The conversation must outlive the session.
    RemoteSession(seram::SessionId id, seram::SecureElement se, manager::Conversation& conversation,
                  Flight flight);

    const seram::SessionId& id() const { return id_; }
    const seram::SecureElement& secure_element() const { return se_; }
    /// Stop was sent: the conversation came to its end.
    bool is_done() const { return done_; }
    /// What it took; `scripts` counts the times that commands were sent while no response was outstanding.
    const manager::Traffic& traffic() const { return traffic_; }

    // Stream binding.

    /// All orders that may be sent now. Errors: those of the conversation.
    Result<std::vector<seram::StreamOrder>> orders();
    /// Errors: `seram.order` (responses that were sent before their turn, or for commands that do not exist),
    /// `seram.agent` (the Local Agent could not), and those of the conversation.
    Status on_report(const seram::StreamReport& report);
    /// After a lost connection: the Local Agent has run everything before `next`. What it lost is sent again
    /// by `orders`, what we lost is to be sent again by it, from the place returned. Error `seram.order`.
    Result<seram::Place> on_resume(seram::Place next);

    // JSON binding.

    /// The order that answers a report. A report that comes twice, because its answer was lost, is answered
    /// again.
    Result<seram::Order> on_report(const seram::Report& report);

  private:
    Status advance();
    seram::SeRam take_commands(std::size_t count);
    Status take_response(BytesView response);
    bool script_is_over() const { return !conversation_->awaiting(); }
    std::size_t outstanding() const { return sent_ - received_; }

    seram::SessionId id_;
    seram::SecureElement se_;
    manager::Conversation* conversation_;
    Flight flight_;

    iso7816::Script script_;
    std::uint32_t script_number_ = 0;
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    bool started_ = false;
    bool done_ = false;
    manager::Traffic traffic_;

    std::optional<seram::Report> last_report_;
    seram::Order last_order_;
};

/// The error of a report whose status says that the Local Agent could not.
Error agent_error(seram::AgentStatus status, std::string_view text);

}  // namespace oti::remote_agent
