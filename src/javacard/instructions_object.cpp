// SPDX-License-Identifier: Apache-2.0
// Making objects, asking for their type, throwing them.
#include "javacard/execution.h"
#include "javacard/opcodes.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

Exit new_(OTI_REGISTERS) {
    OTI_NEEDS_ROOM(1);
    const auto& type = *constant_at(x, u16_at(pc + 1)).type;
    auto made = x.heap.make_instance(type.id, type.cells, x.frame.context);
    if (!made) {
        x.trap = made.error();
        OTI_JUMP(raise);
    }
    *++sp = Slot::of_reference(*made);
    OTI_NEXT(3);
}

ObjectKind kind_of(std::uint8_t array_type) {
    switch (array_type) {
        case kTypeBoolean:
            return ObjectKind::kBooleans;
        case kTypeByte:
            return ObjectKind::kBytes;
        case kTypeShort:
            return ObjectKind::kShorts;
        default:
            return ObjectKind::kInts;
    }
}

template <bool of_references>
Exit newarray(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    auto kind = of_references ? ObjectKind::kReferences : kind_of(pc[1]);
    auto element = of_references ? constant_at(x, u16_at(pc + 1)).type->id : ClassId{};
    auto made = x.heap.make_array(kind, sp->as_short(), x.frame.context, Persistence::kPersistent, element);
    if (!made) {
        x.trap = made.error();
        OTI_JUMP(raise);
    }
    *sp = Slot::of_reference(*made);
    OTI_NEXT(of_references ? 3 : 2);
}

/// JCRE specification 3.0.5, 6.2.8.2 and 6.2.8.8 to 6.2.8.10.
bool may_check(const Running& x, const Object& object, const LinkedClass* type) {
    if (x.machine.may_access(object) || object.entry_point) return true;
    if (type == nullptr || !type->is_interface || !type->is_shareable) return false;
    const auto* actual = x.machine.class_of(object);
    return actual != nullptr && actual->is_shareable;
}

const LinkedClass* checked_class(const Running& x, const std::uint8_t* pc) {
    bool primitive = pc[1] >= kTypeBoolean && pc[1] <= kTypeInt;
    return primitive ? nullptr : constant_at(x, u16_at(pc + 2)).type;
}

bool is_of_type(const Running& x, const Object& object, std::uint8_t array_type, const LinkedClass* type) {
    return array_type == 0 ? is_instance(x.packages, object, *type)
                           : is_array_of(x.packages, object, array_type, type);
}

template <bool cast>
Exit check_type(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    const auto* object = x.heap.find(sp->value);
    bool is_of = cast;
    if (object != nullptr) {
        const auto* type = checked_class(x, pc);
        if (!may_check(x, *object, pc[1] == 0 ? type : nullptr)) OTI_RAISE(exception::kSecurity);
        is_of = is_of_type(x, *object, pc[1], type);
    }
    if (cast && !is_of) OTI_RAISE(exception::kClassCast);
    if (!cast) *sp = Slot::of_short(is_of ? 1 : 0);
    OTI_NEXT(4);
}

Exit athrow(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    const auto* object = x.heap.find(sp->value);
    if (object == nullptr) OTI_RAISE(exception::kNullPointer);
    const auto* throwable = x.packages.find(exception::kThrowable);
    if (throwable == nullptr || !is_instance(x.packages, *object, *throwable)) {
        OTI_STOP("an object is no Throwable");
    }
    // 6.2.8.7
    if (!x.machine.may_access(*object) && !object->entry_point) OTI_RAISE(exception::kSecurity);
    x.trap = throw_object(sp->value).error();
    OTI_JUMP(raise);
}

}  // namespace

void add_object_instructions(InstructionTable& table) {
    table[143] = new_;
    table[144] = newarray<false>;
    table[145] = newarray<true>;
    table[147] = athrow;
    table[148] = check_type<true>;
    table[149] = check_type<false>;
}

}  // namespace oti::javacard
