// SPDX-License-Identifier: Apache-2.0
// What a security domain was told when it was installed (C9; UICC Configuration 1.0.1, 4.3.2).
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Checks the C9 of a new domain; the options `i` of its SCP03. Error 6A80 for unknown objects and for
/// channels that the card cannot do.
std::expected<std::uint8_t, StatusWord> check_domain_parameters(const Environment& environment, BytesView c9);

enum class Content : std::uint8_t { kApplication, kLoadFile };

// Objects 82, 87 and 83 of C9: one byte for applications and one for load files, or one for both; `00` is
// "never". Without the object a domain agrees. Whatever they say, a domain that is not personalized, or
// locked, agrees to nothing (5.3.2).
/// Whether content may be extradited to the domain (82).
bool accepts_extradition_to(const Application& domain, Content content);
/// Whether content of the domain may be extradited by a domain above it (87).
bool accepts_extradition_from(const Application& domain, Content content);
/// Whether content of the domain may be deleted by a domain above it (83).
bool accepts_deletion(const Application& domain, Content content);

/// Whether the domain is personalized as soon as it has keys; with object 84 it waits for a SET STATUS.
bool is_personalized_by_keys(const Application& domain);

}  // namespace oti::card
