// SPDX-License-Identifier: Apache-2.0
#include "compare/wire_bearer.h"

#include <algorithm>

#include "compare/simulated_card.h"

namespace oti::compare {

Result<Outcome> WireBearer::install(const Trial& trial) const {
    SeededRandom random(trial.seed, trial.name);
    OTI_TRY(auto card, SimulatedCard::create(trial, random));
    Outcome outcome;
    auto cuts = trial.cuts;
    std::ranges::sort(cuts);

    /// Runs one session; false if the card lost its power.
    auto session = [&]() -> Result<bool> {
        auto work = trial.subject.installation(trial.applet, trial.procedure, {}, random);
        while (true) {
            OTI_TRY(auto script, work->next());
            if (script.empty()) return true;
            for (auto& command : script) {
                auto answer = card.transmit(std::move(command.apdu));
                outcome.duration += answer.after;
                if (!cuts.empty() && outcome.duration >= cuts.front()) {
                    cuts.erase(cuts.begin());
                    card.reset();
                    return false;
                }
                OTI_CHECK(work->on_response(answer.response));
                if (!work->awaiting()) break;
            }
        }
    };
    while (!outcome.completed) {
        auto done = session();
        outcome.apdus = card.apdus();
        if (!done) {
            outcome.error = done.error().code;
            return outcome;
        }
        outcome.completed = *done;
        if (!*done) ++outcome.retries;
    }
    return outcome;
}

}  // namespace oti::compare
