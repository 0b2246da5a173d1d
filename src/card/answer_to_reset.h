// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "card/profile.h"

namespace oti::card {

/// What the card says when power comes (ISO/IEC 7816-3, clause 8): TS to TCK, for the one protocol of the
/// profile. The historical bytes (ISO/IEC 7816-4, 12.1.1) tell what OPEN can do: selection by whole or
/// partial AID, no MF; command chaining, extended length, logical channels.
Bytes answer_to_reset(const Profile& profile);

}  // namespace oti::card
