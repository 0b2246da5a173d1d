// SPDX-License-Identifier: Apache-2.0
// Natural numbers of a few dozen bytes, and their packed BCD form (two decimal digits a byte). For arithmetic
// of applets; nothing here hides its operands in time.
#pragma once

#include <compare>
#include <optional>

#include "base/bytes.h"

namespace oti::javacard {

class Natural {
  public:
    Natural() = default;
    /// From binary form, big-endian.
    explicit Natural(BytesView binary);
    /// Nothing if a nibble is no digit, or if it takes more than `max_size` bytes.
    static std::optional<Natural> from_bcd(BytesView bcd, std::size_t max_size);

    /// Without leading zeros, but one byte at least.
    Bytes binary() const;
    Bytes bcd() const;

    std::strong_ordering operator<=>(const Natural& other) const;
    bool operator==(const Natural& other) const = default;

    friend Natural operator+(const Natural& a, const Natural& b);
    friend Natural operator*(const Natural& a, const Natural& b);
    /// Nothing if it would be negative.
    static std::optional<Natural> difference(const Natural& a, const Natural& b);

  private:
    void trim();

    Bytes digits_;  ///< to the base 256, the lowest first; the last one is not 0
};

bool is_bcd(BytesView bytes);

}  // namespace oti::javacard
