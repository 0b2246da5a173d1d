// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "card/administration_session.h"
#include "card/remote_keys.h"
#include "card/short_messages.h"
#include "scp/scp80_card.h"

namespace oti::card {

/// Secured packets that come by short message (SCP80; TS 102 225, TS 102 226), with scripts for a domain or
/// with the wish that it begins an administration session.
class SecuredPackets {
  public:
    SecuredPackets(ProactiveQueue& queue, AdministrationSession& administration)
        : queue_(&queue), administration_(&administration) {}

    /// Takes a message. The response to the ENVELOPE, if it is more than that the message was taken: not
    /// where the packet is not complete, where its sender wants no answer, and where that goes by SEND SHORT
    /// MESSAGE.
    std::optional<ResponseApdu> take(CommandRunner& card, BytesView tpdu);
    void reset();

  private:
    /// What became of a packet, and the answer to it, if there is one.
    struct Outcome {
        scp::PacketStatus status;
        std::optional<Bytes> answer;
        bool has_power = true;
    };
    Outcome carry_out(CommandRunner& card, scp::Scp80Card& packet);
    Bytes run(CommandRunner& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
              const RemoteKeys& keys, std::uint8_t version);

    ProactiveQueue* queue_;
    AdministrationSession* administration_;
    ShortMessages messages_;
    RemoteExecution execution_;
    std::uint8_t reference_ = 0;
};

}  // namespace oti::card
