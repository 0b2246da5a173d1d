// SPDX-License-Identifier: Apache-2.0
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

constexpr auto kUtil = "javacard.framework.Util";

using UtilTest = NativeCallTest;

TEST_F(UtilTest, MakesAndReadsShorts) {
    EXPECT_TRUE(Returns(call(kUtil, "makeShort", {num(0x12), num(-1)}), 0x12FF));
    auto array = bytes("0012FE");
    EXPECT_TRUE(Returns(call(kUtil, "getShort", {obj(array), num(1)}), 0x12FE));
    EXPECT_TRUE(Throws(call(kUtil, "getShort", {obj(array), num(2)}), exception::kArrayIndex));
    EXPECT_TRUE(Throws(call(kUtil, "getShort", {obj(kNull), num(0)}), exception::kNullPointer));
    EXPECT_TRUE(Returns(call(kUtil, "setShort", {obj(array), num(0), num(-2)}), 2));
    EXPECT_EQ(hex(array), "FFFEFE");
}

TEST_F(UtilTest, CopiesOverlappingBytesAsIfThroughACopy) {
    auto array = bytes("0102030405");
    EXPECT_TRUE(Returns(call(kUtil, "arrayCopy", {obj(array), num(0), obj(array), num(1), num(4)}), 5));
    EXPECT_EQ(hex(array), "0101020304");
}

TEST_F(UtilTest, RefusesAnArrayOfAnotherContext) {
    auto theirs = heap().make_array(ObjectKind::kBytes, 4, kStranger).value();
    EXPECT_TRUE(Throws(call(kUtil, "getShort", {obj(theirs), num(0)}), exception::kSecurity));
}

}  // namespace
}  // namespace oti::javacard
