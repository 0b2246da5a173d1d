// SPDX-License-Identifier: Apache-2.0
#include "compare/link.h"

#include <algorithm>
#include <cmath>

namespace oti::compare {

Time Radio::ready(Time now) {
    if (now >= off_at_) {
        before_ += off_at_ - on_since_;
        on_since_ = now;
        ready_at_ = now + promotion_;
        off_at_ = ready_at_ + tail_;
    }
    return std::max(now, ready_at_);
}

void Link::send(std::size_t size, std::function<void()> arrive) {
    bytes_ += size;
    free_at_ = std::max(radio_->ready(simulator_->now()), free_at_) +
               seconds(static_cast<double>(size) / bytes_per_second_);
    radio_->active(free_at_);
    // Two independent ways whose sum has the round trip's deviation.
    auto way = network_->round_trip / 2 + random_->normal() * network_->jitter / std::sqrt(2.0);
    if (random_->chance(network_->loss)) return;
    last_arrival_ = std::max(last_arrival_, free_at_ + seconds(std::max(way, network_->round_trip / 4)));
    radio_->active(last_arrival_);
    simulator_->after(last_arrival_ - simulator_->now(), std::move(arrive));
}

}  // namespace oti::compare
