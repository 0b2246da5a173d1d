// SPDX-License-Identifier: Apache-2.0
// Fields of instances and of classes. Which cell it is, and whether of references, is known since linking;
// that the object is of the class, and whose it is, is checked at each use.
#include "javacard/execution.h"
#include "javacard/opcodes.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

/// Where the object and the index into the constant pool are.
enum class Form : std::uint8_t { kShort, kWide, kThis };

template <Form form>
const Constant& field_of(const Running& x, const std::uint8_t* pc) {
    return constant_at(x, form == Form::kWide ? u16_at(pc + 1) : pc[1]);
}
template <Form form>
constexpr int kSize = form == Form::kWide ? 3 : 2;

#define OTI_INSTANCE(word)                                                                         \
    if ((word).tag != Tag::kReference) OTI_STOP("a word is no reference");                         \
    auto* object = x.heap.find((word).value);                                                      \
    if (object == nullptr) OTI_RAISE(exception::kNullPointer);                                     \
    if (object->kind != ObjectKind::kInstance || !is_instance(x.packages, *object, *field.type)) { \
        OTI_STOP("an object has no such field");                                                   \
    }                                                                                              \
    if (!x.machine.may_access(*object) || object->global) OTI_RAISE(exception::kSecurity)

template <Type type, Form form>
Exit getfield(OTI_REGISTERS) {
    const auto& field = field_of<form>(x, pc);
    auto word = form == Form::kThis ? locals[0] : *sp;
    OTI_INSTANCE(word);
    if constexpr (form != Form::kThis) --sp;
    OTI_NEEDS_ROOM(type == Type::kInt ? 2 : 1);
    auto value = object->u16(field.place);
    if constexpr (type == Type::kReference) {
        *++sp = Slot::of_reference(value);
    } else if constexpr (type == Type::kByte) {
        *++sp = Slot::of_short(static_cast<std::int8_t>(value));
    } else if constexpr (type == Type::kShort) {
        *++sp = Slot::of_short(value);
    } else {
        *++sp = {value, Tag::kIntHigh};
        *++sp = {object->u16(field.place + std::size_t{1}), Tag::kIntLow};
    }
    OTI_NEXT(kSize<form>);
}

template <Type type, Form form>
Exit putfield(OTI_REGISTERS) {
    const auto& field = field_of<form>(x, pc);
    constexpr int kWords = type == Type::kInt ? 2 : 1;
    if constexpr (type == Type::kReference) {
        OTI_NEEDS(0, kReference);
    } else if constexpr (type == Type::kInt) {
        OTI_NEEDS(0, kIntLow);
        OTI_NEEDS(1, kIntHigh);
    } else {
        OTI_NEEDS(0, kShort);
    }
    auto word = form == Form::kThis ? locals[0] : sp[-kWords];
    OTI_INSTANCE(word);
    if (type == Type::kReference && !x.machine.may_store(sp->value)) OTI_RAISE(exception::kSecurity);
    auto place = std::size_t{2} * field.place;
    if (!x.heap.prepare_write(word.value, *object, place, 2 * kWords)) {
        OTI_RAISE(exception::kTransaction, reason::kBufferFull);
    }
    if constexpr (type == Type::kInt) {
        object->put_u16(place, sp[-1].value);
        object->put_u16(place + 2, sp[0].value);
    } else if constexpr (type == Type::kByte) {
        object->put_u16(place, static_cast<std::uint16_t>(static_cast<std::int8_t>(sp->value)));
    } else {
        object->put_u16(place, sp->value);
    }
    sp -= kWords + (form == Form::kThis ? 0 : 1);
    OTI_NEXT(kSize<form>);
}

template <Type type>
Exit getstatic(OTI_REGISTERS) {
    const auto& field = constant_at(x, u16_at(pc + 1));
    OTI_NEEDS_ROOM(type == Type::kInt ? 2 : 1);
    const auto* statics = x.heap.find(field.package->statics);
    if (statics == nullptr) OTI_STOP("a package has no static fields");
    const auto* place = statics->data.data() + field.place;
    if constexpr (type == Type::kReference) {
        *++sp = Slot::of_reference(u16_at(place));
    } else if constexpr (type == Type::kByte) {
        *++sp = Slot::of_short(s8_at(place));
    } else if constexpr (type == Type::kShort) {
        *++sp = Slot::of_short(s16_at(place));
    } else {
        *++sp = Slot::high_of(s32_at(place));
        *++sp = Slot::low_of(s32_at(place));
    }
    OTI_NEXT(3);
}

template <Type type>
Exit putstatic(OTI_REGISTERS) {
    const auto& field = constant_at(x, u16_at(pc + 1));
    constexpr int kWords = type == Type::kInt ? 2 : 1;
    if constexpr (type == Type::kReference) {
        OTI_NEEDS(0, kReference);
        if (!x.machine.may_store(sp->value)) OTI_RAISE(exception::kSecurity);
    } else if constexpr (type == Type::kInt) {
        OTI_NEEDS(0, kIntLow);
        OTI_NEEDS(1, kIntHigh);
    } else {
        OTI_NEEDS(0, kShort);
    }
    auto ref = field.package->statics;
    auto* statics = x.heap.find(ref);
    if (statics == nullptr) OTI_STOP("a package has no static fields");
    constexpr std::size_t kBytes = type == Type::kByte ? 1 : 2 * kWords;
    if (!x.heap.prepare_write(ref, *statics, field.place, kBytes)) {
        OTI_RAISE(exception::kTransaction, reason::kBufferFull);
    }
    if constexpr (type == Type::kByte) {
        statics->data[field.place] = static_cast<std::uint8_t>(sp->value);
    } else if constexpr (type == Type::kInt) {
        statics->put_u16(field.place, sp[-1].value);
        statics->put_u16(field.place + std::size_t{2}, sp[0].value);
    } else {
        statics->put_u16(field.place, sp->value);
    }
    sp -= kWords;
    OTI_NEXT(3);
}

template <Form form>
void add_instance_fields(InstructionTable& table, std::size_t get, std::size_t put) {
    table[get] = getfield<Type::kReference, form>;
    table[get + 1] = getfield<Type::kByte, form>;
    table[get + 2] = getfield<Type::kShort, form>;
    table[get + 3] = getfield<Type::kInt, form>;
    table[put] = putfield<Type::kReference, form>;
    table[put + 1] = putfield<Type::kByte, form>;
    table[put + 2] = putfield<Type::kShort, form>;
    table[put + 3] = putfield<Type::kInt, form>;
}

}  // namespace

void add_field_instructions(InstructionTable& table) {
    add_instance_fields<Form::kShort>(table, 131, 135);
    add_instance_fields<Form::kWide>(table, 169, 177);
    add_instance_fields<Form::kThis>(table, 173, 181);
    table[123] = getstatic<Type::kReference>;
    table[124] = getstatic<Type::kByte>;
    table[125] = getstatic<Type::kShort>;
    table[126] = getstatic<Type::kInt>;
    table[127] = putstatic<Type::kReference>;
    table[128] = putstatic<Type::kByte>;
    table[129] = putstatic<Type::kShort>;
    table[130] = putstatic<Type::kInt>;
}

}  // namespace oti::javacard
