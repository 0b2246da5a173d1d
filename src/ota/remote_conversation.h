// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "ota/packet_conversation.h"
#include "ota/pending_packet.h"
#include "ota/remote_management.h"
#include "scp/scp80_host.h"

namespace oti::ota {

/// What becomes of a packet that was sent again, and of which the card then says that it had come before: its
/// commands may have been done or refused.
enum class LostProof : std::uint8_t {
    kFail,  ///< the conversation ends with `ota.outcome_unknown`
    kGoOn,  ///< the next packet follows; the holder reads afterwards what came of it
};

/// A list of commands on its way to a card in secured packets. `done()` says how many of them the card has
/// certainly done.
class RemoteConversation final : public PacketConversation {
  public:
    /// `counter` is that of the first packet; packets have at most `max_packet` bytes. Errors: those of
    /// `make_scripts`; `ota.no_proof` for a host that asks for no proof of receipt.
    static Result<RemoteConversation> create(scp::Scp80Host host, ScriptFormat format,
                                             std::span<const RemoteCommand> commands, std::uint64_t counter,
                                             std::size_t max_packet, LostProof lost_proof = LostProof::kFail);

    /// Error `ota.counter`.
    Result<std::optional<Bytes>> next() override;
    /// Errors: those of the host, which leave the packet due; `card.XXXX` (a command was refused),
    /// `ota.counter_low`, `ota.counter_high`, `ota.counter_blocked`, `ota.outcome_unknown`, `ota.refused`,
    /// `ota.bad_format`.
    Status answer(BytesView response_packet) override;
    bool awaits_answer() const override { return packet_ && !packet_->is_due(); }
    Status no_answer() override;
    std::uint64_t counter() const override { return counter_; }

    /// The packet that is to be answered; nothing once it is, until `next()` makes another.
    const std::optional<PendingPacket>& packet() const { return packet_; }
    /// Whether the proof of a packet was lost, and the next one followed all the same.
    bool went_on() const { return went_on_; }
    std::size_t done() const { return done_; }
    std::size_t total() const { return commands_.size(); }
    /// What the card reported: in compact format of the last command of each packet; in expanded format of
    /// those whose data were wanted, too.
    struct Reported {
        std::size_t command;
        iso7816::ResponseApdu response;
    };
    const std::vector<Reported>& responses() const { return responses_; }

  private:
    RemoteConversation(scp::Scp80Host host, ScriptFormat format, LostProof lost_proof)
        : host_(std::move(host)), format_(format), lost_proof_(lost_proof) {}
    bool came_before(scp::ResponseStatus status) const;
    Status status_error(scp::ResponseStatus status) const;
    Status finish(const ScriptAnswer& answer);
    Status report(std::size_t executed, const ScriptAnswer& answer);

    scp::Scp80Host host_;
    ScriptFormat format_;
    LostProof lost_proof_;
    std::vector<RemoteCommand> commands_;
    std::size_t max_script_ = 0;  ///< bytes
    std::optional<PendingPacket> packet_;
    Script script_;             ///< in that packet
    std::size_t position_ = 0;  ///< the first command of the next script
    std::uint64_t counter_ = 0;
    bool counter_is_good_ = false;  ///< the card took one before it
    bool failed_ = false;
    bool went_on_ = false;
    std::size_t done_ = 0;
    std::vector<Reported> responses_;
};

}  // namespace oti::ota
