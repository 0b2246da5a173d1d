// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_carrier.h"

namespace oti::ota {

Status carry(PacketConversation& conversation, SmsBearer& bearer, const SmsCarrier& how) {
    SmsExchange exchange(conversation);
    while (true) {
        OTI_TRY(auto messages, exchange.next());
        if (messages.empty()) return {};
        OTI_CHECK(how.on_counter(conversation.counter()));
        for (const auto& message : messages) OTI_CHECK(bearer.deliver(message));
        bool answered = false;
        while (!answered) {
            OTI_TRY(auto message, bearer.receive(how.patience));
            if (!message) break;
            OTI_TRY(answered, exchange.take(*message));
        }
        if (!answered) OTI_CHECK(exchange.expire());
    }
}

}  // namespace oti::ota
