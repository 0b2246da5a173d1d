// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// The domain that has the keys with which `domain` is opened: itself, or the nearest one above with keys.
Aid key_holder(const Environment& environment, const Application& domain);

/// INITIALIZE UPDATE (Amendment D, 7.1.1). A domain without keys of its own uses those of the domain above
/// it.
Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command);

}  // namespace oti::card
