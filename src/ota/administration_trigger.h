// SPDX-License-Identifier: Apache-2.0
// What tells a card to call its administration server, off card (Amendment B, 3.7 and 3.8).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ota/proactive_command.h"

namespace oti::ota {

/// How often a session that broke is begun again, and after what time.
struct RetryPolicy {
    std::uint16_t retries = 0;
    std::chrono::seconds delay{};
};

/// Parameters of an administration session; what is left out the card has to know itself.
struct AdministrationParameters {
    std::optional<ChannelTarget> server = {};
    std::string identity = {};  ///< of the pre-shared key
    std::uint8_t key_version = 0;
    std::uint8_t key_id = 0;
    std::optional<RetryPolicy> retry = {};
    std::string host = {};
    std::string agent = {};
    std::string uri = {};

    /// For STORE DATA, and for a triggering message (table 3-4), without the tag around them.
    Bytes encode() const;
};

/// The triggering message (table 3-3), which goes to a domain in a secured packet, as an expanded script
/// would.
Bytes encode_trigger(const AdministrationParameters& parameters);

}  // namespace oti::ota
