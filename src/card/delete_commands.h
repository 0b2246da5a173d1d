// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// DELETE (GPCS 2.3.1, 11.2) of an application, a domain, a load file, each also with what hangs on it.
Answer delete_command(Environment& environment, Channel& channel, const Application& domain,
                      const CommandApdu& command);

}  // namespace oti::card
