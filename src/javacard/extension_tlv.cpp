// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.tlv: the methods of BERTLV, PrimitiveBERTLV and ConstructedBERTLV. Where an array of
// bytes is given without a length, it ends with the array.
#include "javacard/extension_tlv.h"

#include <algorithm>

#include "javacard/exception_methods.h"
#include "javacard/extension_tlv_value.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace tlv_reason;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

/// The TLV in an array of bytes, which two arguments name, and its parts.
struct Found {
    BytesView bytes;
    BerPlace place;
    BytesView tag() const { return bytes.first(place.tag_size); }
    BytesView value() const { return bytes.subspan(place.header_size, place.value_size); }
    BytesView whole() const { return bytes.first(place.size()); }
};

Guest<Found> tlv_at(NativeCall& call, std::size_t index) {
    OTI_TRY(auto bytes, rest_at(call, index, call.short_at(index + 1)));
    OTI_TRY(auto place, ber_place(bytes));
    return Found{bytes, place};
}

Guest<Found> tlv_at(NativeCall& call, std::size_t index, bool constructed) {
    OTI_TRY(auto found, tlv_at(call, index));
    bool well_formed = !constructed || are_ber_tlvs(found.value());
    if (is_constructed_tag(found.bytes) != constructed || !well_formed) return throw_tlv(kMalformedTlv);
    return found;
}

/// (bArray, bOff, bLen) from `index` on.
Guest<ByteRange> range_at(NativeCall& call, std::size_t index) {
    return call.bytes_at(index, call.short_at(index + 1), call.short_at(index + 2));
}

// BERTLV
// -----------------------------------------------------------------------------------------------------

Guest<Value> get_instance(NativeCall& call) {
    OTI_TRY(auto range, range_at(call, 0));
    if (!is_ber_tlv(range.view())) return throw_tlv(kMalformedTlv);
    OTI_TRY(auto object, make_tlv(call, to_bytes(range.view())));
    return Value::of_ref(object);
}

Guest<Value> verify_format(NativeCall& call) {
    OTI_TRY(auto range, range_at(call, 0));
    return Value::of_bool(is_ber_tlv(range.view()));
}

Guest<Value> get_tag_of_bytes(NativeCall& call) {
    OTI_TRY(auto found, tlv_at(call, 0));
    return put_at(call, 2, call.short_at(3), found.tag());
}

Guest<Value> get_length_of_bytes(NativeCall& call) {
    OTI_TRY(auto found, tlv_at(call, 0));
    return Value::of_short(static_cast<int>(found.place.value_size));
}

Guest<Value> to_byte_array(NativeCall& call) {
    OTI_TRY(auto tlv, encoded(call, call.self()));
    return put_at(call, 1, call.short_at(2), tlv);
}

Guest<Value> get_tag(NativeCall& call) {
    auto tag = call.cell(kBerTlv, kTagCell);
    if (tag == kNull) return throw_tlv(kEmptyTlv);
    return Value::of_ref(tag);
}

Guest<Value> get_length(NativeCall& call) {
    OTI_TRY(auto tlv, encoded(call, call.self()));
    OTI_TRY(auto place, ber_place(tlv));
    return Value::of_short(static_cast<int>(place.value_size));
}

// Both children
// ----------------------------------------------------------------------------------------------

template <bool constructed>
Guest<Value> init_from_bytes(NativeCall& call) {
    OTI_TRY(auto range, range_at(call, 1));
    if (!is_ber_tlv(range.view()) || is_constructed_tag(range.view()) != constructed) {
        return throw_tlv(kMalformedTlv);
    }
    OTI_CHECK(fill(call, call.self(), to_bytes(range.view())));
    return size_of(call);
}

// PrimitiveBERTLV
// --------------------------------------------------------------------------------------------

/// (numValueBytes)
Guest<Value> construct_primitive(NativeCall& call) {
    if (call.short_at(1) < 0) return throw_tlv(kInvalidParam);
    OTI_TRY(auto array, call.heap().make_array(ObjectKind::kBytes, call.short_at(1), call.caller()));
    OTI_CHECK(call.set_cell(kPrimitiveTlv, kValueCell, array));
    return Value{};
}

/// (tag, vArray, vOff, vLen)
Guest<Value> init_primitive(NativeCall& call) {
    OTI_CHECK(call.instance_at(1, kPrimitiveTag));
    OTI_TRY(auto value, range_at(call, 2));
    OTI_CHECK(set_primitive_value(call, call.self(), to_bytes(value.view())));
    OTI_CHECK(call.set_cell(kBerTlv, kTagCell, call.ref_at(1)));
    return size_of(call);
}

