// SPDX-License-Identifier: Apache-2.0
// The tables of the report, as HTML.
#pragma once

#include <string>

#include "compare/measurement.h"

namespace oti::compare {

std::string paper_table(const Measurement& measurement);
std::string reliability_table(const Measurement& measurement);
std::string qualities_table(const Measurement& measurement);
std::string networks_table(const Measurement& measurement);
std::string elements_table(const Measurement& measurement);
std::string cells_table(const Measurement& measurement);

}  // namespace oti::compare
