// SPDX-License-Identifier: Apache-2.0
#include "ota/trigger_conversation.h"

#include "ota/packet_errors.h"

namespace oti::ota {

Result<std::optional<Bytes>> TriggerConversation::next() {
    if (taken_) return std::nullopt;
    if (!packet_) {
        OTI_TRY(packet_, PendingPacket::create(host_, counter_, script_));
    }
    return packet_->send();
}

Status TriggerConversation::answer(BytesView response_packet) {
    using scp::ResponseStatus;
    if (!packet_) return fail(ErrorKind::kInternal, "ota.unexpected", "no answer is due");
    OTI_TRY(auto proof, packet_->answer(host_, response_packet));
    if (!proof) return {};
    bool came_before = proof->status == ResponseStatus::kCounterLow && packet_->sent() > 1;
    if (proof->status != ResponseStatus::kOk && !came_before)
        return std::unexpected(packet_refusal(proof->status));
    // A message that is taken is answered with nothing.
    if (!proof->data.empty()) {
        return fail(ErrorKind::kCard, "ota.refused",
                    "the card does not take the message that tells it to call",
                    "look whether the domain has the pre-shared key and can do SCP81, and whether the phone "
                    "has channels (BIP)");
    }
    taken_ = true;
    return {};
}

Status TriggerConversation::no_answer() {
    return packet_ ? packet_->no_answer() : Status{};
}

}  // namespace oti::ota
