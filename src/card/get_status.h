// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// GET STATUS (GPCS 2.3.1, 11.4): what the domain may see of the registry; itself always. 6310 when there is
/// more than fits into a response.
Answer get_status(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
