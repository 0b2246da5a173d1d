// SPDX-License-Identifier: Apache-2.0
// Encodings by hand after RFC 3629; U+20AC is E2 82 AC, U+1F600 is F0 9F 98 80 and D83D DE00.
#include "javacard/extension_string.h"
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

constexpr ClassId kIndexOutOfBounds{kJavaLang, 4};

class StringTest : public NativeCallTest {
  protected:
    static std::string hex_of(std::string_view text) { return to_hex(Bytes(text.begin(), text.end())); }
    /// An array, 0, its length.
    std::vector<Value> text(std::string_view content_hex) {
        auto array = bytes(content_hex);
        return {obj(array), num(0), num(static_cast<int>(content_hex.size() / 2))};
    }
    static std::vector<Value> join(std::vector<Value> a, const std::vector<Value>& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    }
    Guest<Value> util(std::string_view method, const std::vector<Value>& arguments) {
        return call("javacardx.framework.string.StringUtil", method, arguments);
    }
    /// Of a method that writes text to an array and an offset, which stand behind its arguments.
    std::string written(std::string_view method, std::vector<Value> arguments,
                        const std::vector<Value>& behind = {}) {
        auto out = bytes(Bytes(64));
        auto size = util(method, join(join(std::move(arguments), {obj(out), num(0)}), behind));
        if (!size) return "nothing";
        return hex(out).substr(0, 2 * static_cast<std::size_t>(size->number));
    }
};

TEST_F(StringTest, CountsCodePoints) {
    EXPECT_TRUE(Returns(util("codePointCount", text("41E282ACF09F988042")), 4));
    EXPECT_TRUE(Returns(util("codePointCount", text("")), 0));
    // Incomplete, then a continuation alone, then a form that is too long.
    EXPECT_TRUE(Returns(util("codePointCount", text("E2824180C080")), 5));
}

TEST_F(StringTest, TellsWhatIsUtf8) {
    for (const auto* good :
         {"", "41", "C280", "DFBF", "E0A080", "ED9FBF", "EE8080", "F0908080", "F48FBFBF"}) {
        EXPECT_TRUE(Returns(util("check", text(good)), 1)) << good;
    }
    for (const auto* bad :
         {"80", "C2", "C080", "C1BF", "E08080", "E0A0", "EDA080", "F08FBFBF", "F4908080", "F5808080"}) {
        EXPECT_TRUE(Returns(util("check", text(bad)), 0)) << bad;
    }
}

TEST_F(StringTest, FindsCodePoints) {
    auto string = text("41E282AC42");
    EXPECT_EQ(written("codePointAt", join(string, {num(1)})), "E282AC");
    EXPECT_EQ(written("codePointBefore", join(string, {num(4)})), "E282AC");
    EXPECT_EQ(written("codePointBefore", join(string, {num(1)})), "41");
    EXPECT_EQ(written("codePointAt", join(string, {num(5)})), "nothing");
    EXPECT_EQ(written("codePointBefore", join(string, {num(0)})), "nothing");
    EXPECT_TRUE(Returns(util("offsetByCodePoints", join(string, {num(0), num(2)})), 4));
    EXPECT_TRUE(Returns(util("offsetByCodePoints", join(string, {num(5), num(-2)})), 1));
    EXPECT_TRUE(Returns(util("offsetByCodePoints", join(string, {num(5), num(0)})), 5));
    EXPECT_TRUE(Throws(util("offsetByCodePoints", join(string, {num(0), num(4)})), kIndexOutOfBounds));
    EXPECT_TRUE(Throws(util("offsetByCodePoints", join(string, {num(1), num(-2)})), kIndexOutOfBounds));
    EXPECT_EQ(written("substring", join(string, {num(1), num(2)})), "E282AC");
    EXPECT_EQ(written("substring", join(string, {num(1), num(-1)})), "E282AC42");
    EXPECT_EQ(written("substring", join(string, {num(2), num(1)})), "nothing");
}

TEST_F(StringTest, ComparesAndSearches) {
    auto compare = [&](bool ignore, std::string_view a, std::string_view b) {
        return util("compare", join(join({num(ignore ? 1 : 0)}, text(hex_of(a))), text(hex_of(b))));
    };
    EXPECT_TRUE(Returns(compare(false, "abc", "abd"), -1));
    EXPECT_TRUE(Returns(compare(false, "abc", "ab"), 1));
    EXPECT_TRUE(Returns(compare(false, "abc", "ABC"), 32));
    EXPECT_TRUE(Returns(compare(true, "abc", "ABC"), 0));
    auto search = [&](std::string_view a, std::string_view b) {
        return util("indexOf", join(text(hex_of(a)), text(hex_of(b))));
    };
    EXPECT_TRUE(Returns(search("ababc", "abc"), 2));
    EXPECT_TRUE(Returns(search("ababc", "x"), -1));
    EXPECT_TRUE(Returns(search("ab", ""), 0));
    auto starts = [&](const char* method, std::string_view a, std::string_view b, int count) {
        return util(method, join(join(text(hex_of(a)), text(hex_of(b))), {num(count)}));
    };
    EXPECT_TRUE(Returns(starts("startsWith", "abc", "ab", -1), 1));
    EXPECT_TRUE(Returns(starts("startsWith", "abc", "ax", 1), 1));
    EXPECT_TRUE(Returns(starts("startsWith", "abc", "ax", -1), 0));
    EXPECT_TRUE(Returns(starts("endsWith", "abc", "bc", -1), 1));
    EXPECT_TRUE(Returns(starts("endsWith", "c", "bc", -1), 0));
}

