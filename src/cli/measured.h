// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.h"
#include "cli/output.h"

namespace oti::cli {

/// What one session with a secure element took.
struct Measured {
    double seconds = 0;
    std::int64_t apdus = 0;
    std::int64_t round_trips = 0;  ///< that depend on each other; none over the wire
    std::int64_t bytes_up = 0;     ///< from the phone
    std::int64_t bytes_down = 0;

    json::object to_json() const {
        return {{"seconds", seconds},
                {"apdus", apdus},
                {"round_trips", round_trips},
                {"bytes_up", bytes_up},
                {"bytes_down", bytes_down}};
    }
};

/// The three sessions of an application's life.
struct Life {
    Measured install, update, remove;
};

}  // namespace oti::cli
