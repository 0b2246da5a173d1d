// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/measured.h"

namespace oti::cli {

/// The CAP files of two versions of an application.
struct Versions {
    std::string first, second;
};

/// OTW, the first baseline: the same manager, the same sessions, with a secure element that is plugged in. It
/// is as fast as its profile says, in real time.
Result<Life> run_over_the_wire(const std::string& profile, const Versions& cap_files);

}  // namespace oti::cli
