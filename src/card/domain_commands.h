// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Runs a plain command in the security domain that is selected on the channel: what kind of session it
/// needs, which state of the card, and who handles it (GPCS 2.3.1, tables 11-1 and 11-2).
Answer run_domain_command(Environment& environment, Channel& channel, const Application& domain,
                          const CommandApdu& command);

}  // namespace oti::card
