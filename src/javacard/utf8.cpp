// SPDX-License-Identifier: Apache-2.0
#include "javacard/utf8.h"

#include <algorithm>

namespace oti::javacard {
namespace {

constexpr std::uint32_t kFirstSurrogate = 0xD800, kFirstLow = 0xDC00, kBehindSurrogates = 0xE000;
constexpr std::uint32_t kSupplementary = 0x10000, kMaxCodePoint = 0x10FFFF, kByteOrderMark = 0xFEFF;

void put_utf8(Bytes& out, std::uint32_t point) {
    auto put = [&](std::uint32_t byte) { out.push_back(static_cast<std::uint8_t>(byte)); };
    auto continuation = [&](unsigned shift) { put(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0 | point >> 6);
        return continuation(0);
    }
    if (point < kSupplementary) {
        put(0xE0 | point >> 12);
        continuation(6);
        return continuation(0);
    }
    put(0xF0 | point >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
}

std::optional<std::vector<std::uint32_t>> code_points(BytesView utf8) {
    std::vector<std::uint32_t> points;
    while (!utf8.empty()) {
        auto next = first_code_point(utf8);
        if (!next.value) return std::nullopt;
        points.push_back(*next.value);
        utf8 = utf8.subspan(next.size);
    }
    return points;
}

void put_unit(Bytes& out, std::uint32_t unit, bool little) {
    std::uint8_t high = static_cast<std::uint8_t>(unit >> 8), low = static_cast<std::uint8_t>(unit);
    out.push_back(little ? low : high);
    out.push_back(little ? high : low);
}

std::optional<Bytes> from_utf16(BytesView text, bool little, bool pairs) {
    if (text.size() % 2 != 0) return std::nullopt;
    auto unit = [&](std::size_t i) {
        return static_cast<std::uint32_t>(little ? text[i] | text[i + 1] << 8 : text[i] << 8 | text[i + 1]);
    };
    Bytes out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto point = unit(i);
        if (point >= kFirstSurrogate && point < kBehindSurrogates) {
            bool is_pair = pairs && point < kFirstLow && i + 4 <= text.size() && unit(i + 2) >= kFirstLow &&
                           unit(i + 2) < kBehindSurrogates;
            if (!is_pair) return std::nullopt;
            point = kSupplementary + ((point - kFirstSurrogate) << 10) + (unit(i + 2) - kFirstLow);
            i += 2;
        }
        put_utf8(out, point);
    }
    return out;
}

}  // namespace

CodePoint first_code_point(BytesView bytes) {
    std::uint32_t first = bytes[0];
    if (first < 0x80) return {1, first};
    std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    // C0 and C1 are never shortest, F5 and above too large; 80 to BF go on with something.
    if (first < 0xC2 || first > 0xF4) return {1, std::nullopt};
    std::uint32_t value = first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if (i == bytes.size() || (bytes[i] & 0xC0) != 0x80) return {i, std::nullopt};
        value = value << 6 | (bytes[i] & 0x3FU);
        // The second byte tells whether it is a longer form than needed, a surrogate or too large.
        auto lowest = value << 6 * (size - 1 - i), highest = ((value + 1) << 6 * (size - 1 - i)) - 1;
        bool too_long = (size == 3 && highest < 0x800) || (size == 4 && highest < kSupplementary);
        bool surrogate = lowest >= kFirstSurrogate && highest < kBehindSurrogates;
        if (too_long || surrogate || lowest > kMaxCodePoint) return {i, std::nullopt};
    }
    return {size, value};
}

std::vector<std::size_t> code_point_places(BytesView bytes) {
    std::vector<std::size_t> places{0};
    while (places.back() < bytes.size()) {
        places.push_back(places.back() + first_code_point(bytes.subspan(places.back())).size);
    }
    return places;
}

bool is_utf8(BytesView bytes) {
    return code_points(bytes).has_value();
}

bool is_supported(TextEncoding encoding) {
    return encoding >= TextEncoding::kUtf8 && encoding <= TextEncoding::kLatin1 &&
           encoding != TextEncoding::kGsm7;
}

std::optional<Bytes> utf8_to(TextEncoding encoding, BytesView utf8) {
    auto points = code_points(utf8);
    if (!points) return std::nullopt;
    if (encoding == TextEncoding::kUtf8) return to_bytes(utf8);
    Bytes out;
    bool little = encoding == TextEncoding::kUtf16Le;
    if (encoding == TextEncoding::kUtf16) put_unit(out, kByteOrderMark, false);
    for (auto point : *points) {
        if (encoding == TextEncoding::kLatin1) {
            if (point > 0xFF) return std::nullopt;
            out.push_back(static_cast<std::uint8_t>(point));
        } else if (point < kSupplementary) {
            put_unit(out, point, little);
        } else {
            if (encoding == TextEncoding::kUcs2) return std::nullopt;
            put_unit(out, kFirstSurrogate + ((point - kSupplementary) >> 10), little);
            put_unit(out, kFirstLow + (point & 0x3FF), little);
        }
    }
    return out;
}

std::optional<Bytes> utf8_from(TextEncoding encoding, BytesView text) {
    Bytes out;
    switch (encoding) {
        case TextEncoding::kUtf8:
            return is_utf8(text) ? std::optional(to_bytes(text)) : std::nullopt;
        case TextEncoding::kLatin1:
            for (auto byte : text) put_utf8(out, byte);
            return out;
        case TextEncoding::kUtf16: {
            bool big = text.size() >= 2 && text[0] == 0xFE && text[1] == 0xFF;
            bool little = text.size() >= 2 && text[0] == 0xFF && text[1] == 0xFE;
            return from_utf16(text.subspan(big || little ? 2 : 0), little, true);
        }
        default:
            return from_utf16(text, encoding == TextEncoding::kUtf16Le, encoding != TextEncoding::kUcs2);
    }
}

}  // namespace oti::javacard
