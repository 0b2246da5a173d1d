// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cli/output.h"
#include "compare/experiment.h"

namespace oti::cli {

/// The same installations twice: in virtual time, and in real time by the real processes (`oti tsm`, `oti
/// sp`, `oti agent`). These have Linux's TCP between them, through networks made for them and shaped as they
/// are declared: round trip, jitter, bandwidth, loss, the radio's promotions, cuts. Bearers that the
/// processes do not offer are left out. All cells are measured at once, each with a phone of its own, the
/// runs of a cell one after another.
///
/// Returns a list of comparisons with members `bearer`, `element`, `network`, `runs`; `real` and `virtual`,
/// each `seconds` (mean) and `deviation`; `difference_seconds`, and `difference` as a share. Errors
/// `network.*` without the right to make networks.
Result<json::array> compare_with_real_time(const compare::Experiment& experiment, Output& output,
                                           std::filesystem::path program = "/proc/self/exe");

}  // namespace oti::cli
