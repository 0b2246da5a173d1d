// SPDX-License-Identifier: Apache-2.0
#include "card/toolkit.h"

#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kTerminalProfile = 0x10, kFetch = 0x12, kTerminalResponse = 0x14, kEnvelope = 0xC2;
constexpr std::uint8_t kProactive = 0x91;
/// What is in an ENVELOPE (TS 101 220, table 7.17).
constexpr Tag kSmsDownload = 0xD1, kEventDownload = 0xD6, kTimerExpiration = 0xD7;

}  // namespace

bool Toolkit::knows(std::uint8_t ins) {
    return ins == kTerminalProfile || ins == kFetch || ins == kTerminalResponse || ins == kEnvelope;
}

void Toolkit::reset() {
    queue_.clear();
    administration_.reset();
    packets_.reset();
}

StatusWord Toolkit::done() const {
    if (queue_.empty()) return StatusWord::kOk;
    return static_cast<StatusWord>(kProactive << 8 | (queue_.size_of_next() & 0xFF));
}

ResponseApdu Toolkit::process(CommandRunner& card, const CommandApdu& command) {
    if (command.p1 != 0 || command.p2 != 0) return {{}, StatusWord::kIncorrectP1P2};
    switch (command.ins) {
        case kEnvelope:
            return envelope(card, command);
        case kFetch:
            return fetch(command);
        case kTerminalResponse: {
            auto response = queue_.answer(command.data);
            if (!response) return {{}, StatusWord::kConditionsNotSatisfied};
            administration_.on_response(card, *response);
            return {{}, done()};
        }
        default:
            administration_.start(card, command.data);
            return {{}, done()};
    }
}

ResponseApdu Toolkit::fetch(const CommandApdu& command) {
    if (queue_.empty()) return {{}, StatusWord::kConditionsNotSatisfied};
    if (!command.data.empty()) return {{}, StatusWord::kWrongLength};
    return {queue_.fetch(), StatusWord::kOk};
}

ResponseApdu Toolkit::envelope(CommandRunner& card, const CommandApdu& command) {
    auto outer = read_all_tlv(command.data, "ENVELOPE");
    if (!outer || outer->size() != 1) return {{}, StatusWord::kWrongData};
    auto objects = PhoneObjects::parse(outer->front().value);
    if (!objects || !objects->find(ObjectTag::kDevices)) return {{}, StatusWord::kWrongData};
    switch (outer->front().tag) {
        case kSmsDownload: {
            auto tpdu = objects->find(ObjectTag::kTpdu);
            if (!tpdu) return {{}, StatusWord::kWrongData};
            auto answer = packets_.take(card, *tpdu).value_or(ResponseApdu{{}, StatusWord::kOk});
            if (answer.sw == StatusWord::kOk) answer.sw = done();
            return answer;
        }
        case kEventDownload:
            administration_.on_event(card, *objects);
            return {{}, done()};
        case kTimerExpiration:
            administration_.on_timer(card, *objects);
            return {{}, done()};
        default:
            return {{}, StatusWord::kWrongData};
    }
}

}  // namespace oti::card
