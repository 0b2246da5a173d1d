// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::iso7816 {

/// Application identifier, 5 to 16 octets (ISO/IEC 7816-4, 12.2.3). A value that exists is of valid length.
class Aid {
  public:
    /// Error `aid.invalid` unless 5 to 16 octets.
    static Result<Aid> create(BytesView bytes);
    /// From hexadecimal text.
    static Result<Aid> parse(std::string_view hex);
    /// For constants: text that is known to be right; anything else ends the program.
    static Aid constant(std::string_view hex);

    BytesView bytes() const { return {bytes_.data(), size_}; }
    std::string hex() const;
    /// Whether this AID begins with these octets; how partial SELECT and GET STATUS match.
    bool starts_with(BytesView prefix) const;

    std::strong_ordering operator<=>(const Aid& other) const;
    bool operator==(const Aid& other) const { return same(bytes(), other.bytes()); }

  private:
    Aid() = default;
    std::array<std::uint8_t, 16> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace oti::iso7816
