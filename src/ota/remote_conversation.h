// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "ota/remote_management.h"
#include "scp/scp80_host.h"

namespace oti::ota {

/// A list of commands on its way to a card in secured packets, one after another:
///
///     next() -> a packet goes out   answer() -> its proof of receipt came   no_answer() -> it did not
///
/// A card that needs more time says so, and answers later: as long as `awaits_answer()`, the packet is not
/// sent again before `no_answer()`.
///
/// The holder keeps `counter()` before he sends what `next()` gave: a counter that was used is never used
/// again. After an error there is no next packet, and `done()` says how many commands the card has certainly
/// done.
class RemoteConversation {
  public:
    /// `counter` is that of the first packet; packets have at most `max_packet` bytes. Errors: those of
    /// `make_scripts`; `ota.no_proof` for a host that asks for no proof of receipt.
    static Result<RemoteConversation> create(scp::Scp80Host host, ScriptFormat format,
                                             std::span<const RemoteCommand> commands, std::uint64_t counter,
                                             std::size_t max_packet);

    /// The packet that is due, from CPL on; the same one again after `no_answer()`. Nothing when all is done.
    /// Error `ota.counter`.
    Result<std::optional<Bytes>> next();
    /// Reads the response packet, from RPL on. Errors: those of the host, which leave the packet due;
    /// `card.XXXX` (a command was refused), `ota.counter_low`, `ota.counter_high`, `ota.counter_blocked`,
    /// `ota.outcome_unknown` (a packet that was sent twice had arrived before), `ota.refused`,
    /// `ota.bad_format`.
    Status answer(BytesView response_packet);
    /// Whether the packet that went out last has no proof of receipt yet.
    bool awaits_answer() const { return sent_ > 0 && !failed_; }
    /// Nobody answered in time. Error `ota.no_answer` when the packet was sent often enough.
    Status no_answer();

    /// Of the packet that is due, or else of the next one.
    std::uint64_t counter() const { return counter_; }
    std::size_t done() const { return done_; }
    std::size_t total() const { return commands_.size(); }
    /// Responses to the commands whose data were wanted, and to the last one of each packet.
    struct Reported {
        std::size_t command;
        iso7816::ResponseApdu response;
    };
    const std::vector<Reported>& responses() const { return responses_; }

  private:
    RemoteConversation(scp::Scp80Host host, ScriptFormat format) : host_(std::move(host)), format_(format) {}
    Status status_error(scp::ResponseStatus status);
    Status finish(const Script& script, const ScriptAnswer& answer);

    static constexpr unsigned kMostSendings = 3;
    scp::Scp80Host host_;
    ScriptFormat format_;
    std::vector<RemoteCommand> commands_;
    std::vector<Script> scripts_;
    std::size_t script_ = 0;
    std::uint64_t counter_ = 0;
    unsigned sent_ = 0;  ///< times of the packet that is due
    bool failed_ = false;
    std::size_t done_ = 0;
    std::vector<Reported> responses_;
};

}  // namespace oti::ota
