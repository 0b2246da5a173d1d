// SPDX-License-Identifier: Apache-2.0
#include "bearer/virtual_channel.h"

#include "iso7816/get_response.h"

namespace oti::bearer {

Result<Bytes> VirtualChannel::transmit(BytesView command) {
    auto one = [this](BytesView apdu) -> Result<Bytes> { return exchange(apdu); };
    return command.empty() ? one(command) : iso7816::with_rest(one, command.front(), exchange(command));
}

Bytes VirtualChannel::exchange(BytesView command) {
    card::Exchange exchange;
    std::optional<std::chrono::steady_clock::time_point> begin;
    if (clock_ != nullptr) begin = clock_->now();
    auto response = se_->process(command, exchange);
    if (begin) clock_->sleep_until(*begin + se_->profile().pacing.time_of(exchange));
    if (!exchange.diagnosis.empty()) on_diagnosis(exchange.diagnosis);
    return response;
}

Status VirtualChannel::reset() {
    se_->reset();
    return {};
}

}  // namespace oti::bearer
