// SPDX-License-Identifier: Apache-2.0
#include "javacard/machine.h"

namespace oti::javacard {

Guest<void> Machine::charge(std::uint64_t bytecodes) {
    if (bytecodes >= running_.budget) {
        running_.budget = 1;
        return fault("the budget of bytecodes is used up");
    }
    running_.budget -= bytecodes;
    return {};
}

const LinkedClass* Machine::class_of(const Object& object) const {
    return packages().find(object.kind == ObjectKind::kInstance ? object.type : ClassId{kJavaLang, 0});
}

Owner Machine::previous_context() const {
    auto current = context().context;
    for (auto frame = running_.callers.rbegin(); frame != running_.callers.rend(); ++frame) {
        if (frame->context.context != current) return frame->context;
    }
    return {};
}

Guest<Ref> Machine::system_exception(ClassId type, std::uint16_t reason) {
    const auto* found = packages().find(type);
    if (found == nullptr) return fault("an exception has no class");
    Ref ref = kNull;
    for (const auto& [made_type, made] : system_exceptions_) {
        if (made_type == type) ref = made;
    }
    if (ref == kNull) {
        OTI_TRY(ref, running_.heap.make_instance(type, found->cells, {}, Persistence::kSystem));
        running_.heap.mark_entry_point(ref, true);
        system_exceptions_.emplace_back(type, ref);
    }
    // The reason is the only cell that an exception class of the API has (framework_exceptions.cpp).
    if (found->cells > 0) OTI_CHECK(running_.heap.write_u16(ref, 0, reason));
    return ref;
}

Guest<Ref> Machine::thrown_object(const Trap& trap) {
    if (trap.kind == Trap::Kind::kObject) return trap.object;
    if (trap.kind == Trap::Kind::kException) return system_exception(trap.exception, trap.reason);
    return fault(trap.why);
}

void Machine::forget_vanished() {
    for (auto* slot = stack_.get(); slot <= running_.top; ++slot) {
        bool vanished = slot->tag == Tag::kReference && running_.heap.find(slot->value) == nullptr;
        if (vanished) slot->value = kNull;
    }
}

}  // namespace oti::javacard
