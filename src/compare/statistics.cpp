// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace oti::compare {
namespace {

/// Student's t for 95 %, two-sided, by degrees of freedom from 1.
constexpr std::array kStudent{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                              2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                              2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
constexpr double kNormal = 1.960;

double student(std::size_t freedom) {
    if (freedom <= kStudent.size()) return kStudent[freedom - 1];
    return kNormal + 2.4 / static_cast<double>(freedom);  // to three digits from 30 on
}

}  // namespace

Summary summarize(const std::vector<double>& sample) {
    if (sample.empty()) return {};
    auto count = static_cast<double>(sample.size());
    auto mean = std::accumulate(sample.begin(), sample.end(), 0.0) / count;
    if (sample.size() == 1) return {mean, 0, mean, mean};
    double squares = 0;
    for (auto value : sample) squares += (value - mean) * (value - mean);
    auto deviation = std::sqrt(squares / (count - 1));
    auto half = student(sample.size() - 1) * deviation / std::sqrt(count);
    return {mean, deviation, mean - half, mean + half};
}

}  // namespace oti::compare
