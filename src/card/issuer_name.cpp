// SPDX-License-Identifier: Apache-2.0
#include "card/issuer_name.h"

namespace oti::card {

std::expected<void, StatusWord> rename_issuer(Environment& environment, const Aid& name) {
    auto& registry = environment.registry;
    auto old = registry.issuer();
    if (name == old) return {};
    if (registry.contains(name)) return refuse(StatusWord::kWrongData);
    auto confirmations = registry.confirmation_counter(old);
    for (auto entry : registry.applications()) {
        bool is_issuer = entry.aid == old;
        if (entry.security_domain == old) entry.security_domain = name;
        if (is_issuer) {
            registry.erase_application(old);
            entry.aid = name;
        }
        registry.put(entry);
    }
    for (auto file : registry.load_files()) {
        if (file.security_domain != old) continue;
        file.security_domain = name;
        registry.put(file);
    }
    if (confirmations != 0) registry.set_confirmation_counter(name, confirmations);
    registry.set_issuer(name);
    registry.move_data_objects(old, name);
    environment.keys.rename(old, name);
    return {};
}

}  // namespace oti::card
