// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// INSTALL (GPCS 2.3.1, 11.5): for load, install, make selectable, install and make selectable,
/// personalization.
Answer install(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command);

}  // namespace oti::card
