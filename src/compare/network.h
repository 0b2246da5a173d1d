// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace oti::compare {

/// A mobile network, as far as it matters to a session: declared, not measured. Times in seconds.
struct Network {
    std::string name;
    double round_trip = 0;  ///< mean, of a small packet while the radio is connected
    double jitter = 0;      ///< standard deviation of the round trip; packets keep their order
    double down_bytes_per_second = 0;
    double up_bytes_per_second = 0;
    double loss = 0;          ///< share of packets, in each direction
    double promotion = 0;     ///< from an idle radio to the first packet, with paging
    double tail = 0;          ///< the radio stays connected for so long after the last packet
    double cut_every = 0;     ///< mean time between losses of the connection; 0: never
    double outage = 0;        ///< mean time that a lost connection stays away
    std::string source = {};  ///< where the figures come from
};

/// "wifi", "5g", "4g", "3g", "2g", "paper-3g". Error `compare.network` with the names.
Result<Network> network_named(std::string_view name);
const std::vector<Network>& networks();

}  // namespace oti::compare
