// SPDX-License-Identifier: Apache-2.0
#include "javacard/permanent_object.h"

namespace oti::javacard {

Ref find_permanent_object(const Heap& heap, ClassId type, const std::function<bool(const Object&)>& matches) {
    Ref found = kNull;
    heap.for_each([&](Ref ref, const Object& object) {
        bool wanted = object.kind == ObjectKind::kInstance && object.type == type && object.entry_point;
        if (found == kNull && wanted && (!matches || matches(object))) found = ref;
    });
    return found;
}

Guest<Ref> make_permanent_object(Runtime& runtime, ClassId type) {
    const auto* linked = runtime.packages().find(type);
    OTI_TRY(auto object, runtime.heap().make_instance(type, linked->cells, {}));
    runtime.heap().mark_entry_point(object, false);
    return object;
}

}  // namespace oti::javacard
