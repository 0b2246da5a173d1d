// SPDX-License-Identifier: Apache-2.0
#include "compare/network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>

namespace oti::compare {

// Promotion and tail of Wi-Fi and LTE, and 3G's tail: measured by Huang et al., "A close examination of
// performance and power characteristics of 4G LTE networks" (MobiSys 2012), rounded; 3G from idle: Qian et
// al., "Characterizing radio resource allocation for 3G networks" (IMC 2010). Round trips and rates are round
// figures of what operators' customers see.
const std::vector<Network>& networks() {
    static const std::vector<Network> all{
        {.name = "wifi",
         .round_trip = 0.020,
         .jitter = 0.004,
         .down_bytes_per_second = 2.5e6,
         .up_bytes_per_second = 1.25e6,
         .promotion = 0.08,
         .tail = 0.24,
         .outage = 1,
         .source = "Wi-Fi at home, server in the same country"},
        {.name = "5g",
         .round_trip = 0.025,
         .jitter = 0.005,
         .down_bytes_per_second = 12.5e6,
         .up_bytes_per_second = 2.5e6,
         .promotion = 0.10,
         .tail = 10,
         .outage = 1,
         .source = "5G non-standalone, mid band"},
        {.name = "4g",
         .round_trip = 0.050,
         .jitter = 0.010,
         .down_bytes_per_second = 1.5e6,
         .up_bytes_per_second = 0.6e6,
         .promotion = 0.26,
         .tail = 11.6,
         .outage = 1,
         .source = "LTE; radio: Huang et al. 2012"},
        {.name = "3g",
         .round_trip = 0.120,
         .jitter = 0.025,
         .down_bytes_per_second = 400e3,
         .up_bytes_per_second = 100e3,
         .promotion = 2.0,
         .tail = 8.9,
         .outage = 1,
         .source = "HSPA+; radio: Qian et al. 2010, Huang et al. 2012"},
        {.name = "2g",
         .round_trip = 0.500,
         .jitter = 0.100,
         .down_bytes_per_second = 25e3,
         .up_bytes_per_second = 12e3,
         .promotion = 1.0,
         .tail = 6,
         .outage = 2,
         .source = "EDGE"},
        // Not from the paper's own figures, which would make its lockstep no prediction: pings of HSPA
        // customers in 2013 and 2014, as OpenSignal published them, lie around 150 ms (the paper's difference
        // of OTI and OTW would be 174 ms an APDU, with what its programs took).
        {.name = "paper-3g",
         .round_trip = 0.150,
         .jitter = 0.020,
         .down_bytes_per_second = 225e3,
         .up_bytes_per_second = 48e3,
         .promotion = 2.0,
         .tail = 8.9,
         .outage = 1,
         .source =
             "HSPA of the paper's time: OpenSignal's pings of 2013 and 2014, 1.8 Mbit/s down, 384 kbit/s up"},
    };
    return all;
}

Result<Network> network_named(std::string_view name) {
    auto found = std::ranges::find(networks(), name, &Network::name);
    if (found != networks().end()) return *found;
    auto names = networks() | std::views::transform(&Network::name);
    return fail(ErrorKind::kUsage, "compare.network", fmt::format("there is no network '{}'", name),
                fmt::format("use {}, or describe it in the experiment's file", fmt::join(names, ", ")));
}

}  // namespace oti::compare
