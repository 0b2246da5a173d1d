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

void OneShots::close(Heap& heap, Instance& instance) {
    instance.open = false;
    // Its key is an applet's, which may be deleted.
    if (auto* object = heap.find(instance.object)) std::ranges::fill(object->data, std::uint8_t{0});
}

Guest<void> OneShots::close(Heap& heap, Ref object, ContextId context) {
    auto found = std::ranges::find(instances_, object, &Instance::object);
    if (found == instances_.end() || !found->open) return {};
    if (found->context != context) return throw_(exception::kSecurity);
    close(heap, *found);
    return {};
}

void OneShots::close_all(Heap& heap) {
    for (auto& instance : instances_) {
        if (instance.open) close(heap, instance);
    }
}

}  // namespace oti::javacard
