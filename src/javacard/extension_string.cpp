// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.string: text as UTF-8 in arrays of bytes. Indices are counted from where the text
// begins. Upper and lower case are those of ASCII, as the API leaves it to the card.
#include <algorithm>

#include "javacard/exception_methods.h"
#include "javacard/extension_string.h"
#include "javacard/machine.h"
#include "javacard/utf8.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr ClassId kIndexOutOfBounds{kJavaLang, 4};

/// (array, offset, length) from `index` on; what is done takes as long as there are bytes.
Guest<BytesView> text_at(NativeCall& call, std::size_t index) {
    OTI_TRY(auto range, call.bytes_at(index, call.short_at(index + 1), call.short_at(index + 2)));
    OTI_CHECK(call.machine().charge(range.length));
    return range.view();
}

std::uint8_t lower(std::uint8_t byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte + 32) : byte;
}
std::uint8_t upper(std::uint8_t byte) {
    return byte >= 'a' && byte <= 'z' ? static_cast<std::uint8_t>(byte - 32) : byte;
}

Guest<Value> code_point_count(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    return Value::of_short(static_cast<int>(code_point_places(text).size() - 1));
}

/// (aString, offset, length, index, dstBuffer, dstOffset)
Guest<Value> code_point_at(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    int index = call.short_at(3);
    if (index < 0 || static_cast<std::size_t>(index) >= text.size()) return throw_(kIndexOutOfBounds);
    auto rest = text.subspan(static_cast<std::size_t>(index));
    return put_text(call, 4, rest.first(first_code_point(rest).size));
}

Guest<Value> code_point_before(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    int index = call.short_at(3);
    if (index < 1 || static_cast<std::size_t>(index) > text.size()) return throw_(kIndexOutOfBounds);
    auto before = text.first(static_cast<std::size_t>(index));
    auto places = code_point_places(before);
    return put_text(call, 4, before.subspan(places[places.size() - 2]));
}

/// The index that is `count` code points away.
Guest<std::size_t> moved(BytesView text, int index, int count) {
    if (index < 0 || static_cast<std::size_t>(index) > text.size()) return throw_(kIndexOutOfBounds);
    auto from = static_cast<std::size_t>(index);
    auto places = code_point_places(count < 0 ? text.first(from) : text.subspan(from));
    auto steps = static_cast<std::size_t>(count < 0 ? -count : count);
    if (steps >= places.size()) return throw_(kIndexOutOfBounds);
    return count < 0 ? places[places.size() - 1 - steps] : from + places[steps];
}

Guest<Value> offset_by_code_points(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    OTI_TRY(auto place, moved(text, call.short_at(3), call.short_at(4)));
    return Value::of_short(static_cast<int>(place));
}

/// (ignoreCase, aString, offset, length, anotherString, ooffset, olength)
Guest<Value> compare(NativeCall& call) {
    OTI_TRY(auto a, text_at(call, 1));
    OTI_TRY(auto b, text_at(call, 4));
    auto seen = [&](std::uint8_t byte) { return call.bool_at(0) ? lower(byte) : byte; };
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (int difference = seen(a[i]) - seen(b[i]); difference != 0) return Value::of_short(difference);
    }
    return Value::of_short(static_cast<int>(a.size()) - static_cast<int>(b.size()));
}

/// The first place of `part`, and what looking for it takes.
Guest<std::optional<std::size_t>> place_of(NativeCall& call, BytesView text, BytesView part) {
    OTI_CHECK(call.machine().charge(text.size() * std::max<std::size_t>(part.size(), 1) / kBytesPerBytecode));
    auto found = std::ranges::search(text, part);
    if (found.empty() && !part.empty()) return std::nullopt;
    return static_cast<std::size_t>(found.begin() - text.begin());
}

Guest<Value> index_of(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    OTI_TRY(auto part, text_at(call, 3));
    OTI_TRY(auto place, place_of(call, text, part));
    return Value::of_short(place ? static_cast<int>(*place) : -1);
}

/// (src…, old…, new…, dstString, dstOffset)
Guest<Value> replace(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    OTI_TRY(auto old, text_at(call, 3));
    OTI_TRY(auto replacement, text_at(call, 6));
    Bytes out;
    while (!old.empty()) {
        OTI_TRY(auto place, place_of(call, text, old));
        if (!place) break;
        out.insert(out.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*place));
        out.insert(out.end(), replacement.begin(), replacement.end());
        text = text.subspan(*place + old.size());
    }
    return put_text(call, 9, concat(out, text));
}

/// What is ill-formed is left out.
template <std::uint8_t (*change)(std::uint8_t)>
Guest<Value> change_case(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    Bytes out;
    while (!text.empty()) {
        auto point = first_code_point(text);
        for (std::size_t i = 0; point.value && i < point.size; ++i) out.push_back(change(text[i]));
        text = text.subspan(point.size);
    }
    return put_text(call, 3, out);
}

