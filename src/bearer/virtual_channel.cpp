// SPDX-License-Identifier: Apache-2.0
#include "bearer/virtual_channel.h"

namespace oti::bearer {

Result<Bytes> VirtualChannel::transmit(BytesView command) {
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
