// SPDX-License-Identifier: Apache-2.0
#include "ota/trigger_conversation.h"

#include "ota/packet_errors.h"

namespace oti::ota {

Result<std::optional<Bytes>> TriggerConversation::next() {
    if (taken_) return std::nullopt;
    OTI_TRY(auto packet, host_.command(counter_, script_));
    ++sent_;
    return packet;
}

Status TriggerConversation::answer(BytesView response_packet) {
    using scp::ResponseStatus;
    OTI_TRY(auto proof, host_.response(counter_, response_packet));
    if (proof.status == ResponseStatus::kMoreTime) return {};
    bool came_before = proof.status == ResponseStatus::kCounterLow && sent_ > 1;
    if (proof.status != ResponseStatus::kOk && !came_before)
        return std::unexpected(packet_refusal(proof.status));
    // A message that is taken is answered with nothing.
    if (!proof.data.empty()) {
        return fail(ErrorKind::kCard, "ota.refused",
                    "the card does not take the message that tells it to call",
                    "look whether the domain has the pre-shared key and can do SCP81, and whether the phone "
                    "has channels (BIP)");
    }
    taken_ = true;
    return {};
}

Status TriggerConversation::no_answer() {
    return sent_ < kMostSendings ? Status{} : packet_unanswered(counter_, sent_);
}

}  // namespace oti::ota
