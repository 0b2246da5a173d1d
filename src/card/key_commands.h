// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// PUT KEY of a set of three AES keys (GPCS 2.3.1, 11.8).
Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command);

}  // namespace oti::card
