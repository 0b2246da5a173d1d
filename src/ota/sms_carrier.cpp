// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_carrier.h"

#include <algorithm>

#include "ota/sms_concatenation.h"

namespace oti::ota {
namespace {

const SmsUserData kPacket{{{SmsUserData::kCommandPacket, {}}}, {}};

/// Until the packet that is due is answered; false when nobody did in time.
Result<bool> await_answer(RemoteConversation& conversation, SmsBearer& bearer, SmsReassembly& reassembly,
                          const SmsCarrier& how) {
    while (true) {
        OTI_TRY(auto message, bearer.receive(how.patience));
        if (!message) return false;
        auto whole = reassembly.add("card", *message);
        if (!whole || !*whole || !(*whole)->has(SmsUserData::kResponsePacket)) continue;
        auto taken = conversation.answer((*whole)->text);
        if (taken && conversation.awaits_answer()) continue;
        if (taken) return true;
        // What the host does not believe leaves the packet due.
        if (!taken.error().code.starts_with("ota.por")) return std::unexpected(taken.error());
    }
}

}  // namespace

Status carry(RemoteConversation& conversation, SmsBearer& bearer, const SmsCarrier& how) {
    SmsReassembly reassembly;
    for (std::uint8_t reference = 1;; ++reference) {
        OTI_TRY(auto packet, conversation.next());
        if (!packet) return {};
        OTI_CHECK(how.on_counter(conversation.counter()));
        OTI_TRY(auto messages, split({kPacket.header, std::move(*packet)}, reference));
        for (const auto& message : messages) OTI_CHECK(bearer.deliver(message));
        OTI_TRY(auto answered, await_answer(conversation, bearer, reassembly, how));
        if (!answered) OTI_CHECK(conversation.no_answer());
    }
}

std::size_t max_packet(std::size_t messages) {
    auto alone = kMaxUserData - kPacket.encode().size();
    constexpr std::size_t kConcatenation = 5;
    if (messages == 1) return alone;
    return alone - kConcatenation + (messages - 1) * (kMaxUserData - 1 - kConcatenation);
}

std::size_t max_command_data(const scp::Scp80Host& host, std::size_t packet) {
    constexpr std::size_t kHeader = 5;
    return std::min<std::size_t>(host.max_data(packet) - kHeader, iso7816::kMaxShortData);
}

}  // namespace oti::ota
