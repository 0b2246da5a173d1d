// SPDX-License-Identifier: Apache-2.0
// Values worked out by hand.
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

constexpr int kBcd = 1, kHex = 2;

class MathTest : public NativeCallTest {
  protected:
    static constexpr auto kBigNumber = "javacardx.framework.math.BigNumber";

    Ref number(int max_bytes) { return construct(kBigNumber, "(S)V", {num(max_bytes)}); }
    Guest<Value> with(Ref number, const char* method, std::string_view value, int format) {
        auto array = bytes(value);
        return call(number, method,
                    {obj(array), num(0), num(static_cast<int>(value.size() / 2)), num(format)});
    }
    std::string shown(Ref number, int size, int format) {
        auto array = bytes(Bytes(static_cast<std::size_t>(size)));
        auto result = call(number, "toBytes", {obj(array), num(0), num(size), num(format)});
        return result ? hex(array) : "nothing";
    }
    std::string converted(const char* method, std::string_view value) {
        auto from = bytes(value), to = bytes(Bytes(40));
        auto size = call("javacardx.framework.math.BCDUtil", method,
                         {obj(from), num(0), num(static_cast<int>(value.size() / 2)), obj(to), num(0)});
        if (!size) return "nothing";
        return hex(to).substr(0, 2 * static_cast<std::size_t>(size->number));
    }
};

TEST_F(MathTest, ConvertsBetweenBcdAndBinary) {
    EXPECT_EQ(converted("convertToHex", "0255"), "FF");
    EXPECT_EQ(converted("convertToHex",
                        "65536"
                        "0"),
              "0A0000");  // 655360
    EXPECT_EQ(converted("convertToHex", "000000"), "00");
    EXPECT_EQ(converted("convertToBCD", "FF"), "0255");
    EXPECT_EQ(converted("convertToBCD", "0100"), "0256");
    EXPECT_EQ(converted("convertToBCD", "0063"), "99");
    EXPECT_EQ(converted("convertToBCD", "00"), "00");
    // 2^64 - 1 = 18446744073709551615
    EXPECT_EQ(converted("convertToBCD", "FFFFFFFFFFFFFFFF"), "18446744073709551615");
    EXPECT_EQ(converted("convertToHex", "18446744073709551615"), "FFFFFFFFFFFFFFFF");
    EXPECT_EQ(converted("convertToHex", "1A"), "nothing");
    EXPECT_EQ(converted("convertToHex", ""), "nothing");
    EXPECT_EQ(converted("convertToHex", std::string(80, '9')), "nothing");
    EXPECT_EQ(converted("convertToBCD", std::string(66, '0')), "nothing");
}

TEST_F(MathTest, KnowsBcd) {
    constexpr auto kBcdUtil = "javacardx.framework.math.BCDUtil";
    auto array = bytes("09909A");
    EXPECT_TRUE(Returns(call(kBcdUtil, "isBCDFormat", {obj(array), num(0), num(2)}), 1));
    EXPECT_TRUE(Returns(call(kBcdUtil, "isBCDFormat", {obj(array), num(0), num(3)}), 0));
    EXPECT_TRUE(Throws(call(kBcdUtil, "isBCDFormat", {obj(array), num(0), num(0)}), exception::kArithmetic));
    EXPECT_TRUE(Throws(call(kBcdUtil, "isBCDFormat", {obj(array), num(0), num(4)}), exception::kArrayIndex));
}

TEST_F(MathTest, Calculates) {
    auto a = number(4);
    EXPECT_TRUE(Succeeds(with(a, "init", "01FF", kHex)));  // 511
    EXPECT_TRUE(Succeeds(with(a, "add", "0489", kBcd)));   // 1000
    EXPECT_EQ(shown(a, 2, kBcd), "1000");
    EXPECT_TRUE(Succeeds(with(a, "multiply", "0400", kHex)));  // 1,024,000
    EXPECT_EQ(shown(a, 4, kHex), "000FA000");
    EXPECT_EQ(shown(a, 5, kBcd), "0001024000");
    EXPECT_TRUE(Succeeds(with(a, "subtract", "01024001", kBcd)) == false);
    EXPECT_TRUE(Succeeds(with(a, "subtract", "01023999", kBcd)));
    EXPECT_EQ(shown(a, 1, kHex), "01");
    EXPECT_TRUE(Succeeds(call(a, "reset", {})));
    EXPECT_EQ(shown(a, 1, kBcd), "00");
    EXPECT_TRUE(Succeeds(with(a, "multiply", "0102030405", kHex)));
    EXPECT_TRUE(Returns(call(a, "getByteLength", {num(kBcd)}), 1));
}

