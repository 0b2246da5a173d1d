// SPDX-License-Identifier: Apache-2.0
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

constexpr ClassId kUtilException{7, 1};
constexpr std::uint16_t kIllegalValue = 1, kTypeMismatched = 2;

class ArrayLogicTest : public NativeCallTest {
  protected:
    Ref array(ObjectKind kind, std::string_view content) {
        auto bytes = from_hex(content);
        auto count = static_cast<std::int32_t>(bytes.size() / element_size(kind));
        auto made = heap().make_array(kind, count, kCaller).value();
        (void)heap().write(made, 0, bytes);
        return made;
    }
    Guest<Value> logic(const char* method, const std::vector<Value>& arguments) {
        return call("javacardx.framework.util.ArrayLogic", method, arguments);
    }
};

TEST_F(ArrayLogicTest, RepacksBigEndian) {
    auto from = array(ObjectKind::kBytes, "0102030405060708");
    auto shorts = array(ObjectKind::kShorts, "000000000000");
    auto ints = array(ObjectKind::kInts, "0000000000000000");
    EXPECT_TRUE(Returns(logic("arrayCopyRepack", {obj(from), num(1), num(4), obj(shorts), num(1)}), 3));
    EXPECT_EQ(hex(shorts), "000002030405");
    EXPECT_TRUE(
        Returns(logic("arrayCopyRepackNonAtomic", {obj(shorts), num(1), num(2), obj(ints), num(1)}), 2));
    EXPECT_EQ(hex(ints), "0000000002030405");
    EXPECT_TRUE(Returns(logic("arrayCopyRepack", {obj(ints), num(1), num(1), obj(from), num(0)}), 4));
    EXPECT_EQ(hex(from), "0203040505060708");
    EXPECT_TRUE(Throws(logic("arrayCopyRepack", {obj(from), num(0), num(3), obj(shorts), num(0)}),
                       kUtilException, kIllegalValue));
    EXPECT_TRUE(Throws(logic("arrayCopyRepack", {obj(from), num(0), num(8), obj(shorts), num(0)}),
                       exception::kArrayIndex));
    EXPECT_TRUE(Throws(logic("arrayCopyRepack", {obj(from), num(0), num(2), obj(kNull), num(0)}),
                       exception::kNullPointer));
    auto flags = array(ObjectKind::kBooleans, "0001");
    EXPECT_TRUE(Throws(logic("arrayCopyRepack", {obj(flags), num(0), num(2), obj(from), num(0)}),
                       kUtilException, kIllegalValue));
    auto theirs = heap().make_array(ObjectKind::kShorts, 4, kStranger).value();
    EXPECT_TRUE(Throws(logic("arrayCopyRepack", {obj(theirs), num(0), num(1), obj(from), num(0)}),
                       exception::kSecurity));
}

TEST_F(ArrayLogicTest, Fills) {
    auto shorts = array(ObjectKind::kShorts, "1234000000000000");
    EXPECT_TRUE(Returns(logic("arrayFillGeneric", {obj(shorts), num(1), num(2), obj(shorts), num(0)}), 3));
    EXPECT_EQ(hex(shorts), "1234123412340000");
    auto from = array(ObjectKind::kBytes, "01");
    EXPECT_TRUE(Throws(logic("arrayFillGeneric", {obj(shorts), num(0), num(1), obj(from), num(0)}),
                       kUtilException, kTypeMismatched));
    EXPECT_TRUE(Throws(logic("arrayFillGeneric", {obj(shorts), num(0), num(1), obj(shorts), num(4)}),
                       exception::kArrayIndex));
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(
        Succeeds(logic("arrayFillGenericNonAtomic", {obj(shorts), num(3), num(1), obj(shorts), num(0)})));
    EXPECT_TRUE(Succeeds(logic("arrayFillGeneric", {obj(shorts), num(0), num(1), obj(shorts), num(0)})));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(hex(shorts), "1234123412341234");
}

TEST_F(ArrayLogicTest, ComparesSignedNumbers) {
    auto a = array(ObjectKind::kShorts, "0001FFFF"), b = array(ObjectKind::kShorts, "00010000");
    EXPECT_TRUE(Returns(logic("arrayCompareGeneric", {obj(a), num(0), obj(b), num(0), num(2)}), -1));
    EXPECT_TRUE(Returns(logic("arrayCompareGeneric", {obj(b), num(1), obj(a), num(1), num(1)}), 1));
    EXPECT_TRUE(Returns(logic("arrayCompareGeneric", {obj(a), num(0), obj(b), num(0), num(1)}), 0));
    auto c = array(ObjectKind::kBytes, "0001");
    EXPECT_TRUE(Throws(logic("arrayCompareGeneric", {obj(a), num(0), obj(c), num(0), num(1)}), kUtilException,
                       kTypeMismatched));
}

