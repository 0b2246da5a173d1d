// SPDX-License-Identifier: Apache-2.0
#include "card/key_management.h"

#include <algorithm>

#include "card/domain_options.h"
#include "card/remote_keys.h"

namespace oti::card {
namespace {

/// The counter of a set begins anew when the set is created or wholly replaced (Amendment D, 6.2.2.1); in
/// SCP02 when any key of it is (E.1.2).
bool begins_counting(const std::vector<StoredKey>& keys) {
    auto of_set = [](const StoredKey& key) { return key.place.id >= kKeyEnc && key.place.id <= kKeyDek; };
    auto count = std::ranges::count_if(keys, of_set);
    bool des = std::ranges::any_of(keys, [&](const StoredKey& key) {
        auto type = key.components.front().type;
        return of_set(key) && is_symmetric(type) && type != KeyType::kAes;
    });
    return count == 3 || des;
}

}  // namespace

std::expected<void, StatusWord> put_keys(Environment& environment, const Application& domain,
                                         std::uint8_t replaced, const std::vector<StoredKey>& keys) {
    auto& store = environment.keys;
    auto is_in_use = [&] {
        return has_channel_keys(environment, domain) || has_remote_keys(environment, domain.aid);
    };
    bool had_channel = is_in_use();
    for (const auto& key : keys) {
        KeyPlace old{replaced, key.place.id};
        auto former = replaced != 0 ? store.find(domain.aid, old) : std::nullopt;
        if (replaced != 0 && !former) return refuse(StatusWord::kReferencedDataNotFound);
        if (former && !have_same_characteristics(*former, key)) return refuse(StatusWord::kWrongData);
        if (key.place != old && store.contains(domain.aid, key.place)) return refuse(StatusWord::kWrongData);
    }
    if (replaced == 0 && store.places(domain.aid).size() + keys.size() > kMaxKeys)
        return refuse(StatusWord::kNoSpace);

    auto version = keys.front().place.version;
    for (const auto& key : keys) {
        if (replaced == 0) {
            store.put(domain.aid, key);
        } else {
            store.replace(domain.aid, {replaced, key.place.id}, key);
        }
    }
    if (begins_counting(keys)) {
        store.set_sequence_counter(domain.aid, version, 0);
        if (version <= kLastRemoteVersion) store.set_packet_counter(domain.aid, version, 0);
    }

    bool has_channel = is_in_use();
    if (had_channel && !has_channel) return refuse(StatusWord::kConditionsNotSatisfied);
    if (has_channel && !domain.is_issuer_domain() && is_personalized_by_keys(domain) &&
        domain.life_cycle < static_cast<std::uint8_t>(LifeCycle::kPersonalized)) {
        auto personalized = domain;
        personalized.life_cycle = static_cast<std::uint8_t>(LifeCycle::kPersonalized);
        environment.registry.put(personalized);
    }
    return {};
}

}  // namespace oti::card
