// SPDX-License-Identifier: Apache-2.0
// javacard.framework.AID: one cell, a byte array of its own.
#include <algorithm>

#include "javacard/framework.h"
#include "javacard/java_lang.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using framework_class::kAid;

constexpr std::size_t kBytesCell = 0;
constexpr std::size_t kMinSize = 5, kMaxSize = 16, kRidSize = 5;

Guest<BytesView> own_bytes(NativeCall& call) {
    OTI_TRY(auto* bytes, call.heap().get(call.cell(kAid, kBytesCell)));
    return BytesView(bytes->data);
}

Guest<Value> construct(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    if (range.length < kMinSize || range.length > kMaxSize) {
        return throw_(exception::kSystem, reason::kIllegalValue);
    }
    OTI_TRY(auto copy, call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(range.length),
                                              call.caller()));
    OTI_CHECK(call.heap().write(copy, 0, range.view()));
    OTI_CHECK(call.set_cell(kAid, kBytesCell, copy));
    return Value{};
}

/// The bytes of another AID; nothing for null and objects of other classes.
Guest<std::optional<BytesView>> bytes_of(NativeCall& call, std::size_t index) {
    const auto* object = call.heap().find(call.ref_at(index));
    if (object == nullptr) return std::nullopt;
    if (!call.machine().may_access(*object) && !object->entry_point) return throw_(exception::kSecurity);
    if (object->kind != ObjectKind::kInstance || object->type != kAid) return std::nullopt;
    const auto* bytes = call.heap().find(object->u16(kBytesCell));
    if (bytes == nullptr) return std::nullopt;
    return BytesView(bytes->data);
}

Guest<Value> equals_object(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    OTI_TRY(auto other, bytes_of(call, 1));
    return Value::of_bool(other && same(own, *other));
}

Guest<Value> rid_equals(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    OTI_TRY(auto other, bytes_of(call, 1));
    return Value::of_bool(other && same(own.first(kRidSize), other->first(kRidSize)));
}

Guest<Value> equals_bytes(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    if (call.ref_at(1) == kNull) return Value::of_bool(false);
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    return Value::of_bool(same(own, range.view()));
}

Guest<Value> partial_equals(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    if (call.ref_at(1) == kNull) return Value::of_bool(false);
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    bool equal = range.length <= own.size() && same(own.first(range.length), range.view());
    return Value::of_bool(equal);
}

Guest<Value> get_bytes(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), static_cast<std::int32_t>(own.size())));
    OTI_CHECK(call.write(range, own));
    return Value::of_short(static_cast<int>(own.size()));
}

/// (aidOffset, dest, oOffset, oLength); oLength 0 means all the rest.
Guest<Value> get_partial_bytes(NativeCall& call) {
    OTI_TRY(auto own, own_bytes(call));
    std::int32_t begin = call.short_at(1);
    std::int32_t length = call.byte_at(4);
    auto size = static_cast<std::int32_t>(own.size());
    if (begin < 0 || begin > size) return throw_(exception::kArrayIndex);
    if (length == 0) length = size - begin;
    if (length < 0 || begin + length > size) return throw_(exception::kArrayIndex);
    OTI_TRY(auto range, call.bytes_at(2, call.short_at(3), length));
    OTI_CHECK(
        call.write(range, own.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(length))));
    return Value::of_short(length);
}

constexpr NativeMethod kMethods[] = {
    {kConstructor, 0, "<init>", "([BSB)V", construct},
    {kVirtual, 0, "equals", "(Ljava/lang/Object;)Z", equals_object},
    {kVirtual, 1, "RIDEquals", "(Ljavacard/framework/AID;)Z", rid_equals},
    {kVirtual, 2, "equals", "([BSB)Z", equals_bytes},
    {kVirtual, 3, "getBytes", "([BS)B", get_bytes},
    {kVirtual, 4, "partialEquals", "([BSB)Z", partial_equals},
    {kVirtual, 5, "getPartialBytes", "(S[BSB)B", get_partial_bytes},
};

}  // namespace

std::optional<iso7816::Aid> aid_of(const Heap& heap, Ref aid_object) {
    const auto* object = heap.find(aid_object);
    const auto* bytes = object == nullptr ? nullptr : heap.find(object->u16(kBytesCell));
    if (bytes == nullptr) return std::nullopt;
    auto aid = iso7816::Aid::create(bytes->data);
    return aid ? std::optional(*aid) : std::nullopt;
}

std::span<const NativeMethod> aid_methods() {
    return kMethods;
}

}  // namespace oti::javacard
