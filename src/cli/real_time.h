// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cli/output.h"
#include "compare/experiment.h"

namespace oti::cli {

/// The same installations twice: in virtual time, and in real time by the real processes (`oti tsm`, `oti
/// sp`, `oti agent`) behind a relay that delays what goes through it. Of the networks only the round trip is
/// looked at, in both; bearers that the processes do not offer are left out. Returns a list of comparisons
/// with members `bearer`, `element`, `round_trip_ms`, `real`, `virtual` (seconds), `difference` (share).
Result<json::array> compare_with_real_time(const compare::Experiment& experiment, Output& output,
                                           std::filesystem::path program = "/proc/self/exe");

}  // namespace oti::cli
