// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/network.h"

namespace oti::compare {

/// What is varied, one thing at a time, while all else stays.
struct Sweep {
    std::string element = "uicc-2024";
    Network network;
    std::vector<double> sizes_kb, round_trips_ms, losses, cuts_every_s;
    std::vector<double> cut_at_percent;  ///< one cut, at this share of the undisturbed time
};

/// What is to be compared. Lists are texts with commas, in the file as on the command line.
struct Experiment {
    std::string title = "Comparison";
    std::uint64_t seed = 1;
    std::size_t runs = 20;
    std::vector<std::string> applets{"applets/transit-1.0.cap", "applets/hello.cap"};  ///< CAP files
    std::vector<std::string> bearers{"otw", "oti", "oti-lockstep", "seram"};
    std::vector<std::string> elements{"uicc-2014", "uicc-2024", "ese-2024"};
    std::vector<Network> networks;
    Sweep sweep;
    bool paper = true;      ///< the paper's Table I beside ours
    bool qualities = true;  ///< the table of qualities

    /// Errors `experiment.invalid` with the line or the key, `compare.network`.
    static Result<Experiment> parse(std::string_view toml);
    /// One that is described nowhere: all built-in networks, no sweeps.
    static Experiment standard();
};

/// "a, b,c": its parts, without spaces and without empty ones.
std::vector<std::string> list_of(std::string_view text);

}  // namespace oti::compare
