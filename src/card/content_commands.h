// SPDX-License-Identifier: Apache-2.0
// Card content management (GPCS 2.3.1, chapter 9): what is loaded, installed and deleted, and by whom.
#pragma once

#include "card/environment.h"

namespace oti::card {

/// INSTALL (11.5): for load, install, make selectable, install and make selectable, personalization.
Answer install(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command);
/// LOAD (11.6). The blocks are gathered; the last one checks, links and registers the load file.
Answer load(Environment& environment, Channel& channel, const CommandApdu& command);
/// DELETE (11.2) of an application, a domain, a load file, each also with what hangs on it.
Answer delete_content(Environment& environment, const Application& domain, const CommandApdu& command);

}  // namespace oti::card
