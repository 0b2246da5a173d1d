// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// A state that an application gives itself (GPSystem.setCardContentState): one of its own, or locked. False
/// if it may not (figure 5-2).
bool set_application_state(Registry& registry, const Aid& aid, std::uint8_t state);

/// SET STATUS (GPCS 2.3.1, 11.10): life cycle of the card, of domains and of applications.
Answer set_status(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
