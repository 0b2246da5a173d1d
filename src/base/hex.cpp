// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <cstdlib>

namespace oti {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_separator(char c) {
    return c == ' ' || c == ':' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

std::string to_hex(BytesView bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0x0F];
    }
    return text;
}

Result<Bytes> parse_hex(std::string_view text) {
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    int high = -1;
    for (char c : text) {
        if (is_separator(c) && high < 0) continue;
        int value = digit(c);
        if (value < 0) {
            return fail(ErrorKind::kUsage, "hex.invalid",
                        "not hexadecimal: unexpected character in '" + std::string(text.substr(0, 40)) + "'");
        }
        if (high < 0) {
            high = value;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high << 4 | value));
            high = -1;
        }
    }
    if (high >= 0) {
        return fail(ErrorKind::kUsage, "hex.invalid",
                    "not hexadecimal: odd number of digits in '" + std::string(text.substr(0, 40)) + "'");
    }
    return bytes;
}

Bytes from_hex(std::string_view text) {
    auto bytes = parse_hex(text);
    if (!bytes) std::abort();
    return *std::move(bytes);
}

}  // namespace oti
