// SPDX-License-Identifier: Apache-2.0
// Which secure channels a security domain offers, and with whose keys.
#pragma once

#include <expected>
#include <optional>

#include "card/environment.h"

namespace oti::card {

inline constexpr std::uint8_t kScp02 = 0x02, kScp03 = 0x03, kScp11 = 0x11, kScp80 = 0x80, kScp81 = 0x81;

/// The parameters i of the protocols that a domain offers.
struct ChannelOptions {
    std::optional<std::uint8_t> scp02_i;
    std::optional<std::uint8_t> scp03_i;
    std::optional<std::uint8_t> scp11_i;
    bool has_remote_versions = false;  ///< key versions 01 to 0F are of SCP80, and of no channel
};

/// Those of the profile, or those that the domain was installed with (C9, objects 81).
ChannelOptions channel_options(const Profile& profile, const Application& domain);
/// Whether the card can do the protocol as an object 81 of C9 wants it: protocol and i.
bool is_offered(const Profile& profile, BytesView protocol);

/// Key Identifiers of SCP11 (Amendment F, 5.1).
inline constexpr std::uint8_t kAuthorityKeyId = 0x10, kFirstAuthorityKeyId = 0x20, kLastAuthorityKeyId = 0x2F;
bool is_authority_key_id(std::uint8_t id);
bool is_agreement_key_id(std::uint8_t id);

/// Whether the domain has keys of its own with which somebody can open a secure channel to it.
bool has_channel_keys(const Environment& environment, const Application& domain);
/// The domain that has the keys with which `domain` is opened: itself, or the nearest one above with keys.
Aid key_holder(const Environment& environment, const Application& domain);
/// Whether whoever has the keys for the domain can agree on a session's keys by SCP11.
bool has_agreement_key(const Environment& environment, const Application& domain);
/// The key set for INITIALIZE UPDATE, version 0: the first one that fits. Error 6A88; 6985 for keys that are
/// not meant for this domain.
std::expected<StoredKeySet, StatusWord> channel_key_set(const Environment& environment,
                                                        const Application& domain, std::uint8_t version);

}  // namespace oti::card