Guest<Value> trim(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    while (!text.empty() && text.front() <= ' ') text = text.subspan(1);
    while (!text.empty() && text.back() <= ' ') text = text.first(text.size() - 1);
    return put_text(call, 3, text);
}

Guest<Value> check(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    return Value::of_bool(is_utf8(text));
}

/// (string…, part…, codePointCount): the part that is looked for, all of it if the count is negative.
Guest<BytesView> part_of(NativeCall& call) {
    OTI_TRY(auto part, text_at(call, 3));
    if (call.short_at(6) < 0) return part;
    OTI_TRY(auto end, moved(part, 0, call.short_at(6)));
    return part.first(end);
}

Guest<Value> starts_with(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    OTI_TRY(auto part, part_of(call));
    return Value::of_bool(part.size() <= text.size() && same(text.first(part.size()), part));
}

Guest<Value> ends_with(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    OTI_TRY(auto part, part_of(call));
    return Value::of_bool(part.size() <= text.size() && same(text.last(part.size()), part));
}

/// (src…, codePointBeginIndex, codePointEndIndex, dstString, dstOffset): to the end if that is negative.
Guest<Value> substring(NativeCall& call) {
    OTI_TRY(auto text, text_at(call, 0));
    int begin = call.short_at(3), end = call.short_at(4);
    if (begin < 0 || (end >= 0 && end < begin)) return throw_(kIndexOutOfBounds);
    OTI_TRY(auto from, moved(text, 0, begin));
    auto to = text.size();
    if (end >= 0) {
        OTI_TRY(to, moved(text, 0, end));
    }
    return put_text(call, 5, text.subspan(from, to - from));
}

/// (src…, dstString, dstOffset, encoding)
Guest<Value> convert(NativeCall& call, std::optional<Bytes> (*conversion)(TextEncoding, BytesView)) {
    OTI_TRY(auto text, text_at(call, 0));
    auto encoding = static_cast<TextEncoding>(call.byte_at(5));
    if (!is_supported(encoding)) return throw_(kStringException, string_reason::kUnsupportedEncoding);
    auto converted = conversion(encoding, text);
    if (!converted) return throw_(kStringException, string_reason::kInvalidByteSequence);
    return put_text(call, 3, *converted);
}

Guest<Value> convert_to(NativeCall& call) {
    return convert(call, utf8_to);
}
Guest<Value> convert_from(NativeCall& call) {
    return convert(call, utf8_from);
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "codePointCount", "([BSS)S", code_point_count},
    {kStatic, 1, "codePointAt", "([BSSS[BS)S", code_point_at},
    {kStatic, 2, "codePointBefore", "([BSSS[BS)S", code_point_before},
    {kStatic, 3, "offsetByCodePoints", "([BSSSS)S", offset_by_code_points},
    {kStatic, 4, "compare", "(Z[BSS[BSS)S", compare},
    {kStatic, 5, "indexOf", "([BSS[BSS)S", index_of},
    {kStatic, 6, "replace", "([BSS[BSS[BSS[BS)S", replace},
    {kStatic, 7, "toLowerCase", "([BSS[BS)S", change_case<lower>},
    {kStatic, 8, "toUpperCase", "([BSS[BS)S", change_case<upper>},
    {kStatic, 9, "trim", "([BSS[BS)S", trim},
    {kStatic, 10, "valueOf", "(Z[BS)S", text_of_boolean},
    {kStatic, 11, "parseBoolean", "([BSS)Z", parse_boolean},
    {kStatic, 12, "valueOf", "(S[BS)S", text_of_short},
    {kStatic, 13, "parseShortInteger", "([BSS)S", parse_short},
    {kStatic, 14, "valueOf", "([S[BS)S", text_of_long},
    {kStatic, 15, "parseLongInteger", "([BSS[SS)S", parse_long},
    {kStatic, 16, "convertTo", "([BSS[BSB)S", convert_to},
    {kStatic, 17, "convertFrom", "([BSS[BSB)S", convert_from},
    {kStatic, 18, "check", "([BSS)Z", check},
    {kStatic, 19, "startsWith", "([BSS[BSSS)Z", starts_with},
    {kStatic, 20, "endsWith", "([BSS[BSSS)Z", ends_with},
    {kStatic, 21, "substring", "([BSSSS[BS)S", substring},
};
constexpr NativeClass kClasses[] = {
    runtime_exception<kStringException>("StringException"),
    {.token = 1, .name = "StringUtil", .super = {kJavaLang, 0}, .methods = kMethods},
};
constexpr NativePackage kPackage{
    kStrings, "javacardx.framework.string", "A000000062020804", {1, 0}, kClasses};

}  // namespace

Guest<Value> put_text(NativeCall& call, std::size_t index, BytesView text) {
    OTI_TRY(auto out, call.bytes_at(index, call.short_at(index + 1), static_cast<std::int32_t>(text.size())));
    OTI_CHECK(call.write(out, text));
    return Value::of_short(static_cast<int>(text.size()));
}

const NativePackage& strings() {
    return kPackage;
}

}  // namespace oti::javacard
