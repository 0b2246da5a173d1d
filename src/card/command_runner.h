// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "card/environment.h"

namespace oti::card {

/// What remote management needs of the card.
struct CommandRunner {
    Environment& environment;
    /// Runs one command of content management as a transaction of its own.
    std::function<ResponseApdu(const Application&, Channel&, const CommandApdu&)> run;
    /// Makes durable what was written; false without power.
    std::function<bool()> commit;
};

}  // namespace oti::card
