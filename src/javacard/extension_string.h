// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only: the two files of StringUtil's methods.
#pragma once

#include "javacard/extensions.h"

namespace oti::javacard {

inline constexpr ClassId kStringException{kStrings, 0};
namespace string_reason {
inline constexpr std::uint16_t kUnsupportedEncoding = 1, kIllegalNumberFormat = 2, kInvalidByteSequence = 3;
}  // namespace string_reason

/// Writes text into the array and to the offset that two arguments name; returns its size.
Guest<Value> put_text(NativeCall& call, std::size_t index, BytesView text);

// Numbers and booleans as text.
Guest<Value> text_of_boolean(NativeCall& call);
Guest<Value> parse_boolean(NativeCall& call);
Guest<Value> text_of_short(NativeCall& call);
Guest<Value> parse_short(NativeCall& call);
Guest<Value> text_of_long(NativeCall& call);
Guest<Value> parse_long(NativeCall& call);

}  // namespace oti::javacard
