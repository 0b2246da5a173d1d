// SPDX-License-Identifier: Apache-2.0
// Who may manage content: authorized management, or delegated management with tokens and receipts
// (GPCS 2.3.1, 9.1.3, 9.2.3, C.4 and C.5).
#pragma once

#include "card/environment.h"
#include "card/install_fields.h"

namespace oti::card {

/// Allows a request that a domain received: without a token if it has authorized management, else with the
/// token that the domain with token verification above it accepts. 6985 for a domain that may not manage
/// content, that is not personalized, or without the token that it needs; 6A80 for a token that nobody needs;
/// 6982 for a wrong one.
std::expected<Authorization, StatusWord> authorize(const Environment& environment, const Application& domain,
                                                   BytesView signed_data, BytesView token,
                                                   const TokenReference& reference);

/// What a domain with delegated management needs to begin a process for which the token comes later.
std::expected<void, StatusWord> may_begin(const Application& domain);

/// The confirmation of a request that was carried out: with a receipt over `subject` (tables C-11 to C-16) if
/// it was delegated and the domain with receipt generation has a key for it, else `00`. The counter is
/// counted on. Error 6985 if the counter is at its end.
Answer confirm(Environment& environment, const Authorization& authorization, BytesView subject);

}  // namespace oti::card
