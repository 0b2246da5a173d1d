// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ota/packet_conversation.h"
#include "ota/remote_management.h"
#include "ota/sms_concatenation.h"
#include "scp/scp80_host.h"

namespace oti::ota {

/// The packets of a conversation as short messages, and what comes back put together again; without I/O.
/// What goes each way is user data with its header, as `SmsBearer` has it.
class SmsExchange {
  public:
    explicit SmsExchange(PacketConversation& conversation) : conversation_(&conversation) {}

    /// The messages of the packet that is due; none when all is done.
    Result<std::vector<Bytes>> next();
    /// A message from the card. Whether it is time for `next`; what answers to something else is let go.
    Result<bool> take(BytesView user_data);
    /// Nobody answered in time.
    Status expire() { return conversation_->no_answer(); }

  private:
    PacketConversation* conversation_;
    SmsReassembly reassembly_;
    Bytes packet_;  ///< the one that went last
    std::uint8_t reference_ = 0;
};

/// The longest packet that so many messages hold, each of 140 bytes.
std::size_t max_packet(std::size_t messages);

/// So much data for each of many commands that a packet of at most so many bytes holds as much as it can: of
/// one command, or of several that are equally long; at most 255 bytes.
std::size_t command_data_size(const scp::Scp80Host& host, ScriptFormat format, std::size_t packet);

}  // namespace oti::ota
