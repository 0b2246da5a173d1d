// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>

#include "compare/measurement.h"

namespace oti::compare {

/// What results.json holds: the experiment with all declared figures, and the cells. The same measurement
/// gives the same text.
boost::json::object results_of(const Measurement& measurement);

/// Indented, members in their order, a line for each cell.
std::string as_document(const boost::json::object& results);

}  // namespace oti::compare