/// What is changed must be there, and must not get longer than a TLV may be.
Guest<Value> change_value(NativeCall& call, bool keep_old) {
    OTI_TRY(auto added, range_at(call, 1));
    if (call.cell(kBerTlv, kTagCell) == kNull) return throw_tlv(kEmptyTlv);
    OTI_TRY(auto old, primitive_value(call, call.self()));
    auto value = keep_old ? concat(old, added.view()) : to_bytes(added.view());
    if (value.size() > kMaxTlv) return throw_tlv(kInsufficientStorage);
    OTI_CHECK(set_primitive_value(call, call.self(), value));
    return size_of(call);
}

Guest<Value> append_value(NativeCall& call) {
    return change_value(call, true);
}

Guest<Value> replace_value(NativeCall& call) {
    return change_value(call, false);
}

Guest<Value> get_value(NativeCall& call) {
    if (call.cell(kBerTlv, kTagCell) == kNull) return throw_tlv(kEmptyTlv);
    OTI_TRY(auto value, primitive_value(call, call.self()));
    return put_at(call, 1, call.short_at(2), value);
}

Guest<Value> get_value_offset(NativeCall& call) {
    OTI_TRY(auto found, tlv_at(call, 0, false));
    return Value::of_short(call.short_at(1) + static_cast<int>(found.place.header_size));
}

/// (berTagArray, berTagOff, valueArray, vOff, vLen, outBuf, bOff)
Guest<Value> write_primitive(NativeCall& call) {
    OTI_TRY(auto bytes, rest_at(call, 0, call.short_at(1)));
    OTI_TRY(auto tag_size, ber_tag_size(bytes));
    if (is_constructed_tag(bytes)) return throw_tlv(kMalformedTag);
    OTI_TRY(auto value, range_at(call, 2));
    OTI_TRY(auto tlv, make_ber_tlv(bytes.first(tag_size), value.view()));
    return put_at(call, 5, call.short_at(6), tlv);
}

/// (berTLVArray, bTLVOff, vArray, vOff, vLen)
Guest<Value> append_value_to_bytes(NativeCall& call) {
    OTI_TRY(auto found, tlv_at(call, 0, false));
    OTI_TRY(auto added, range_at(call, 2));
    OTI_TRY(auto tlv, make_ber_tlv(found.tag(), concat(found.value(), added.view())));
    return put_at(call, 0, call.short_at(1), tlv);
}

// ConstructedBERTLV
// ------------------------------------------------------------------------------------------

/// (numTLVs)
Guest<Value> construct_constructed(NativeCall& call) {
    if (call.short_at(1) < 0) return throw_tlv(kInvalidParam);
    OTI_TRY(auto array, call.heap().make_array(ObjectKind::kReferences, call.short_at(1), call.caller(),
                                               Persistence::kPersistent, kBerTlv));
    OTI_CHECK(call.set_cell(kConstructedTlv, kValueCell, array));
    return Value{};
}

/// Argument `index`, which goes into this object and so must not have it inside.
Guest<Ref> new_child_at(NativeCall& call, std::size_t index) {
    OTI_CHECK(call.instance_at(index, kBerTlv));
    OTI_TRY(auto circular, contains(call, call.ref_at(index), call.self()));
    if (circular) return throw_tlv(kInvalidParam);
    return call.ref_at(index);
}

/// (tag, aTLV)
Guest<Value> init_with_child(NativeCall& call) {
    OTI_CHECK(call.instance_at(1, kConstructedTag));
    OTI_TRY(auto child, new_child_at(call, 2));
    OTI_CHECK(set_children(call, call.self(), std::array{child}));
    OTI_CHECK(call.set_cell(kBerTlv, kTagCell, call.ref_at(1)));
    return size_of(call);
}

/// (tag, vArray, vOff, vLen)
Guest<Value> init_with_value(NativeCall& call) {
    OTI_CHECK(call.instance_at(1, kConstructedTag));
    OTI_TRY(auto range, range_at(call, 2));
    auto value = to_bytes(range.view());
    if (!are_ber_tlvs(value)) return throw_tlv(kMalformedTlv);
    OTI_TRY(auto children, make_children(call, value));
    OTI_CHECK(set_children(call, call.self(), children));
    OTI_CHECK(call.set_cell(kBerTlv, kTagCell, call.ref_at(1)));
    return size_of(call);
}

Guest<Value> append(NativeCall& call) {
    OTI_TRY(auto child, new_child_at(call, 1));
    auto children = children_of(call, call.self());
    children.push_back(child);
    OTI_CHECK(set_children(call, call.self(), children));
    return size_of(call);
}

