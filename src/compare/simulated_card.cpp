// SPDX-License-Identifier: Apache-2.0
#include "compare/simulated_card.h"

namespace oti::compare {

Result<SimulatedCard> SimulatedCard::create(const Trial& trial, crypto::Random& random) {
    OTI_TRY(auto se, trial.subject.secure_element(random));
    return SimulatedCard(trial, std::move(se));
}

SimulatedCard::Answer SimulatedCard::transmit(Bytes command) {
    if (trial_->bridge) trial_->bridge(command, true);
    card::Exchange exchange;
    auto response = se_.process(command, exchange);
    ++apdus_;
    if (trial_->bridge) trial_->bridge(response, false);
    return {std::move(response), se_.profile().pacing.time_of(exchange)};
}

}  // namespace oti::compare
