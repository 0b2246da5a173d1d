// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only: TLV objects of javacardx.framework.tlv, from bytes and to bytes.
#pragma once

#include <vector>

#include "javacard/extension_tlv.h"

namespace oti::javacard {

/// Of BERTLV; of its children, what they have of their own.
inline constexpr std::size_t kTagCell = 0, kValueCell = 0, kSizeCell = 1;

std::uint16_t cell_of(NativeCall& call, Ref ref, ClassId declaring, std::size_t index);
Guest<void> set_cell_of(NativeCall& call, Ref ref, ClassId declaring, std::size_t index, std::uint16_t value);

/// EMPTY_TLV if there is none.
Guest<Bytes> primitive_value(NativeCall& call, Ref primitive);
Guest<void> set_primitive_value(NativeCall& call, Ref primitive, BytesView value);
std::vector<Ref> children_of(NativeCall& call, Ref constructed);
Guest<void> set_children(NativeCall& call, Ref constructed, std::span<const Ref> children);

/// A TLV object as bytes: EMPTY_TLV, TLV_SIZE_GREATER_THAN_32767; ILLEGAL_SIZE if it is nested too deep.
Guest<Bytes> encoded(NativeCall& call, Ref tlv);
/// How many the call's own object takes.
Guest<Value> size_of(NativeCall& call);
/// Bytes that are a well-formed TLV, as a new object, or as what an object of the class that fits is from
/// now.
Guest<Ref> make_tlv(NativeCall& call, BytesView tlv);
Guest<void> fill(NativeCall& call, Ref tlv, BytesView bytes);
/// Bytes that are well-formed TLVs one after another.
Guest<std::vector<Ref>> make_children(NativeCall& call, BytesView value);
/// Whether `wanted` is this TLV, or in it at any depth.
Guest<bool> contains(NativeCall& call, Ref tlv, Ref wanted, unsigned depth = 0);

}  // namespace oti::javacard
