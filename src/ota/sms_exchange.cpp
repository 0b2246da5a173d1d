// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_exchange.h"

#include <algorithm>

#include "ota/packet_errors.h"

namespace oti::ota {
namespace {

const SmsUserData kPacket{{{SmsUserData::kCommandPacket, {}}}, {}};

}  // namespace

Result<std::vector<Bytes>> SmsExchange::next() {
    OTI_TRY(auto packet, conversation_->next());
    if (!packet) return std::vector<Bytes>{};
    // A part that comes late, or twice, must be none of another packet's: sessions begin anywhere, as the end
    // of a packet is ciphertext. What is sent twice in a row has the same parts, which complete each other.
    if (packet_.empty()) reference_ = packet->back();
    if (*packet != packet_) ++reference_;
    packet_ = *packet;
    return split({kPacket.header, std::move(*packet)}, reference_);
}

Result<bool> SmsExchange::take(BytesView user_data) {
    auto whole = reassembly_.add("card", user_data);
    if (!whole || !*whole || !(*whole)->has(SmsUserData::kResponsePacket)) return false;
    auto taken = conversation_->answer((*whole)->text);
    if (taken) return !conversation_->awaits_answer();
    if (is_no_answer_to_it(taken.error())) return false;
    return std::unexpected(taken.error());
}

std::size_t max_packet(std::size_t messages) {
    auto alone = kMaxUserData - kPacket.encode().size();
    constexpr std::size_t kConcatenation = 5;
    if (messages == 1) return alone;
    return alone - kConcatenation + (messages - 1) * (kMaxUserData - 1 - kConcatenation);
}

std::size_t command_data_size(const scp::Scp80Host& host, ScriptFormat format, std::size_t packet) {
    // In expanded format the command is an object in a script that is one, too.
    constexpr std::size_t kTagAndLength = 4, kHeader = 5;
    bool expanded = format == ScriptFormat::kExpanded;
    auto room = host.max_data(packet) - (expanded ? kTagAndLength : 0);
    auto around = kHeader + (expanded ? kTagAndLength : 0);
    auto longest = iso7816::kMaxShortData + around;
    auto commands = (room + longest - 1) / longest;
    return room / commands - around;
}

}  // namespace oti::ota
