// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "ota/remote_conversation.h"
#include "ota/sms_bearer.h"

namespace oti::ota {

struct SmsCarrier {
    /// How long a proof of receipt is waited for before the packet is sent again.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
    /// Before a packet with this counter is sent: makes durable that it is used up.
    std::function<Status(std::uint64_t counter)> on_counter = [](std::uint64_t) { return Status{}; };
};

/// Carries a conversation to its end by short messages: packets that are longer than a message in several.
/// What comes back and answers to something else is let go. Errors: those of the conversation and the bearer.
Status carry(RemoteConversation& conversation, SmsBearer& bearer, const SmsCarrier& how = {});

/// The longest packet that so many messages hold, each of 140 bytes.
std::size_t max_packet(std::size_t messages);

/// The most data that one command of a compact script has in a packet of at most so many bytes; 255 bytes
/// with the short form of its length.
std::size_t max_command_data(const scp::Scp80Host& host, std::size_t packet);

}  // namespace oti::ota
