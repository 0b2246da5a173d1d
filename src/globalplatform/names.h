// SPDX-License-Identifier: Apache-2.0
// Life cycles and privileges in words, as people read and type them.
#pragma once

#include <string>
#include <vector>

#include "globalplatform/registry.h"

namespace oti::globalplatform {

/// "selectable", "locked (was selectable)", …; hexadecimal where a standard gives it no name. Of the issuer's
/// domain the life cycle is the card's (table 11-6), of other domains table 11-5, of applications table 11-4,
/// of load files table 11-3.
std::string card_life_cycle(std::uint8_t state);
std::string life_cycle_of(const ApplicationEntry& entry);
std::string load_file_life_cycle(std::uint8_t state);

/// Privileges by name, in the order of table 6-1: "security-domain", "card-reset", ….
std::vector<std::string> names_of(const Privileges& privileges);
/// Names with commas between them, or 1 or 3 bytes in hexadecimal. Error `privileges.unknown`.
Result<Privileges> parse_privileges(std::string_view text);
/// All names, for help texts.
std::string all_privilege_names();

/// Where an application is selected by itself (11.1.7): "contact", "contactless", with the logical channel.
std::string implicit_selection_name(std::uint8_t parameter);

/// "AES", "triple DES", "RSA public modulus", … (table 11-16); hexadecimal for others.
std::string key_type_name(std::uint8_t type);
/// What a key of this version is for (GPCS 2.3.1, 7.5 and the configurations): "SCP03", "token", "DAP", …;
/// empty if nothing special.
std::string key_version_purpose(std::uint8_t version);

/// "INSTALL [for load]", "DELETE [key]", "GET DATA 9F7F", …; of a command before or after the secure channel.
std::string command_name(const iso7816::CommandApdu& command);

}  // namespace oti::globalplatform
