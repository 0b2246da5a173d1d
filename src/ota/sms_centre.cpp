// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_centre.h"

#include <algorithm>

namespace oti::ota {

// Not std::uniform_real_distribution, which each library computes in its own way.
bool SmsCentre::happens(double share) {
    constexpr double kRange = 18446744073709551616.0;  // 2^64
    return share > 0 && static_cast<double>(random_()) < share * kRange;
}

void SmsCentre::accept(Time now, Bytes message) {
    ++counts_.accepted;
    if (happens(behaviour_.loss)) {
        ++counts_.lost;
        return;
    }
    auto ready = now + behaviour_.forwarding;
    if (behaviour_.jitter.count() > 0) {
        ready += Duration(
            static_cast<Duration::rep>(random_() % static_cast<std::uint64_t>(behaviour_.jitter.count())));
    }
    auto arrival = std::max(ready, air_free_) + behaviour_.transfer;
    if (arrival - now > behaviour_.validity) {
        ++counts_.expired;
        return;
    }
    air_free_ = arrival;
    if (happens(behaviour_.duplication)) {
        ++counts_.doubled;
        air_free_ += behaviour_.transfer;
        send(air_free_, message);
    }
    if (happens(behaviour_.reordering)) {
        ++counts_.overtaken;
        // Just behind the next one.
        arrival += behaviour_.forwarding + behaviour_.jitter + 2 * behaviour_.transfer + Duration(1);
    }
    send(arrival, std::move(message));
}

void SmsCentre::send(Time arrival, Bytes message) {
    auto place = std::ranges::upper_bound(on_their_way_, arrival, {}, &OnItsWay::arrival);
    on_their_way_.insert(place, {arrival, std::move(message)});
}

std::optional<SmsCentre::Time> SmsCentre::next() const {
    if (on_their_way_.empty()) return std::nullopt;
    return on_their_way_.front().arrival;
}

std::optional<Bytes> SmsCentre::take(Time now) {
    if (on_their_way_.empty() || on_their_way_.front().arrival > now) return std::nullopt;
    auto message = std::move(on_their_way_.front().message);
    on_their_way_.erase(on_their_way_.begin());
    ++counts_.delivered;
    return message;
}

}  // namespace oti::ota
