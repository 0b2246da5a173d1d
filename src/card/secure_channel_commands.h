// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// What a session began ends with it (GPCS 2.3.1, 11.11.1, 11.11.2.2).
void end_session(Channel& channel);

/// INITIALIZE UPDATE of SCP03 (Amendment D, 7.1.1) or SCP02 (E.5.1), as the keys are AES or triple DES. A
/// domain without keys of its own uses those of the domain above it.
Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command);
/// EXTERNAL AUTHENTICATE, or MUTUAL AUTHENTICATE of SCP11, whose P2 is never 00 (Amendment F, 7.6.2).
Answer external_authenticate(Environment& environment, Channel& channel, const Application& domain,
                             const CommandApdu& command);

}  // namespace oti::card
