// SPDX-License-Identifier: Apache-2.0
#include "card/channel_options.h"

#include <algorithm>

#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr Tag kProtocol = 0x81;
/// SK.SD.ECKA for SCP11a, b and c.
constexpr std::uint8_t kAgreementKeyIds[] = {0x11, 0x13, 0x15};

bool is_usable(const StoredKeySet& set, const ChannelOptions& options) {
    return set.type == KeyType::kAes ? options.scp03_i.has_value() : options.scp02_i.has_value();
}

std::optional<StoredKeySet> usable_set(const KeyStore& keys, const Aid& holder, std::uint8_t version,
                                       const ChannelOptions& options) {
    auto versions = version == 0 ? keys.versions(holder) : std::vector{version};
    for (auto candidate : versions) {
        // These are for secured packets alone (TS 102 225, A.1).
        if (options.has_remote_versions && candidate <= kLastRemoteVersion) continue;
        auto set = keys.find_set(holder, candidate);
        if (set && is_usable(*set, options)) return set;
    }
    return std::nullopt;
}

/// Whether there is a SK.SD.ECKA.
bool holds_agreement_key(const KeyStore& keys, const Aid& holder) {
    return std::ranges::any_of(keys.places(holder), [&](KeyPlace place) {
        return is_agreement_key_id(place.id) && keys.find(holder, place)->component(KeyType::kEcPrivate);
    });
}

}  // namespace

ChannelOptions channel_options(const Profile& profile, const Application& domain) {
    ChannelOptions all{profile.scp02_i, domain.scp03_i, profile.scp11_i, profile.toolkit};
    if (domain.is_issuer_domain()) return all;
    auto objects = read_all_tlv(domain.parameters, "C9");
    if (!objects || !find(*objects, kProtocol)) return all;
    ChannelOptions own;
    own.has_remote_versions = profile.toolkit;
    for (const auto& object : *objects) {
        if (object.tag != kProtocol || object.value.size() != 2) continue;
        if (object.value[0] == kScp02) own.scp02_i = object.value[1];
        if (object.value[0] == kScp03) own.scp03_i = object.value[1];
        if (object.value[0] == kScp11) own.scp11_i = object.value[1];
    }
    return own;
}

bool is_offered(const Profile& profile, BytesView protocol) {
    if (protocol[0] == kScp02) return profile.scp02_i && (protocol[1] == 0x15 || protocol[1] == 0x55);
    if (protocol[0] == kScp80) return profile.toolkit;
    if (protocol[0] == kScp81) return profile.scp81_i && protocol[1] == *profile.scp81_i;
    if (protocol[0] != kScp11 || !profile.scp11_i) return false;
    // Secure messaging is of one sort for all; the rest may be less than what the card can do.
    constexpr std::uint8_t kS16 = 0x40;
    return (protocol[1] & ~*profile.scp11_i) == 0 && (protocol[1] & kS16) == (*profile.scp11_i & kS16);
}

bool is_authority_key_id(std::uint8_t id) {
    return id == kAuthorityKeyId || (id >= kFirstAuthorityKeyId && id <= kLastAuthorityKeyId);
}

bool is_agreement_key_id(std::uint8_t id) {
    return std::ranges::find(kAgreementKeyIds, id) != std::end(kAgreementKeyIds);
}

bool has_channel_keys(const Environment& environment, const Application& domain) {
    auto options = channel_options(environment.profile, domain);
    if (usable_set(environment.keys, domain.aid, 0, options)) return true;
    return options.scp11_i && holds_agreement_key(environment.keys, domain.aid);
}

Aid key_holder(const Environment& environment, const Application& domain) {
    auto at = domain;
    while (!has_channel_keys(environment, at) && at.security_domain != at.aid) {
        auto above = environment.registry.application(at.security_domain);
        if (!above) break;
        at = *above;
    }
    return at.aid;
}

bool has_agreement_key(const Environment& environment, const Application& domain) {
    return holds_agreement_key(environment.keys, key_holder(environment, domain));
}

std::expected<StoredKeySet, StatusWord> channel_key_set(const Environment& environment,
                                                        const Application& domain, std::uint8_t version) {
    auto holder = key_holder(environment, domain);
    auto set = usable_set(environment.keys, holder, version, channel_options(environment.profile, domain));
    if (!set) return refuse(StatusWord::kReferencedDataNotFound);
    if (!(holder == domain.aid ? set->for_own_domain : set->for_other_domains))
        return refuse(StatusWord::kConditionsNotSatisfied);
    return std::move(*set);
}

}  // namespace oti::card