TEST_F(ArrayLogicTest, FindsANumber) {
    auto shorts = array(ObjectKind::kShorts, "000101020102");
    auto value = bytes("000102");
    EXPECT_TRUE(Returns(logic("arrayFindGeneric", {obj(shorts), num(0), obj(value), num(1)}), 1));
    EXPECT_TRUE(Returns(logic("arrayFindGeneric", {obj(shorts), num(2), obj(value), num(1)}), 2));
    EXPECT_TRUE(Returns(logic("arrayFindGeneric", {obj(shorts), num(1), obj(value), num(0)}), -1));
    EXPECT_TRUE(Returns(logic("arrayFindGeneric", {obj(shorts), num(3), obj(value), num(0)}), -1));
    EXPECT_TRUE(
        Throws(logic("arrayFindGeneric", {obj(shorts), num(4), obj(value), num(0)}), exception::kArrayIndex));
    EXPECT_TRUE(
        Throws(logic("arrayFindGeneric", {obj(shorts), num(0), obj(value), num(2)}), exception::kArrayIndex));
}

TEST_F(ArrayLogicTest, MakesInts) {
    constexpr auto kInt = "javacardx.framework.util.intx.JCint";
    EXPECT_TRUE(Returns(call(kInt, "makeInt(BBBB)I", {num(0x12), num(-1), num(0), num(0x34)}), 0x12FF0034));
    EXPECT_TRUE(Returns(call(kInt, "makeInt(SS)I", {num(-1), num(-2)}), -2));
    auto array = bytes("00FFFFFFFE");
    EXPECT_TRUE(Returns(call(kInt, "getInt", {obj(array), num(1)}), -2));
    EXPECT_TRUE(Throws(call(kInt, "getInt", {obj(array), num(2)}), exception::kArrayIndex));
    EXPECT_TRUE(Returns(call(kInt, "setInt", {obj(array), num(0), Value::of_int(0x01020304)}), 4));
    EXPECT_EQ(hex(array), "01020304FE");
    auto ints = call(kInt, "makeTransientIntArray", {num(3), num(1)});
    ASSERT_TRUE(ints);
    EXPECT_EQ(heap().find(ints->as_ref())->size(), 3U);
    EXPECT_TRUE(Throws(call(kInt, "makeTransientIntArray", {num(3), num(0)}), exception::kSystem,
                       reason::kIllegalValue));
}

TEST_F(ArrayLogicTest, ReadsTheClassByte) {
    constexpr auto kApduUtil = "javacardx.apdu.util.APDUUtil";
    // ISO/IEC 7816-4: 0C secured on channel 0, 13 chained on channel 3, 6F secured on channel 19.
    struct {
        int cla, channel, secured, chained, interindustry, valid;
    } cases[] = {{0x00, 0, 0, 0, 1, 1},   {0x0C, 0, 1, 0, 1, 1}, {0x13, 3, 0, 1, 1, 1},
                 {0x6F, 19, 1, 0, 1, 1},  {0x80, 0, 0, 0, 0, 1}, {0x20, -1, 0, 0, 1, 0},
                 {0xFF, -1, -1, -1, 0, 0}};
    for (const auto& expected : cases) {
        std::vector<Value> cla{num(static_cast<std::int8_t>(expected.cla))};
        if (expected.channel >= 0) {
            EXPECT_TRUE(Returns(call(kApduUtil, "getCLAChannel", cla), expected.channel)) << expected.cla;
            EXPECT_TRUE(Returns(call(kApduUtil, "isSecureMessagingCLA", cla), expected.secured))
                << expected.cla;
            EXPECT_TRUE(Returns(call(kApduUtil, "isCommandChainingCLA", cla), expected.chained))
                << expected.cla;
        }
        EXPECT_TRUE(Returns(call(kApduUtil, "isISOInterindustryCLA", cla), expected.interindustry))
            << expected.cla;
        EXPECT_TRUE(Returns(call(kApduUtil, "isValidCLA", cla), expected.valid)) << expected.cla;
    }
}

}  // namespace
}  // namespace oti::javacard
