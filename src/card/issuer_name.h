// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Gives the issuer's domain another AID (GPCS 2.3.1, 11.11.2.3, tag 4F): all that is associated with it
/// follows. Error 6A80: something else has the AID.
std::expected<void, StatusWord> rename_issuer(Environment& environment, const Aid& name);

}  // namespace oti::card
