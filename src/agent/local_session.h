// SPDX-License-Identifier: Apache-2.0
// One remote management session of the stream binding as the Local Agent sees it: commands in, responses out.
// Does no I/O.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "seram/frames.h"

namespace oti::agent {

/// Queues the commands of orders that are in flight, and keeps the responses until the Remote Agent has them.
class LocalSession {
  public:
    /// Errors `seram.order`: the first order does not begin with Start, a later one does, or its place is not
    /// where the one before ended.
    Status on_order(const seram::StreamOrder& order);
    /// The next command for the secure element, if there is one; its response is given before the next is
    /// taken.
    std::optional<iso7816::ScriptCommand> take_command();
    /// A response that does not meet its expectation ends the script: what is left of it is discarded.
    void on_response(Bytes response);
    /// What has not been reported yet, of one script; nothing between `on_lost` and `on_resume`.
    std::optional<seram::StreamReport> take_report();
    /// The connection was lost, and maybe reports with it, before which the Remote Agent takes no others.
    void on_lost() { is_lost_ = true; }
    /// On a new connection: everything from `received` on is to be reported again. Error `seram.order` if
    /// that was given up already.
    Status on_resume(seram::Place received);

    /// The place of the command that the Remote Agent is to send next: all before it have arrived.
    seram::Place queued() const { return queued_; }
    bool is_over() const { return stopped_ && commands_.empty(); }
    bool has_commands() const { return !commands_.empty(); }
    /// Texts for the device's user that have come since the last call.
    std::vector<std::string> take_notifications() { return std::exchange(notifications_, {}); }
    /// Which secure element the session is with; known from its first order on.
    const std::optional<seram::SecureElement>& secure_element() const { return se_; }

  private:
    struct Response {
        seram::Place place;
        Bytes bytes;
    };

    seram::SessionId id_;
    std::optional<seram::SecureElement> se_;
    bool started_ = false;
    bool stopped_ = false;
    bool is_lost_ = false;
    seram::Place queued_;                        ///< of the next command to be queued
    seram::Place next_;                          ///< of the next command to be run
    std::optional<std::uint32_t> ended_script_;  ///< by a surprise; later commands of it are discarded
    std::deque<iso7816::ScriptCommand> commands_;
    std::optional<iso7816::Expectation> expectation_;  ///< of the command that is being run
    std::deque<Response> responses_;                   ///< not yet known to have arrived
    std::size_t reported_ = 0;                         ///< how many of them were sent
    std::vector<std::string> notifications_;
};

}  // namespace oti::agent
