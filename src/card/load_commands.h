// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// LOAD (GPCS 2.3.1, 11.6). The blocks are gathered; the last one checks, links and registers the load file,
/// unless the last INSTALL of a combined process shall do it.
Answer load(Environment& environment, Channel& channel, const Application& domain,
            const CommandApdu& command);

/// Checks, links and registers a load file of which all blocks are there.
std::expected<void, StatusWord> register_load_file(Environment& environment, const Loading& loading);

}  // namespace oti::card
