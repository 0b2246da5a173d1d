// SPDX-License-Identifier: Apache-2.0
// The data objects that STORE DATA puts into a security domain (GPCS 2.3.1, 11.11.2.3; Amendment F, 7.8 to
// 7.10).
#pragma once

#include "base/tlv.h"
#include "card/environment.h"

namespace oti::card {

/// Stores one object: numbers (42, 45), the issuer's domain's AID (4F), data of the card or domain (66, 67,
/// 5F50, CF), parameters of SCP81 (85, A5), and what goes with keys of SCP11, whose reference (A6) comes
/// before them. Error 6A80: the domain has no such object, or not with this value; 6A88: the key that is
/// referred to is not there.
std::expected<void, StatusWord> store_object(Environment& environment, Channel& channel,
                                             const Application& domain, const Tlv& object);

}  // namespace oti::card
