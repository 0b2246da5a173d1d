// SPDX-License-Identifier: Apache-2.0
// For benchmarks: what something takes here and now.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace oti::testing {

/// What `times` calls take: the best of many runs.
template <typename Call>
std::chrono::duration<double> best_time(std::size_t times, const Call& call) {
    auto best = std::chrono::duration<double>::max();
    for (int run = 0; run < 200; ++run) {
        auto start = std::chrono::steady_clock::now();
        for (std::size_t n = 0; n < times; ++n) call();
        best = std::min<std::chrono::duration<double>>(best, std::chrono::steady_clock::now() - start);
    }
    return best;
}

}  // namespace oti::testing