TEST_F(MathTest, NeverGoesBeyondItsMaximum) {
    auto a = number(2);
    EXPECT_TRUE(Succeeds(with(a, "init", "FFFF", kHex)));
    EXPECT_TRUE(Throws(with(a, "add", "01", kHex), exception::kArithmetic));
    EXPECT_TRUE(Throws(with(a, "init", "010000", kHex), exception::kArithmetic));
    EXPECT_TRUE(Succeeds(with(a, "init", "0000FFFE", kHex)));
    EXPECT_EQ(shown(a, 2, kHex), "FFFE");
    EXPECT_TRUE(Throws(with(a, "setMaximum", "01", kHex), exception::kArithmetic));
    EXPECT_TRUE(Succeeds(with(a, "init", "10", kHex)));
    EXPECT_TRUE(Succeeds(with(a, "setMaximum", "0020", kBcd)));
    EXPECT_TRUE(Throws(with(a, "add", "05", kHex), exception::kArithmetic));
    EXPECT_TRUE(Succeeds(with(a, "add", "04", kHex)));
    EXPECT_EQ(shown(a, 1, kBcd), "20");
    EXPECT_EQ(shown(a, 0, kBcd), "nothing");
}

TEST_F(MathTest, RefusesWhatIsNoNumber) {
    auto a = number(8);
    for (const auto* method : {"init", "add", "subtract", "multiply", "setMaximum", "compareTo([BSSB)B"}) {
        EXPECT_TRUE(Throws(with(a, method, "0A", kBcd), exception::kArithmetic)) << method;
        EXPECT_TRUE(Throws(with(a, method, "", kHex), exception::kArithmetic)) << method;
        EXPECT_TRUE(Throws(with(a, method, "01", 3), exception::kArithmetic)) << method;
    }
    auto b = make(kBigNumber);
    EXPECT_TRUE(Throws(with(b, "init", "01", kHex), exception::kNullPointer));
    for (int size : {0, -1, 33}) {
        EXPECT_TRUE(Throws(call(kBigNumber, "<init>", {obj(b), num(size)}), exception::kArithmetic)) << size;
    }
}

TEST_F(MathTest, Compares) {
    auto a = number(8), b = number(2);
    EXPECT_TRUE(Succeeds(with(a, "init", "0100", kHex)));
    EXPECT_TRUE(Succeeds(with(b, "init", "FF", kHex)));
    constexpr auto kToNumber = "compareTo(Ljavacardx/framework/math/BigNumber;)B";
    EXPECT_TRUE(Returns(call(a, kToNumber, {obj(b)}), 1));
    EXPECT_TRUE(Returns(call(b, kToNumber, {obj(a)}), -1));
    EXPECT_TRUE(Returns(call(a, kToNumber, {obj(a)}), 0));
    EXPECT_TRUE(Throws(call(a, kToNumber, {obj(kNull)}), exception::kNullPointer));
    EXPECT_TRUE(Returns(with(a, "compareTo([BSSB)B", "0256", kBcd), 0));
    EXPECT_TRUE(Returns(with(a, "compareTo([BSSB)B", std::string(90, '9'), kBcd), -1));
}

TEST_F(MathTest, TakesBackWhatWasAborted) {
    auto a = number(2);
    EXPECT_TRUE(Succeeds(with(a, "init", "07", kHex)));
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Succeeds(with(a, "add", "01", kHex)));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(shown(a, 1, kHex), "07");
}

TEST_F(MathTest, SetsParity) {
    constexpr auto kParityBit = "javacardx.framework.math.ParityBit";
    // 00: no ones; 02, 03: one in the seven high bits; FF: seven.
    auto array = bytes("000203FF");
    EXPECT_TRUE(Succeeds(call(kParityBit, "set", {obj(array), num(0), num(4), num(0)})));
    EXPECT_EQ(hex(array), "010202FE");
    EXPECT_TRUE(Succeeds(call(kParityBit, "set", {obj(array), num(0), num(4), num(1)})));
    EXPECT_EQ(hex(array), "000303FF");
    EXPECT_TRUE(
        Throws(call(kParityBit, "set", {obj(array), num(0), num(5), num(1)}), exception::kArrayIndex));
}

}  // namespace
}  // namespace oti::javacard
