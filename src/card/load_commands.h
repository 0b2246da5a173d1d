// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// LOAD (GPCS 2.3.1, 11.6). The blocks are gathered; the last one checks, links and registers the load file.
Answer load(Environment& environment, Channel& channel, const Application& domain,
            const CommandApdu& command);

}  // namespace oti::card
