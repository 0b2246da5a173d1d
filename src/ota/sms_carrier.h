// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "ota/sms_bearer.h"
#include "ota/sms_exchange.h"

namespace oti::ota {

struct SmsCarrier {
    /// How long a proof of receipt is waited for before the packet is sent again.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
    /// Before a packet with this counter is sent: makes durable that it is used up.
    std::function<Status(std::uint64_t counter)> on_counter = [](std::uint64_t) { return Status{}; };
};

/// Carries a conversation to its end by short messages: packets that are longer than a message in several.
/// Errors: those of the conversation and the bearer.
Status carry(PacketConversation& conversation, SmsBearer& bearer, const SmsCarrier& how = {});

}  // namespace oti::ota
