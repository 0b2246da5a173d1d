// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <thread>

namespace oti {

std::chrono::steady_clock::time_point SystemClock::now() const {
    return std::chrono::steady_clock::now();
}

void SystemClock::sleep_until(std::chrono::steady_clock::time_point when) {
    std::this_thread::sleep_until(when);
}

}  // namespace oti
