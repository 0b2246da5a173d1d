// SPDX-License-Identifier: Apache-2.0
#include "compare/stream_bearer.h"

#include "compare/stream_run.h"

namespace oti::compare {

std::string_view StreamBearer::name() const {
    if (sort_ == Sort::kCold) return "oti-cold";
    return sort_ == Sort::kWarm ? "oti" : "oti-lockstep";
}

std::string_view StreamBearer::title() const {
    if (sort_ == Sort::kCold) return "OTI, cold";
    return sort_ == Sort::kWarm ? "OTI" : "OTI in lockstep";
}

Result<Outcome> StreamBearer::install(const Trial& trial) const {
    auto flight = sort_ == Sort::kLockstep ? remote_agent::Flight::lockstep() : remote_agent::Flight{};
    return StreamRun(trial, flight, sort_ == Sort::kCold).run();
}

}  // namespace oti::compare
