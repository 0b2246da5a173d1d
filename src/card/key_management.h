// SPDX-License-Identifier: Apache-2.0
// The rules for changing the keys of a domain, whichever command does it.
#pragma once

#include "card/channel_options.h"
#include "card/key_data.h"

namespace oti::card {

/// Gives a domain keys of one version: new ones if `replaced` is 0, else in the place of those of that
/// version with the same identifiers (GPCS 2.3.1, 11.8.1, 11.8.2.3.3). A domain that gets its first keys for
/// a secure channel becomes PERSONALIZED.
///
/// 6A88: there is no such key to be replaced; 6A80: the place is taken, or the key has not the
/// characteristics of the one it replaces; 6A84: too many keys; 6985: the domain would be left without a
/// secure channel.
std::expected<void, StatusWord> put_keys(Environment& environment, const Application& domain,
                                         std::uint8_t replaced, const std::vector<StoredKey>& keys);

}  // namespace oti::card
