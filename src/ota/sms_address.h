// SPDX-License-Identifier: Apache-2.0
// Addresses of short messages (3GPP TS 23.040, 9.1.2.5).
#pragma once

#include <string>

#include "base/byte_reader.h"

namespace oti::ota {

/// A telephone number and of what type it is.
struct SmsAddress {
    static constexpr std::uint8_t kInternational = 0x91;  ///< type of number 1, ISDN numbering plan
    static constexpr std::size_t kMaxDigits = 20;

    std::uint8_t type = kInternational;
    /// 0 to 9, `*`, `#`, a, b, c; of an alphanumeric address (type D0) the octets in hexadecimal.
    std::string digits;

    /// "+491701234567" or without the plus, which makes it an unknown type (81). Error `sms.address`.
    static Result<SmsAddress> of_number(std::string_view number);
    /// Length in semi-octets, type, digits with the first in the lower half. Error `parse.invalid`.
    static Result<SmsAddress> read(ByteReader& reader);
    Bytes encode() const;

    bool operator==(const SmsAddress&) const = default;
};

}  // namespace oti::ota
