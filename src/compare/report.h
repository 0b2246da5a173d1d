// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "compare/measurement.h"

namespace oti::compare {

/// report.html: one page that needs nothing else, with plots, tables, and all figures that were declared.
std::string report_of(const Measurement& measurement);

}  // namespace oti::compare
