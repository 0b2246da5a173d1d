// SPDX-License-Identifier: Apache-2.0
#include "card/remote_keys.h"

#include <algorithm>

namespace oti::card {

bool has_remote_keys(const Environment& environment, const Aid& domain) {
    return environment.profile.toolkit &&
           std::ranges::any_of(environment.keys.versions(domain), [&](std::uint8_t version) {
               return version <= kLastRemoteVersion && environment.keys.find_set(domain, version);
           });
}

std::optional<RemoteKeys> find_remote_keys(const Environment& environment, const Application& domain,
                                           std::uint8_t version) {
    if (version == 0 || version > kLastRemoteVersion) return std::nullopt;
    auto holder = domain;
    while (!has_remote_keys(environment, holder.aid)) {
        auto above = environment.registry.application(holder.security_domain);
        if (!above || above->aid == holder.aid) return std::nullopt;
        holder = *above;
    }
    auto set = environment.keys.find_set(holder.aid, version);
    if (!set || !(holder.aid == domain.aid ? set->for_own_domain : set->for_other_domains))
        return std::nullopt;
    bool aes = set->type == KeyType::kAes;
    if (!aes && !environment.profile.is_old() && !environment.profile.scp02_i) return std::nullopt;
    auto kid = environment.keys.find(holder.aid, {version, kKeyMac});
    constexpr std::uint8_t kUsualMac = 8;
    return RemoteKeys{
        holder.aid,
        {aes ? scp::Scp80Algorithm::kAes : scp::Scp80Algorithm::kTripleDes, std::move(set->keys.enc),
         std::move(set->keys.mac), kid->mac_size.value_or(kUsualMac)}};
}

}  // namespace oti::card
