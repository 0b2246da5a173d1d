// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// PUT KEY (GPCS 2.3.1, 11.8): adds or replaces one or several keys.
Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command);

/// Whether the data of a DELETE name keys (table 11-24).
bool is_key_deletion(const CommandApdu& command);
/// DELETE [key] (11.2.2.3.2).
Answer delete_keys(Environment& environment, Channel& channel, const Application& domain,
                   const CommandApdu& command);

}  // namespace oti::card
