// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>

#include "card/administration_session.h"
#include "card/short_messages.h"

namespace oti::scp {
class Scp80Card;
}

namespace oti::card {

/// Secured packets that come by short message (SCP80; TS 102 225, TS 102 226), with scripts for a domain or
/// with the wish that it begins an administration session.
class SecuredPackets {
  public:
    SecuredPackets(ProactiveQueue& queue, AdministrationSession& administration)
        : queue_(&queue), administration_(&administration) {}

    /// Takes a message. The answer of the ENVELOPE, which is empty where the packet is not complete, where
    /// its sender wants none, and where it goes by SEND SHORT MESSAGE. Error 6581: without power.
    std::expected<Bytes, StatusWord> take(CommandRunner& card, BytesView tpdu);
    void reset();

  private:
    /// Carries a packet out; the answer to it, if there is one.
    std::optional<Bytes> carry_out(CommandRunner& card, scp::Scp80Card& packet, bool& has_power);
    Bytes run(CommandRunner& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
              const Aid& holder, std::uint8_t version);

    ProactiveQueue* queue_;
    AdministrationSession* administration_;
    ShortMessages messages_;
    RemoteExecution execution_;
    std::uint8_t reference_ = 0;
};

}  // namespace oti::card
