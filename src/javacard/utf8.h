// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629), and the encodings that StringUtil converts it to and from.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace oti::javacard {

/// What begins a sequence of bytes: a code point, or as many bytes as would begin one before the first that
/// does not go on with it, at least one.
struct CodePoint {
    std::size_t size = 1;
    std::optional<std::uint32_t> value;  ///< none: ill-formed
};

/// `bytes` is not empty.
CodePoint first_code_point(BytesView bytes);
/// Where each one begins, and where the last one ends: one entry more than there are.
std::vector<std::size_t> code_point_places(BytesView bytes);
bool is_utf8(BytesView bytes);

/// As StringUtil numbers them.
enum class TextEncoding : std::uint8_t {
    kUtf8 = 1,
    kUtf16 = 2,  ///< with a byte order mark; big-endian where there is none
    kUtf16Le = 3,
    kUtf16Be = 4,
    kUcs2 = 5,
    kGsm7 = 6,
    kLatin1 = 7,
};
/// Whether conversions are there for it.
bool is_supported(TextEncoding encoding);
/// Nothing if the text is ill-formed, or if the encoding has no such character.
std::optional<Bytes> utf8_to(TextEncoding encoding, BytesView utf8);
std::optional<Bytes> utf8_from(TextEncoding encoding, BytesView text);

}  // namespace oti::javacard
