// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace oti::compare {

struct Summary {
    double mean = 0;
    double deviation = 0;      ///< of the sample
    double low = 0, high = 0;  ///< 95 % confidence interval of the mean (Student's t)
};

/// All zero for an empty sample; an interval of one value where there is one.
Summary summarize(const std::vector<double>& sample);

}  // namespace oti::compare
