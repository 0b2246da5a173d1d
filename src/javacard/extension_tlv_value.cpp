// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.tlv: BERTLV and its two children as objects. A cell for the tag object; of a primitive
// one an array with the value and how much of it counts; of a constructed one an array with the TLVs in it
// and how many there are.
#include "javacard/extension_tlv_value.h"

#include <algorithm>

#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using namespace tlv_reason;

/// As deep as TLVs in TLVs are followed: the machine's own stack has an end.
constexpr unsigned kMaxDepth = 32;

Owner owner_of(NativeCall& call) {
    return call.caller();
}

bool is_a(NativeCall& call, Ref ref, ClassId type) {
    const auto* object = call.heap().find(ref);
    const auto* actual = object == nullptr ? nullptr : call.machine().class_of(*object);
    return actual != nullptr && actual->is_assignable_to(*call.machine().packages().find(type));
}

/// Everything that one TLV object stands for, behind what is in `out`.
Guest<void> encode(NativeCall& call, Ref ref, unsigned depth, Bytes& out) {
    OTI_CHECK(call.machine().charge(1));
    auto tag = tag_bytes(call, cell_of(call, ref, kBerTlv, kTagCell));
    if (!tag) return throw_tlv(kEmptyTlv);
    Bytes value;
    if (is_a(call, ref, kPrimitiveTlv)) {
        OTI_TRY(value, primitive_value(call, ref));
    } else if (is_a(call, ref, kConstructedTlv)) {
        if (depth == kMaxDepth) return throw_tlv(kIllegalSize);
        for (auto child : children_of(call, ref)) OTI_CHECK(encode(call, child, depth + 1, value));
    } else {
        return throw_tlv(kEmptyTlv);
    }
    OTI_TRY(auto tlv, make_ber_tlv(*tag, value));
    if (out.size() + tlv.size() > kMaxTlv) return throw_tlv(kTlvTooLong);
    OTI_CHECK(call.machine().charge(tlv.size() / kBytesPerBytecode));
    out.insert(out.end(), tlv.begin(), tlv.end());
    return {};
}

}  // namespace

std::uint16_t cell_of(NativeCall& call, Ref ref, ClassId declaring, std::size_t index) {
    return call.heap().find(ref)->u16(call.machine().packages().find(declaring)->first_cell + index);
}

Guest<void> set_cell_of(NativeCall& call, Ref ref, ClassId declaring, std::size_t index,
                        std::uint16_t value) {
    return call.heap().write_u16(ref, call.machine().packages().find(declaring)->first_cell + index, value);
}

Guest<Bytes> primitive_value(NativeCall& call, Ref ref) {
    const auto* array = call.heap().find(cell_of(call, ref, kPrimitiveTlv, kValueCell));
    if (array == nullptr) return throw_tlv(kEmptyTlv);
    auto size = std::min<std::size_t>(cell_of(call, ref, kPrimitiveTlv, kSizeCell), array->data.size());
    return to_bytes(BytesView(array->data).first(size));
}

std::vector<Ref> children_of(NativeCall& call, Ref ref) {
    std::vector<Ref> children;
    const auto* array = call.heap().find(cell_of(call, ref, kConstructedTlv, kValueCell));
    if (array == nullptr) return children;
    auto count = std::min<std::size_t>(cell_of(call, ref, kConstructedTlv, kSizeCell), array->size());
    for (std::size_t i = 0; i < count; ++i) {
        if (call.heap().find(array->u16(i)) != nullptr) children.push_back(array->u16(i));
    }
    return children;
}

Guest<Bytes> encoded(NativeCall& call, Ref ref) {
    Bytes out;
    OTI_CHECK(encode(call, ref, 0, out));
    return out;
}

Guest<Value> size_of(NativeCall& call) {
    OTI_TRY(auto tlv, encoded(call, call.self()));
    return Value::of_short(static_cast<int>(tlv.size()));
}

