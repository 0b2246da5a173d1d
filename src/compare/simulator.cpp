// SPDX-License-Identifier: Apache-2.0
#include "compare/simulator.h"

#include <algorithm>

namespace oti::compare {

bool Simulator::run_until(const std::function<bool()>& done, Time limit) {
    while (!done()) {
        if (events_.empty() || events_.begin()->first.first > limit) return false;
        auto next = events_.extract(events_.begin());
        now_ = next.key().first;
        next.mapped()();
    }
    return true;
}

void Simulator::run_to(Time time) {
    run_until([] { return false; }, time);
    now_ = std::max(now_, time);
}

std::optional<Time> Simulator::next() const {
    return events_.empty() ? std::nullopt : std::optional(events_.begin()->first.first);
}

}  // namespace oti::compare