/// The place of the n-th occurrence (counted from 1) of an object among the children.
Guest<std::size_t> place_of(const std::vector<Ref>& children, Ref wanted, int occurrence) {
    if (occurrence < 1) return throw_tlv(kInvalidParam);
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (children[i] == wanted && --occurrence == 0) return i;
    }
    return throw_tlv(kInvalidParam);
}

/// (aTLV, occurrenceNum)
Guest<Value> remove(NativeCall& call) {
    OTI_CHECK(call.instance_at(1, kBerTlv));
    auto children = children_of(call, call.self());
    OTI_TRY(auto place, place_of(children, call.ref_at(1), call.short_at(2)));
    children.erase(children.begin() + static_cast<std::ptrdiff_t>(place));
    OTI_CHECK(set_children(call, call.self(), children));
    return size_of(call);
}

/// The first child from `begin` on with the tag that is argument 1, which may be null for any.
Guest<Value> find_from(NativeCall& call, const std::vector<Ref>& children, std::size_t begin) {
    if (call.ref_at(1) != kNull) OTI_CHECK(call.instance_at(1, kBerTag));
    auto wanted = tag_bytes(call, call.ref_at(1));
    for (std::size_t i = begin; i < children.size(); ++i) {
        auto tag = tag_bytes(call, cell_of(call, children[i], kBerTlv, kTagCell));
        bool matches = call.ref_at(1) == kNull || (wanted && tag && same(*wanted, *tag));
        if (matches) return Value::of_ref(children[i]);
    }
    return Value::of_ref(kNull);
}

Guest<Value> find(NativeCall& call) {
    return find_from(call, children_of(call, call.self()), 0);
}

/// (tag, aTLV, occurrenceNum)
Guest<Value> find_next(NativeCall& call) {
    OTI_CHECK(call.instance_at(2, kBerTlv));
    auto children = children_of(call, call.self());
    OTI_TRY(auto place, place_of(children, call.ref_at(2), call.short_at(3)));
    return find_from(call, children, place + 1);
}

/// (berTLVInArray, bTLVInOff, berTLVOutArray, bTLVOutOff)
Guest<Value> append_to_bytes(NativeCall& call) {
    OTI_TRY(auto added, tlv_at(call, 0));
    if (!are_ber_tlvs(added.whole())) return throw_tlv(kMalformedTlv);
    OTI_TRY(auto found, tlv_at(call, 2, true));
    OTI_TRY(auto tlv, make_ber_tlv(found.tag(), concat(found.value(), added.whole())));
    return put_at(call, 2, call.short_at(3), tlv);
}

/// Where in the array, whose TLV is argument 0, the first TLV with that tag is, behind the one at `after`.
Guest<Value> find_in_bytes(NativeCall& call, std::size_t tag_index, std::optional<std::int32_t> after) {
    OTI_TRY(auto found, tlv_at(call, 0, true));
    BytesView wanted;
    if (call.ref_at(tag_index) != kNull) {
        OTI_TRY(auto bytes, rest_at(call, tag_index, call.short_at(tag_index + 1)));
        OTI_TRY(auto size, ber_tag_size(bytes));
        wanted = bytes.first(size);
    }
    bool searching = !after.has_value();
    auto offset = call.short_at(1) + static_cast<std::int32_t>(found.place.header_size);
    for (auto rest = found.value(); !rest.empty();) {
        OTI_TRY(auto place, ber_place(rest));
        if (searching && (wanted.empty() || same(wanted, rest.first(place.tag_size)))) {
            return Value::of_short(offset);
        }
        searching = searching || offset == after;
        offset += static_cast<std::int32_t>(place.size());
        rest = rest.subspan(place.size());
    }
    if (!searching) return throw_tlv(kInvalidParam);
    return Value::of_short(-1);
}

Guest<Value> find_bytes(NativeCall& call) {
    return find_in_bytes(call, 2, std::nullopt);
}

Guest<Value> find_next_bytes(NativeCall& call) {
    if (call.short_at(2) < 0) return throw_(exception::kArrayIndex);
    return find_in_bytes(call, 3, call.short_at(2));
}

