// SPDX-License-Identifier: Apache-2.0
// Arrays: null, the owner, the bounds and the type are checked at each use, in this order.
#include "javacard/execution.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

/// Finds the array of the reference `word` and that `index` is within it; raises, or stops the run.
#define OTI_ARRAY(word, index, is_kind)                                       \
    auto* array = x.heap.find((word).value);                                  \
    if (array == nullptr) OTI_RAISE(exception::kNullPointer);                 \
    if (!(is_kind)) OTI_STOP("an array is of another type");                  \
    if (!x.machine.may_access(*array)) OTI_RAISE(exception::kSecurity);       \
    auto place = static_cast<std::size_t>(static_cast<std::uint16_t>(index)); \
    if ((index) < 0 || place >= array->size()) OTI_RAISE(exception::kArrayIndex)

bool is_of_bytes(const Object& array) {
    return array.kind == ObjectKind::kBytes || array.kind == ObjectKind::kBooleans;
}

template <ObjectKind kind>
Exit load(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS(1, kReference);
    OTI_ARRAY(sp[-1], sp[0].as_short(),
              kind == ObjectKind::kBytes ? is_of_bytes(*array) : array->kind == kind);
    if constexpr (kind == ObjectKind::kBytes) {
        *--sp = Slot::of_short(static_cast<std::int8_t>(array->data[place]));
    } else if constexpr (kind == ObjectKind::kShorts) {
        *--sp = Slot::of_short(array->u16(place));
    } else if constexpr (kind == ObjectKind::kReferences) {
        *--sp = Slot::of_reference(array->u16(place));
    } else {
        auto value = array->i32(place);
        sp[-1] = Slot::high_of(value);
        sp[0] = Slot::low_of(value);
    }
    OTI_NEXT(1);
}

#define OTI_PREPARE_WRITE(ref, object, offset, size)             \
    if (!x.heap.prepare_write(ref, object, offset, size)) {      \
        OTI_RAISE(exception::kTransaction, reason::kBufferFull); \
    }

Exit bastore(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS(1, kShort);
    OTI_NEEDS(2, kReference);
    OTI_ARRAY(sp[-2], sp[-1].as_short(), is_of_bytes(*array));
    OTI_PREPARE_WRITE(sp[-2].value, *array, place, 1);
    array->data[place] = static_cast<std::uint8_t>(sp[0].value);
    sp -= 3;
    OTI_NEXT(1);
}

Exit sastore(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_NEEDS(1, kShort);
    OTI_NEEDS(2, kReference);
    OTI_ARRAY(sp[-2], sp[-1].as_short(), array->kind == ObjectKind::kShorts);
    OTI_PREPARE_WRITE(sp[-2].value, *array, 2 * place, 2);
    array->put_u16(2 * place, sp[0].value);
    sp -= 3;
    OTI_NEXT(1);
}

Exit iastore(OTI_REGISTERS) {
    OTI_NEEDS(0, kIntLow);
    OTI_NEEDS(1, kIntHigh);
    OTI_NEEDS(2, kShort);
    OTI_NEEDS(3, kReference);
    OTI_ARRAY(sp[-3], sp[-2].as_short(), array->kind == ObjectKind::kInts);
    OTI_PREPARE_WRITE(sp[-3].value, *array, 4 * place, 4);
    array->put_u16(4 * place, sp[-1].value);
    array->put_u16(4 * place + 2, sp[0].value);
    sp -= 4;
    OTI_NEXT(1);
}

Exit aastore(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    OTI_NEEDS(1, kShort);
    OTI_NEEDS(2, kReference);
    OTI_ARRAY(sp[-2], sp[-1].as_short(), array->kind == ObjectKind::kReferences);
    const auto* value = x.heap.find(sp[0].value);
    if (value != nullptr && !is_element(x.packages, *value, *array)) OTI_RAISE(exception::kArrayStore);
    if (!x.machine.may_store(sp[0].value)) OTI_RAISE(exception::kSecurity);
    OTI_PREPARE_WRITE(sp[-2].value, *array, 2 * place, 2);
    array->put_u16(2 * place, sp[0].value);
    sp -= 3;
    OTI_NEXT(1);
}

Exit arraylength(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    const auto* array = x.heap.find(sp->value);
    if (array == nullptr) OTI_RAISE(exception::kNullPointer);
    if (!is_array(array->kind)) OTI_STOP("an object is no array");
    if (!x.machine.may_access(*array)) OTI_RAISE(exception::kSecurity);
    *sp = Slot::of_short(static_cast<int>(array->size()));
    OTI_NEXT(1);
}

}  // namespace

void add_array_instructions(InstructionTable& table) {
    table[36] = load<ObjectKind::kReferences>;
    table[37] = load<ObjectKind::kBytes>;
    table[38] = load<ObjectKind::kShorts>;
    table[39] = load<ObjectKind::kInts>;
    table[55] = aastore;
    table[56] = bastore;
    table[57] = sastore;
    table[58] = iastore;
    table[146] = arraylength;
}

}  // namespace oti::javacard
