// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only: the classes of javacardx.framework.tlv.
#pragma once

#include <optional>

#include "javacard/ber_form.h"
#include "javacard/extensions.h"

namespace oti::javacard {

inline constexpr ClassId kBerTlv{kTlv, 0}, kBerTag{kTlv, 1}, kConstructedTlv{kTlv, 2},
    kConstructedTag{kTlv, 3}, kPrimitiveTlv{kTlv, 4}, kPrimitiveTag{kTlv, 5};

/// What is behind an offset of an array; charges for all of it.
Guest<BytesView> rest_at(NativeCall& call, std::size_t index, std::int16_t offset);
/// Writes them there; returns how many.
Guest<Value> put_at(NativeCall& call, std::size_t index, std::int32_t offset, BytesView bytes);
inline auto throw_tlv(std::uint16_t reason) {
    return throw_(kTlvException, reason);
}

/// A tag object of the class that fits.
Guest<Ref> make_tag_object(NativeCall& call, BytesView tag);
/// The bytes of a tag object; nothing if it is empty.
std::optional<BytesView> tag_bytes(NativeCall& call, Ref tag);

std::span<const NativeMethod> ber_tag_methods();
std::span<const NativeMethod> constructed_tag_methods();
std::span<const NativeMethod> primitive_tag_methods();

}  // namespace oti::javacard