constexpr NativeMethod kTlvMethods[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "getInstance", "([BSS)Ljavacardx/framework/tlv/BERTLV;", get_instance},
    {kStatic, 2, "verifyFormat", "([BSS)Z", verify_format},
    {kStatic, 3, "getTag", "([BS[BS)S", get_tag_of_bytes},
    {kStatic, 4, "getLength", "([BS)S", get_length_of_bytes},
    {kVirtual, 1, "toBytes", "([BS)S", to_byte_array},
    {kVirtual, 2, "getTag", "()Ljavacardx/framework/tlv/BERTag;", get_tag},
    {kVirtual, 3, "getLength", "()S", get_length},
    {kVirtual, 4, "size", "()S", size_of},
    {kVirtual, 5, "init", "([BSS)S", nullptr},
};
constexpr NativeMethod kConstructedMethods[] = {
    {kConstructor, 0, "<init>", "(S)V", construct_constructed},
    {kStatic, 1, "append", "([BS[BS)S", append_to_bytes},
    {kStatic, 2, "find", "([BS[BS)S", find_bytes},
    {kStatic, 3, "findNext", "([BSS[BS)S", find_next_bytes},
    {kVirtual, 5, "init", "([BSS)S", init_from_bytes<true>},
    {kVirtual, 6, "init", "(Ljavacardx/framework/tlv/ConstructedBERTag;Ljavacardx/framework/tlv/BERTLV;)S",
     init_with_child},
    {kVirtual, 7, "init", "(Ljavacardx/framework/tlv/ConstructedBERTag;[BSS)S", init_with_value},
    {kVirtual, 8, "append", "(Ljavacardx/framework/tlv/BERTLV;)S", append},
    {kVirtual, 9, "delete", "(Ljavacardx/framework/tlv/BERTLV;S)S", remove},
    {kVirtual, 10, "find", "(Ljavacardx/framework/tlv/BERTag;)Ljavacardx/framework/tlv/BERTLV;", find},
    {kVirtual, 11, "findNext",
     "(Ljavacardx/framework/tlv/BERTag;Ljavacardx/framework/tlv/BERTLV;S)Ljavacardx/framework/tlv/BERTLV;",
     find_next},
};
constexpr NativeMethod kPrimitiveMethods[] = {
    {kConstructor, 0, "<init>", "(S)V", construct_primitive},
    {kStatic, 1, "getValueOffset", "([BS)S", get_value_offset},
    {kStatic, 2, "toBytes", "([BS[BSS[BS)S", write_primitive},
    {kStatic, 3, "appendValue", "([BS[BSS)S", append_value_to_bytes},
    {kVirtual, 5, "init", "([BSS)S", init_from_bytes<false>},
    {kVirtual, 6, "init", "(Ljavacardx/framework/tlv/PrimitiveBERTag;[BSS)S", init_primitive},
    {kVirtual, 7, "appendValue", "([BSS)S", append_value},
    {kVirtual, 8, "replaceValue", "([BSS)S", replace_value},
    {kVirtual, 9, "getValue", "([BS)S", get_value},
};

}  // namespace

Guest<BytesView> rest_at(NativeCall& call, std::size_t index, std::int16_t offset) {
    OTI_TRY(auto* array, call.array_at(index, ObjectKind::kBytes));
    if (offset < 0 || static_cast<std::size_t>(offset) > array->data.size()) {
        return throw_(exception::kArrayIndex);
    }
    auto rest = BytesView(array->data).subspan(static_cast<std::size_t>(offset));
    OTI_CHECK(call.machine().charge(rest.size() / kBytesPerBytecode));
    return rest;
}

Guest<Value> put_at(NativeCall& call, std::size_t index, std::int32_t offset, BytesView bytes) {
    OTI_TRY(auto out, call.bytes_at(index, offset, static_cast<std::int32_t>(bytes.size())));
    OTI_CHECK(call.write(out, bytes));
    return Value::of_short(static_cast<int>(bytes.size()));
}

const NativePackage& tlv() {
    static constexpr ClassId kObject{kJavaLang, 0};
    static const NativeClass kClasses[] = {
        {.token = 0, .name = "BERTLV", .super = kObject, .cells = 1, .references = 1, .methods = kTlvMethods},
        {.token = 1,
         .name = "BERTag",
         .super = kObject,
         .cells = 1,
         .references = 1,
         .methods = ber_tag_methods()},
        {.token = 2,
         .name = "ConstructedBERTLV",
         .super = kBerTlv,
         .cells = 2,
         .references = 1,
         .methods = kConstructedMethods},
        {.token = 3, .name = "ConstructedBERTag", .super = kBerTag, .methods = constructed_tag_methods()},
        {.token = 4,
         .name = "PrimitiveBERTLV",
         .super = kBerTlv,
         .cells = 2,
         .references = 1,
         .methods = kPrimitiveMethods},
        {.token = 5, .name = "PrimitiveBERTag", .super = kBerTag, .methods = primitive_tag_methods()},
        runtime_exception<kTlvException>("TLVException"),
    };
    static const NativePackage kPackage{
        kTlv, "javacardx.framework.tlv", "A000000062020803", {1, 0}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
