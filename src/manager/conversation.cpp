// SPDX-License-Identifier: Apache-2.0
#include "manager/conversation.h"

namespace oti::manager {

Result<Traffic> run_directly(iso7816::CardChannel& card, Conversation& conversation) {
    Traffic traffic;
    while (true) {
        OTI_TRY(auto script, conversation.next());
        if (script.empty()) return traffic;
        ++traffic.scripts;
        for (const auto& command : script) {
            OTI_TRY(auto response, card.transmit(command.apdu));
            ++traffic.apdus;
            traffic.bytes_to_card += command.apdu.size();
            traffic.bytes_from_card += response.size();
            OTI_CHECK(conversation.on_response(response));
            if (!conversation.awaiting()) break;
        }
    }
}

}  // namespace oti::manager
