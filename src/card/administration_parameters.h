// SPDX-License-Identifier: Apache-2.0
// What a security domain knows of its administration server (Amendment B, 3.7 and 3.8).
#pragma once

#include <optional>
#include <string>

#include "card/environment.h"

namespace oti::card {

/// For one session, complete.
struct AdministrationParameters {
    Bytes connection;  ///< objects for OPEN CHANNEL (3.8.1)
    std::string identity;
    KeyPlace key;
    unsigned retries = 0;
    Bytes delay;  ///< between them: a timer value of 3 bytes (TS 102 223, 8.38)
    std::string host;
    std::string agent;
    std::string uri;
};

/// Tag of the parameters in STORE DATA, GET DATA and C9, and of those of which single ones are updated.
inline constexpr Tag kAdministrationParameters = 0x85, kAdministrationUpdate = 0xA5;

/// Stores the value of 85, or updates what is stored with that of A5, where an empty parameter is removed.
/// Error 6A80 for what are no such parameters.
std::expected<void, StatusWord> store_administration_parameters(Environment& environment,
                                                                const Application& domain, const Tlv& object);
/// What is stored; 6A88 if nothing is.
std::expected<Bytes, StatusWord> stored_administration_parameters(const Environment& environment,
                                                                  const Application& domain);

/// A triggering message (table 3-3): begins with this tag.
inline constexpr std::uint8_t kAdministrationTrigger = 0x81;
/// Completes the parameters of a triggering message (its value) with those of the domain, and those with the
/// issuer's. RAS Connection Parameters are taken whole from the first who has them. Nothing, if one is
/// missing that has no default (3.12), or is not what the standard says.
std::optional<AdministrationParameters> complete_parameters(const Environment& environment,
                                                            const Application& domain, BytesView trigger);

}  // namespace oti::card
