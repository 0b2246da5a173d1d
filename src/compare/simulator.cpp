// SPDX-License-Identifier: Apache-2.0
#include "compare/simulator.h"

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

}  // namespace oti::compare
