// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Whether one response of GET STATUS has room for the entry with its modules, at every security level.
bool fits_in_get_status(const LoadFile& entry);

/// GET STATUS (GPCS 2.3.1, 11.4): what the domain may see of the registry; itself always. 6310 when there is
/// more than fits into a response.
Answer get_status(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
