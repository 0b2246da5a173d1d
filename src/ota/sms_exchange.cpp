// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_exchange.h"

#include <algorithm>

namespace oti::ota {
namespace {

const SmsUserData kPacket{{{SmsUserData::kCommandPacket, {}}}, {}};

}  // namespace

Result<std::vector<Bytes>> SmsExchange::next() {
    OTI_TRY(auto packet, conversation_->next());
    if (!packet) return std::vector<Bytes>{};
    return split({kPacket.header, std::move(*packet)}, ++reference_);
}

Result<bool> SmsExchange::take(BytesView user_data) {
    auto whole = reassembly_.add("card", user_data);
    if (!whole || !*whole || !(*whole)->has(SmsUserData::kResponsePacket)) return false;
    auto taken = conversation_->answer((*whole)->text);
    if (taken) return !conversation_->awaits_answer();
    if (taken.error().code.starts_with("ota.por")) return false;
    return std::unexpected(taken.error());
}

std::size_t max_packet(std::size_t messages) {
    auto alone = kMaxUserData - kPacket.encode().size();
    constexpr std::size_t kConcatenation = 5;
    if (messages == 1) return alone;
    return alone - kConcatenation + (messages - 1) * (kMaxUserData - 1 - kConcatenation);
}

std::size_t max_command_data(const scp::Scp80Host& host, ScriptFormat format, std::size_t packet) {
    constexpr std::size_t kHeader = 5, kTagAndLength = 4;
    // In expanded format the command is an object in a script that is one, too.
    auto around = format == ScriptFormat::kCompact ? kHeader : kHeader + 2 * kTagAndLength;
    return std::min<std::size_t>(host.max_data(packet) - around, iso7816::kMaxShortData);
}

}  // namespace oti::ota