Guest<void> set_primitive_value(NativeCall& call, Ref ref, BytesView value) {
    auto array = cell_of(call, ref, kPrimitiveTlv, kValueCell);
    const auto* object = call.heap().find(array);
    if (object == nullptr || object->data.size() < value.size()) {
        OTI_TRY(array, call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(value.size()),
                                              owner_of(call)));
    }
    OTI_CHECK(call.heap().write(array, 0, value));
    OTI_CHECK(set_cell_of(call, ref, kPrimitiveTlv, kValueCell, array));
    return set_cell_of(call, ref, kPrimitiveTlv, kSizeCell, static_cast<std::uint16_t>(value.size()));
}

Guest<void> set_children(NativeCall& call, Ref ref, std::span<const Ref> children) {
    auto array = cell_of(call, ref, kConstructedTlv, kValueCell);
    const auto* object = call.heap().find(array);
    if (children.size() > kMaxTlv) return throw_tlv(kInsufficientStorage);
    if (object == nullptr || object->size() < children.size()) {
        OTI_TRY(array,
                call.heap().make_array(ObjectKind::kReferences, static_cast<std::int32_t>(children.size()),
                                       owner_of(call), Persistence::kPersistent, kBerTlv));
        object = call.heap().find(array);
    }
    // References behind the last one would keep what was removed.
    Bytes cells(object->data.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
        cells[2 * i] = static_cast<std::uint8_t>(children[i] >> 8);
        cells[2 * i + 1] = static_cast<std::uint8_t>(children[i]);
    }
    OTI_CHECK(call.heap().write(array, 0, cells));
    OTI_CHECK(set_cell_of(call, ref, kConstructedTlv, kValueCell, array));
    return set_cell_of(call, ref, kConstructedTlv, kSizeCell, static_cast<std::uint16_t>(children.size()));
}

Guest<std::vector<Ref>> make_children(NativeCall& call, BytesView value) {
    std::vector<Ref> children;
    while (!value.empty()) {
        OTI_TRY(auto place, ber_place(value));
        OTI_TRY(auto child, make_tlv(call, value.first(place.size())));
        children.push_back(child);
        value = value.subspan(place.size());
    }
    return children;
}

Guest<void> fill(NativeCall& call, Ref ref, BytesView tlv) {
    OTI_TRY(auto place, ber_place(tlv));
    OTI_TRY(auto tag, make_tag_object(call, tlv.first(place.tag_size)));
    auto value = tlv.subspan(place.header_size, place.value_size);
    if (is_constructed_tag(tlv)) {
        OTI_TRY(auto children, make_children(call, value));
        OTI_CHECK(set_children(call, ref, children));
    } else {
        OTI_CHECK(set_primitive_value(call, ref, value));
    }
    return set_cell_of(call, ref, kBerTlv, kTagCell, tag);
}

Guest<Ref> make_tlv(NativeCall& call, BytesView tlv) {
    OTI_CHECK(call.machine().charge(1 + tlv.size() / kBytesPerBytecode));
    const auto* type =
        call.machine().packages().find(is_constructed_tag(tlv) ? kConstructedTlv : kPrimitiveTlv);
    OTI_TRY(auto object, call.heap().make_instance(type->id, type->cells, owner_of(call)));
    OTI_CHECK(fill(call, object, tlv));
    return object;
}

Guest<bool> contains(NativeCall& call, Ref tlv, Ref wanted, unsigned depth) {
    OTI_CHECK(call.machine().charge(1));
    if (tlv == wanted) return true;
    if (depth == kMaxDepth) return throw_tlv(kIllegalSize);
    if (!is_a(call, tlv, kConstructedTlv)) return false;
    for (auto child : children_of(call, tlv)) {
        OTI_TRY(auto found, contains(call, child, wanted, depth + 1));
        if (found) return true;
    }
    return false;
}

}  // namespace oti::javacard
