// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oti {

/// Upper-case hexadecimal without separators.
std::string to_hex(BytesView bytes);

/// Hexadecimal of either case; spaces, colons and line breaks between octets are skipped.
/// Error `hex.invalid` on an odd number of digits or any other character.
Result<Bytes> parse_hex(std::string_view text);

/// For constants in code and tests: the text is known to be right; anything else ends the program.
Bytes from_hex(std::string_view text);

}  // namespace oti
