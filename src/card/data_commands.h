// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// GET DATA (GPCS 2.3.1, 11.3).
Answer get_data(Environment& environment, Channel& channel, const Application& domain,
                const CommandApdu& command);
/// STORE DATA (11.11) for the domain itself: its identification and image numbers (42, 45), whole in each
/// block.
Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
