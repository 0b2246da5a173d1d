// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ota/administration_trigger.h"
#include "ota/packet_conversation.h"
#include "ota/pending_packet.h"

namespace oti::ota {

/// One packet, which tells a card to call its administration server. That the card calls may be known before
/// its proof of receipt has come.
class TriggerConversation final : public PacketConversation {
  public:
    TriggerConversation(scp::Scp80Host host, const AdministrationParameters& parameters,
                        std::uint64_t counter)
        : host_(std::move(host)), script_(encode_trigger(parameters)), counter_(counter) {}

    Result<std::optional<Bytes>> next() override;
    /// Error `ota.refused`: the card will not call.
    Status answer(BytesView response_packet) override;
    bool awaits_answer() const override { return packet_ && !packet_->is_due() && !taken_; }
    Status no_answer() override;
    std::uint64_t counter() const override { return counter_; }

  private:
    scp::Scp80Host host_;
    Bytes script_;
    std::uint64_t counter_;
    std::optional<PendingPacket> packet_;
    bool taken_ = false;
};

}  // namespace oti::ota
