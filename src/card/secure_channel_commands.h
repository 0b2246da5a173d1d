// SPDX-License-Identifier: Apache-2.0
// Commands that open a secure channel and manage a security domain's keys and data.
#pragma once

#include "card/environment.h"

namespace oti::card {

/// INITIALIZE UPDATE (Amendment D, 7.1.1). A domain without keys of its own uses those of the domain above
/// it.
Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command);
/// PUT KEY of a set of three AES keys (GPCS 2.3.1, 11.8).
Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command);
/// GET DATA (11.3).
Answer get_data(Environment& environment, const Application& domain, const CommandApdu& command);
/// STORE DATA (11.11) for the issuer's domain: IIN and CIN.
Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command);

}  // namespace oti::card