TEST_F(StringTest, ChangesText) {
    EXPECT_EQ(written("replace", join(join(text(hex_of("a-b-")), text(hex_of("-"))), text(hex_of("::")))),
              hex_of("a::b::"));
    EXPECT_EQ(written("replace", join(join(text(hex_of("ab")), text("")), text(hex_of("x")))), hex_of("ab"));
    EXPECT_EQ(written("toLowerCase", text("41E282AC80")), "61E282AC");
    EXPECT_EQ(written("toUpperCase", text(hex_of("az{"))), hex_of("AZ{"));
    EXPECT_EQ(written("trim", text(hex_of(" \t a b\n"))), hex_of("a b"));
    EXPECT_EQ(written("trim", text(hex_of("  "))), "");
}

TEST_F(StringTest, ReadsAndWritesNumbers) {
    EXPECT_EQ(written("valueOf(S[BS)S", {num(-32768)}), hex_of("-32768"));
    EXPECT_EQ(written("valueOf(Z[BS)S", {num(1)}), hex_of("true"));
    EXPECT_TRUE(Returns(util("parseBoolean", text(hex_of("TrUe"))), 1));
    EXPECT_TRUE(Returns(util("parseBoolean", text(hex_of("true "))), 0));
    auto parse = [&](std::string_view number) { return util("parseShortInteger", text(hex_of(number))); };
    EXPECT_TRUE(Returns(parse("-32768"), -32768));
    EXPECT_TRUE(Returns(parse("0x7Fff"), 32767));
    EXPECT_TRUE(Returns(parse("-#10"), -16));
    EXPECT_TRUE(Returns(parse("007"), 7));
    for (const auto* bad : {"", "-", "32768", "+1", " 1", "1 ", "0x", "--1", "1a", "0x-1"}) {
        EXPECT_TRUE(Throws(parse(bad), kStringException, string_reason::kIllegalNumberFormat)) << bad;
    }
    auto shorts = heap().make_array(ObjectKind::kShorts, 4, kCaller).value();
    auto parse_long = [&](std::string_view number) {
        return util("parseLongInteger", join(text(hex_of(number)), {obj(shorts), num(0)}));
    };
    EXPECT_TRUE(Returns(parse_long("65536"), 2));
    EXPECT_EQ(hex(shorts), "0001000000000000");
    EXPECT_TRUE(Returns(parse_long("-2"), 4));
    EXPECT_EQ(hex(shorts), "FFFFFFFFFFFFFFFE");
    EXPECT_EQ(written("valueOf([S[BS)S", {obj(shorts)}), hex_of("-2"));
    EXPECT_TRUE(Returns(parse_long("-9223372036854775808"), 4));
    EXPECT_EQ(written("valueOf([S[BS)S", {obj(shorts)}), hex_of("-9223372036854775808"));
    EXPECT_TRUE(
        Throws(parse_long("9223372036854775808"), kStringException, string_reason::kIllegalNumberFormat));
}

TEST_F(StringTest, Converts) {
    EXPECT_EQ(written("convertTo", text("41E282ACF09F9880"), {num(4)}), "004120ACD83DDE00");
    EXPECT_EQ(written("convertTo", text("41E282ACF09F9880"), {num(3)}), "4100AC203DD800DE");
    EXPECT_EQ(written("convertTo", text("41"), {num(2)}), "FEFF0041");
    EXPECT_EQ(written("convertTo", text("C3A9"), {num(7)}), "E9");
    EXPECT_EQ(written("convertFrom", text("E9"), {num(7)}), "C3A9");
    EXPECT_EQ(written("convertFrom", text("FFFE3DD800DE"), {num(2)}), "F09F9880");
    EXPECT_EQ(written("convertFrom", text("20AC"), {num(5)}), "E282AC");
    auto out = bytes(Bytes(16));
    auto convert = [&](const char* method, std::string_view content, int encoding) {
        return util(method, join(text(content), {obj(out), num(0), num(encoding)}));
    };
    for (const auto* bad : {"D83D", "DE00D83D", "41"}) {
        EXPECT_TRUE(
            Throws(convert("convertFrom", bad, 4), kStringException, string_reason::kInvalidByteSequence))
            << bad;
    }
    EXPECT_TRUE(
        Throws(convert("convertTo", "F09F9880", 5), kStringException, string_reason::kInvalidByteSequence));
    EXPECT_TRUE(
        Throws(convert("convertTo", "E282AC", 7), kStringException, string_reason::kInvalidByteSequence));
    EXPECT_TRUE(Throws(convert("convertTo", "80", 1), kStringException, string_reason::kInvalidByteSequence));
    EXPECT_TRUE(Throws(convert("convertTo", "41", 6), kStringException, string_reason::kUnsupportedEncoding));
    EXPECT_TRUE(Throws(convert("convertTo", "41", 0), kStringException, string_reason::kUnsupportedEncoding));
}

}  // namespace
}  // namespace oti::javacard
