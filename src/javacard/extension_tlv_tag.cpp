// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.tlv: BERTag and its two children. One cell, an array with the tag; null while empty.
#include "javacard/extension_tlv.h"
#include "javacard/framework.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace tlv_reason;

constexpr int kClasses = 4;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

Guest<void> set(NativeCall& call, BytesView tag) {
    OTI_TRY(auto array,
            call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(tag.size()), call.caller()));
    OTI_CHECK(call.heap().write(array, 0, tag));
    return call.set_cell(kBerTag, 0, array);
}

/// The tag in an array of bytes, which arguments name.
Guest<BytesView> tag_at(NativeCall& call, std::size_t index) {
    OTI_TRY(auto bytes, rest_at(call, index, call.short_at(index + 1)));
    OTI_TRY(auto size, ber_tag_size(bytes));
    return bytes.first(size);
}

/// The tag of the object itself.
Guest<BytesView> own(NativeCall& call) {
    auto tag = tag_bytes(call, call.self());
    if (!tag) return throw_tlv(kEmptyTag);
    return *tag;
}

Value size_value(BytesView tag) {
    return Value::of_short(static_cast<int>(tag.size()));
}
Value number_value(BytesView tag) {
    return Value::of_short(static_cast<int>(number_of_tag(tag)));
}
Value constructed_value(BytesView tag) {
    return Value::of_bool(is_constructed_tag(tag));
}
Value class_value(BytesView tag) {
    return Value::of_short(static_cast<int>(class_of_tag(tag)));
}

template <Value (*property)(BytesView)>
Guest<Value> of_own(NativeCall& call) {
    OTI_TRY(auto tag, own(call));
    return property(tag);
}

template <Value (*property)(BytesView)>
Guest<Value> of_bytes(NativeCall& call) {
    OTI_TRY(auto tag, tag_at(call, 0));
    return property(tag);
}

Guest<Value> to_byte_array(NativeCall& call) {
    OTI_TRY(auto tag, own(call));
    return put_at(call, 1, call.short_at(2), to_bytes(tag));
}

Guest<Value> equals_tag(NativeCall& call) {
    auto a = tag_bytes(call, call.self());
    if (call.ref_at(1) == kNull) return Value::of_bool(false);
    OTI_CHECK(call.instance_at(1, kBerTag));
    auto b = tag_bytes(call, call.ref_at(1));
    return Value::of_bool(a && b && same(*a, *b));
}

Guest<Value> equals_object(NativeCall& call) {
    const auto* object = call.heap().find(call.ref_at(1));
    const auto* type = object == nullptr ? nullptr : call.machine().class_of(*object);
    bool is_tag = type != nullptr && type->is_assignable_to(*call.machine().packages().find(kBerTag));
    return is_tag ? equals_tag(call) : Value::of_bool(false);
}

Guest<Value> get_instance(NativeCall& call) {
    OTI_TRY(auto tag, tag_at(call, 0));
    OTI_TRY(auto object, make_tag_object(call, to_bytes(tag)));
    return Value::of_ref(object);
}

/// (tagClass, isConstructed, tagNumber, outArray, bOff)
Guest<Value> write_tag(NativeCall& call) {
    int tag_class = call.short_at(0), number = call.short_at(2);
    if (tag_class < 0 || tag_class >= kClasses || number < 0) return throw_tlv(kInvalidParam);
    OTI_TRY(auto tag,
            make_ber_tag(static_cast<unsigned>(tag_class), call.bool_at(1), static_cast<unsigned>(number)));
    return put_at(call, 3, call.short_at(4), tag);
}

Guest<Value> verify_format(NativeCall& call) {
    auto tag = tag_at(call, 0);
    if (!tag && tag.error().exception != kTlvException) return std::unexpected(tag.error());
    return Value::of_bool(tag.has_value());
}

template <bool constructed>
Guest<Value> init_from_bytes(NativeCall& call) {
    OTI_TRY(auto tag, tag_at(call, 1));
    if (is_constructed_tag(tag) != constructed) return throw_tlv(kMalformedTag);
    OTI_CHECK(set(call, to_bytes(tag)));
    return Value{};
}

template <bool constructed>
Guest<Value> init_from_number(NativeCall& call) {
    int tag_class = call.byte_at(1), number = call.short_at(2);
    if (tag_class < 0 || tag_class >= kClasses || number < 0) return throw_tlv(kInvalidParam);
    OTI_TRY(auto tag,
            make_ber_tag(static_cast<unsigned>(tag_class), constructed, static_cast<unsigned>(number)));
    OTI_CHECK(set(call, tag));
    return Value{};
}

constexpr NativeMethod kTagMethods[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "getInstance", "([BS)Ljavacardx/framework/tlv/BERTag;", get_instance},
    {kStatic, 2, "toBytes", "(SZS[BS)S", write_tag},
    {kStatic, 3, "size", "([BS)B", of_bytes<size_value>},
    {kStatic, 4, "tagNumber", "([BS)S", of_bytes<number_value>},
    {kStatic, 5, "isConstructed", "([BS)Z", of_bytes<constructed_value>},
    {kStatic, 6, "tagClass", "([BS)B", of_bytes<class_value>},
    {kStatic, 7, "verifyFormat", "([BS)Z", verify_format},
    {kVirtual, 0, "equals", "(Ljava/lang/Object;)Z", equals_object},
    {kVirtual, 1, "size", "()B", of_own<size_value>},
    {kVirtual, 2, "toBytes", "([BS)S", to_byte_array},
    {kVirtual, 3, "tagNumber", "()S", of_own<number_value>},
    {kVirtual, 4, "isConstructed", "()Z", of_own<constructed_value>},
    {kVirtual, 5, "tagClass", "()B", of_own<class_value>},
    {kVirtual, 6, "equals", "(Ljavacardx/framework/tlv/BERTag;)Z", equals_tag},
    {kVirtual, 7, "init", "([BS)V", nullptr},
};

template <bool constructed>
constexpr NativeMethod kChildMethods[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kVirtual, 7, "init", "([BS)V", init_from_bytes<constructed>},
    {kVirtual, 8, "init", "(BS)V", init_from_number<constructed>},
};

}  // namespace

Guest<Ref> make_tag_object(NativeCall& call, BytesView tag) {
    const auto* type =
        call.machine().packages().find(is_constructed_tag(tag) ? kConstructedTag : kPrimitiveTag);
    OTI_TRY(auto object, call.heap().make_instance(type->id, type->cells, call.caller()));
    std::array<std::int32_t, 1> self{object};
    NativeCall on_object(call.machine(), self);
    OTI_CHECK(set(on_object, tag));
    return object;
}

std::optional<BytesView> tag_bytes(NativeCall& call, Ref tag) {
    const auto* object = call.heap().find(tag);
    const auto* bytes = object == nullptr ? nullptr : call.heap().find(object->u16(0));
    if (bytes == nullptr || bytes->data.empty()) return std::nullopt;
    return BytesView(bytes->data);
}

std::span<const NativeMethod> ber_tag_methods() {
    return kTagMethods;
}
std::span<const NativeMethod> constructed_tag_methods() {
    return kChildMethods<true>;
}
std::span<const NativeMethod> primitive_tag_methods() {
    return kChildMethods<false>;
}

}  // namespace oti::javacard
