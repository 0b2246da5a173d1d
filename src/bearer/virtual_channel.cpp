// SPDX-License-Identifier: Apache-2.0
#include "bearer/virtual_channel.h"

namespace oti::bearer {

Result<Bytes> VirtualChannel::transmit(BytesView command) {
    card::Exchange exchange;
    if (clock_ == nullptr) return se_->process(command, exchange);
    auto begin = clock_->now();
    auto response = se_->process(command, exchange);
    clock_->sleep_until(begin + se_->profile().pacing.time_of(exchange));
    return response;
}

Status VirtualChannel::reset() {
    se_->reset();
    return {};
}

}  // namespace oti::bearer
