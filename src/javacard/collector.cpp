// SPDX-License-Identifier: Apache-2.0
// Reachability: object deletion (JCRE specification 3.0.5, 8.1) and what deletion of applets and packages
// must know (11.3).
#include <vector>

#include "javacard/heap.h"

namespace oti::javacard {

void Heap::for_each(const std::function<void(Ref, const Object&)>& visit) const {
    for (std::size_t ref = 1; ref < objects_.size(); ++ref) {
        const auto& object = objects_[ref];
        if (object.kind != ObjectKind::kFree && !object.vanished) visit(static_cast<Ref>(ref), object);
    }
}

void Heap::for_each_reference(const Object& object, const std::function<void(Ref)>& visit) const {
    auto visit_cell = [&](std::size_t cell) {
        if (auto held = object.u16(cell); held != kNull) visit(held);
    };
    if (object.kind == ObjectKind::kReferences) {
        for (std::size_t i = 0; i < object.size(); ++i) visit_cell(i);
    } else if (object.kind == ObjectKind::kInstance || object.kind == ObjectKind::kStatics) {
        for (auto cell : map_.reference_cells(object.type)) {
            // A record may be smaller than the class that it names; what is not there refers to nothing.
            if (2U * cell + 1 < object.data.size()) visit_cell(cell);
        }
    }
}

std::size_t Heap::collect(std::span<const Ref> roots) {
    std::vector<bool> reached(objects_.size());
    std::vector<Ref> to_visit;
    auto reach = [&](Ref ref) {
        if (find(ref) == nullptr || reached[ref]) return;
        reached[ref] = true;
        to_visit.push_back(ref);
    };
    for (auto root : roots) reach(root);
    for_each([&](Ref ref, const Object& object) {
        bool root = object.kind == ObjectKind::kStatics || object.persistence == Persistence::kSystem ||
                    object.owner == Owner{};
        if (root) reach(ref);
    });
    while (!to_visit.empty()) {
        auto ref = to_visit.back();
        to_visit.pop_back();
        for_each_reference(objects_[ref], reach);
    }
    std::size_t count = 0;
    for (std::size_t ref = kFirstStoredRef; ref < objects_.size(); ++ref) {
        if (reached[ref] || objects_[ref].kind == ObjectKind::kFree || objects_[ref].vanished) continue;
        release(static_cast<Ref>(ref));
        ++count;
    }
    return count;
}

bool Heap::is_referenced_from_outside(const std::function<bool(const Object&)>& inside) const {
    bool found = false;
    for_each([&](Ref, const Object& object) {
        if (found || inside(object)) return;
        for_each_reference(object, [&](Ref held) {
            const auto* referenced = find(held);
            if (referenced != nullptr && inside(*referenced)) found = true;
        });
    });
    return found;
}

void Heap::free_if(const std::function<bool(const Object&)>& condition) {
    std::vector<Ref> refs;
    for_each([&](Ref ref, const Object& object) {
        if (ref >= kFirstStoredRef && condition(object)) refs.push_back(ref);
    });
    for (auto ref : refs) release(ref);
}

std::size_t Heap::used_by(Owner owner) const {
    std::size_t used = 0;
    for_each([&](Ref, const Object& object) {
        if (object.owner != owner || object.persistence == Persistence::kSystem) return;
        used += kObjectHeader + (object.persistence == Persistence::kPersistent ? object.data.size() : 0);
    });
    return used;
}

}  // namespace oti::javacard
