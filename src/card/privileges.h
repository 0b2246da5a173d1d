// SPDX-License-Identifier: Apache-2.0
// Who may have which privileges (GPCS 2.3.1, 6.6.2 and 11.1.2).
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Privileges as a command gives them, in 1 or 3 bytes. One byte alone is completed as table 6-2 says; bits
/// that mean nothing are dropped (11.1). Error 6A80 for other lengths and for sets that no application can
/// have.
std::expected<PrivilegeSet, StatusWord> parse_privileges(BytesView field);

/// Gives `wanted` to `entry`, at the request of `giver`: each one that comes or goes must be the giver's own
/// or one that reaches no further than the giver's part of the card, unless a token allowed it. Card Reset
/// and Final Application leave the issuer's domain, from which alone they can be had; token verification and
/// receipt generation are of one domain in each part of the card that begins with authorized management
/// (9.1.3.1, 9.1.3.6). The registry's entry is not changed. Error 6985.
std::expected<void, StatusWord> assign_privileges(Environment& environment, const Application& giver,
                                                  bool by_token, Application& entry, PrivilegeSet wanted);
/// Card Reset and Final Application return to the issuer's domain from an application that loses them.
void return_privileges(Environment& environment, PrivilegeSet lost);

/// The domain with authorized management with which the part of the card begins that `entry` is in: itself,
/// or one above it.
Application root_of(const Registry& registry, const Application& entry);

}  // namespace oti::card
