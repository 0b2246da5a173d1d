// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "card/environment.h"
#include "scp/scp80_keys.h"

namespace oti::card {

/// The keys of a version from 01 to 0F, and who has them.
struct RemoteKeys {
    Aid holder;
    scp::Scp80Keys keys;
};

/// Whether the domain has a set of keys of its own for secured packets.
bool has_remote_keys(const Environment& environment, const Aid& domain);
/// Those of the domain, or of the nearest one above that has such keys (TS 102 226, 6.1, note). Triple DES
/// only on cards that are old, or have SCP02.
std::optional<RemoteKeys> find_remote_keys(const Environment& environment, const Application& domain,
                                           std::uint8_t version);

}  // namespace oti::card
