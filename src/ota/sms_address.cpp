// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_address.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/hex.h"

namespace oti::ota {
namespace {

/// Semi-octets 0 to E; F fills the last octet of an odd number.
constexpr std::string_view kDigits = "0123456789*#abc";
constexpr std::uint8_t kUnknownType = 0x81, kAlphanumeric = 0x50, kTypeOfNumber = 0x70, kFill = 0x0F;

bool is_alphanumeric(std::uint8_t type) {
    return (type & kTypeOfNumber) == kAlphanumeric;
}

}  // namespace

Result<SmsAddress> SmsAddress::of_number(std::string_view number) {
    SmsAddress address;
    if (number.starts_with('+')) {
        number.remove_prefix(1);
    } else {
        address.type = kUnknownType;
    }
    bool are_digits = std::ranges::all_of(number, [](char c) { return kDigits.contains(c); });
    if (number.empty() || number.size() > kMaxDigits || !are_digits) {
        return fail(ErrorKind::kUsage, "sms.address", "'" + std::string(number) + "' is no telephone number",
                    "up to 20 digits, with + before an international one");
    }
    address.digits = number;
    return address;
}

Result<SmsAddress> SmsAddress::read(ByteReader& reader) {
    OTI_TRY(std::size_t count, reader.u8());
    if (count > kMaxDigits) return reader.invalid("an address of more than 20 digits");
    SmsAddress address;
    OTI_TRY(address.type, reader.u8());
    OTI_TRY(auto octets, reader.take((count + 1) / 2));
    if (is_alphanumeric(address.type)) {
        address.digits = to_hex(octets);
        return address;
    }
    for (std::size_t n = 0; n < count; ++n) {
        auto half = n % 2 == 0 ? octets[n / 2] & kFill : octets[n / 2] >> 4;
        if (half == kFill) return reader.invalid("an address with a digit F");
        address.digits += kDigits[static_cast<std::size_t>(half)];
    }
    return address;
}

Bytes SmsAddress::encode() const {
    if (is_alphanumeric(type)) {
        auto octets = from_hex(digits);
        return ByteWriter().u8(static_cast<unsigned>(2 * octets.size())).u8(type).put(octets).take();
    }
    ByteWriter writer;
    writer.u8(static_cast<unsigned>(digits.size())).u8(type);
    for (std::size_t n = 0; n < digits.size(); n += 2) {
        auto high = n + 1 < digits.size() ? kDigits.find(digits[n + 1]) : kFill;
        writer.u8(static_cast<unsigned>(high << 4 | kDigits.find(digits[n])));
    }
    return writer.take();
}

}  // namespace oti::ota
