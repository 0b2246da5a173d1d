// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// STORE DATA (GPCS 2.3.1, 11.11): for the domain itself, or for what it personalizes (7.3.2), which may be
/// another domain. For domains, BER-TLV objects or data groups; an object may go on in the next block, and
/// those that are whole are stored with each block.
Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
