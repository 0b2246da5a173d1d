// SPDX-License-Identifier: Apache-2.0
#include "ota/simulated_sms.h"

#include <algorithm>

namespace oti::ota {
namespace {

SmsAddress address(const char* number) {
    return SmsAddress::of_number(number).value();
}

}  // namespace

SimulatedSms::SimulatedSms(iso7816::CardChannel& card, Clock& clock, const SmsCentre::Behaviour& down,
                           const SmsCentre::Behaviour& up, std::uint64_t seed)
    : clock_(&clock), handset_(card, address("+4917000000")), down_(down, seed), up_(up, seed + 1) {}

Status SimulatedSms::deliver(BytesView user_data) {
    if (user_data.size() > kMaxUserData) {
        return fail(ErrorKind::kUsage, "sms.too_long", "more than the 140 bytes of a short message");
    }
    down_.accept(clock_->now(), to_bytes(user_data));
    return {};
}

Status SimulatedSms::arrive(BytesView user_data) {
    SmsDeliver message{.originator = address("12345"), .content = {.user_data = to_bytes(user_data)}};
    OTI_TRY(auto answer, handset_.deliver(message));
    if (!answer.report.empty()) up_.accept(clock_->now(), std::move(answer.report));
    for (auto& wanted : answer.wanted) up_.accept(clock_->now(), std::move(wanted.content.user_data));
    return {};
}

Result<std::optional<Bytes>> SimulatedSms::receive(std::chrono::milliseconds deadline) {
    auto end = clock_->now() + deadline;
    while (true) {
        auto down = down_.next(), up = up_.next();
        // The card may have taken longer than the deadline.
        if (up && *up <= std::max(end, clock_->now()) && (!down || *up <= *down)) {
            clock_->sleep_until(*up);
            return up_.take(*up);
        }
        if (!down || *down > end) break;
        clock_->sleep_until(*down);
        OTI_CHECK(arrive(*down_.take(*down)));
    }
    clock_->sleep_until(end);
    return std::nullopt;
}

}  // namespace oti::ota
