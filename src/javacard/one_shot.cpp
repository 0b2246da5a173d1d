// SPDX-License-Identifier: Apache-2.0
#include "javacard/one_shot.h"

#include <algorithm>

#include "javacard/machine.h"

namespace oti::javacard {

Guest<Ref> OneShots::open(Machine& machine, ClassId type) {
    auto is_free = [&](const Instance& instance) { return instance.type == type && !instance.open; };
    auto found = std::ranges::find_if(instances_, is_free);
    if (found == instances_.end()) {
        const auto* known = machine.packages().find(type);
        if (known == nullptr ||
            std::ranges::count(instances_, type, &Instance::type) >= std::ptrdiff_t{kPool}) {
            return throw_(exception::kSystem, reason::kNoResource);
        }
        OTI_TRY(auto object, machine.heap().make_instance(type, known->cells, {}, Persistence::kSystem));
        machine.heap().mark_entry_point(object, true);
        found = instances_.insert(instances_.end(), {type, object});
    }
    found->open = true;
    found->context = machine.context().context;
    machine.native_states().drop(found->object);
    return found->object;
}

const OneShots::Instance* OneShots::find(Ref object) const {
    auto found = std::ranges::find(instances_, object, &Instance::object);
    return found == instances_.end() ? nullptr : &*found;
}

bool OneShots::is_closed(Ref object) const {
    const auto* instance = find(object);
    return instance != nullptr && !instance->open;
}

bool OneShots::is_open(Ref object) const {
    const auto* instance = find(object);
    return instance != nullptr && instance->open;
}

Guest<void> OneShots::close(Ref object, ContextId context) {
    auto found = std::ranges::find(instances_, object, &Instance::object);
    if (found == instances_.end() || !found->open) return {};
    if (found->context != context) return throw_(exception::kSecurity);
    found->open = false;
    return {};
}

void OneShots::close_all() {
    for (auto& instance : instances_) instance.open = false;
}

}  // namespace oti::javacard
