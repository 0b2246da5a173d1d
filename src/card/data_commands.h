// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// GET DATA (GPCS 2.3.1, 11.3; Amendment F, 7.2 to 7.4): of a GlobalPlatform class the whole data object, of
/// an ISO class its value.
Answer get_data(Environment& environment, Channel& channel, const Application& domain,
                const CommandApdu& command);

}  // namespace oti::card
