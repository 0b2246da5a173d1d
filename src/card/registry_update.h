// SPDX-License-Identifier: Apache-2.0
// INSTALL [for extradition] and [for registry update] (GPCS 2.3.1, 9.4, 11.5.2.3.4 and 11.5.2.3.5).
#pragma once

#include "card/environment.h"

namespace oti::card {

Answer extradite(Environment& environment, const Application& domain, const CommandApdu& command);
Answer update_registry(Environment& environment, const Application& domain, const CommandApdu& command);

/// The instance of a field that the domain may change: its own, or one below it; the issuer's domain any.
/// Error 6A80, 6A88, 6985.
std::expected<Application, StatusWord> managed_instance(const Environment& environment,
                                                        const Application& domain, BytesView field);
/// Adds implicit selection parameters. 6985 if another application has that channel of that interface, 6A80
/// if there is no such channel.
std::expected<void, StatusWord> add_implicit_selections(const Environment& environment, Application& entry,
                                                        BytesView selections);

}  // namespace oti::card
