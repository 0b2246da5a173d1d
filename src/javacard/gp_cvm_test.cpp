// SPDX-License-Identifier: Apache-2.0
// The Global PIN (GPCS 2.3.1, 8.2.2 and annex A, interface CVM).
#include "javacard/gp_testing.h"

namespace oti::javacard {
namespace {

constexpr int kAscii = 1, kBcd = 2, kHex = 3;
constexpr int kSuccess = 0, kFailure = -1;

class GpCvmTest : public RegisteredAppletTest {
  protected:
    void SetUp() override {
        RegisteredAppletTest::SetUp();
        pin = system("getCVM", {num(0x11)}).value().as_ref();
    }
    Guest<Value> present(std::string_view method, std::string_view value, int format) {
        auto array = bytes(value);
        return call(pin, method, {obj(array), num(0), num(static_cast<int>(value.size() / 2)), num(format)});
    }
    Guest<Value> verify(std::string_view value, int format) { return present("verify", value, format); }
    bool is(const char* method) { return call(pin, method, {})->number != 0; }
    /// 1234 in that format, three tries.
    void activate(std::string_view value = "31323334", int format = kAscii) {
        grant(gp_privilege::kCvmManagement);
        ASSERT_TRUE(Returns(call(pin, "setTryLimit", {num(3)}), 1));
        ASSERT_TRUE(Returns(present("update", value, format), 1));
    }

    Ref pin = kNull;
};

TEST_F(GpCvmTest, IsTheOnlyOneThatTheCardItselfHas) {
    EXPECT_TRUE(Returns(system("getCVM", {num(0x01)}), 0));
    EXPECT_NE(pin, kNull);
}

TEST_F(GpCvmTest, IsActiveWithALimitAndAValue) {
    EXPECT_FALSE(is("isActive"));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kFailure));
    EXPECT_TRUE(Returns(present("update", "31323334", kAscii), 0));
    EXPECT_TRUE(Returns(call(pin, "setTryLimit", {num(3)}), 0));
    grant(gp_privilege::kCvmManagement);
    EXPECT_TRUE(Returns(present("update", "31323334", kAscii), 1));
    EXPECT_FALSE(is("isActive"));
    EXPECT_TRUE(Returns(call(pin, "setTryLimit", {num(0)}), 0));
    EXPECT_TRUE(Returns(call(pin, "setTryLimit", {num(3)}), 1));
    EXPECT_TRUE(is("isActive"));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 3));
}

TEST_F(GpCvmTest, GoesThroughItsStates) {
    activate();
    EXPECT_FALSE(is("isSubmitted"));
    EXPECT_TRUE(Returns(verify("31323335", kAscii), kFailure));
    EXPECT_TRUE(is("isSubmitted"));
    EXPECT_FALSE(is("isVerified"));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 2));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kSuccess));
    EXPECT_TRUE(is("isVerified"));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 3));
    EXPECT_TRUE(Returns(call(pin, "resetState", {}), 1));
    EXPECT_FALSE(is("isVerified"));
    EXPECT_TRUE(Returns(call(pin, "resetState", {}), 0));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Returns(verify("", kAscii), kFailure));
    EXPECT_TRUE(is("isBlocked"));
    EXPECT_FALSE(is("isSubmitted"));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kFailure));
    EXPECT_TRUE(Returns(call(pin, "resetState", {}), 0));
    EXPECT_TRUE(Returns(call(pin, "resetAndUnblockState", {}), 1));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kSuccess));
    EXPECT_TRUE(Returns(call(pin, "blockState", {}), 1));
    EXPECT_TRUE(is("isBlocked"));
    platform.registry.at(kInstance).privileges = 0;
    EXPECT_TRUE(Returns(call(pin, "resetAndUnblockState", {}), 0));
    EXPECT_TRUE(is("isBlocked"));
}

TEST_F(GpCvmTest, ComparesAcrossFormats) {
    activate("123F", kBcd);
    EXPECT_TRUE(Returns(verify("313233", kAscii), kSuccess));
    EXPECT_TRUE(Returns(verify("123F", kBcd), kSuccess));
    EXPECT_TRUE(Returns(verify("1230", kBcd), kFailure));
    EXPECT_TRUE(Returns(verify("31323A", kAscii), kFailure));
    EXPECT_TRUE(Returns(verify("313233", kAscii), kSuccess));
    EXPECT_TRUE(Returns(verify("123F", kHex), kFailure));
    activate("41", kAscii);
    EXPECT_TRUE(Returns(verify("41", kBcd), kFailure));
    EXPECT_TRUE(Returns(verify("41", kHex), kFailure));
    EXPECT_TRUE(Returns(verify("41", kAscii), kSuccess));
    activate("41", kHex);
    EXPECT_TRUE(Returns(verify("41", kAscii), kFailure));
    EXPECT_TRUE(Returns(verify("41", kHex), kSuccess));
    EXPECT_TRUE(Returns(present("update", "1A", kBcd), 0));
    EXPECT_TRUE(Returns(present("update", "F1", kBcd), 0));
    EXPECT_TRUE(Returns(present("update", "11", 4), 0));
    EXPECT_TRUE(Returns(verify("41", kHex), kSuccess));
}

TEST_F(GpCvmTest, CountsOutsideOfTransactionsAndOverSessions) {
    activate();
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Returns(verify("00", kAscii), kFailure));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_TRUE(is("isSubmitted"));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 2));
    EXPECT_TRUE(
        Throws(call(pin, "verify", {obj(kNull), num(0), num(4), num(kAscii)}), exception::kNullPointer));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 1));
    runtime->end_command();
    restart();
    EXPECT_FALSE(is("isSubmitted"));
    EXPECT_TRUE(Returns(call(pin, "getTriesRemaining", {}), 1));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kSuccess));
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Returns(present("update", "39", kAscii), 1));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kSuccess));
}

TEST_F(GpCvmTest, OfAnAppletsOwnMakingIsNeverActive) {
    activate();
    pin = make("oti.GlobalPIN");
    EXPECT_FALSE(is("isActive"));
    EXPECT_TRUE(Returns(call(pin, "setTryLimit", {num(3)}), 0));
    EXPECT_TRUE(Returns(verify("31323334", kAscii), kFailure));
}

}  // namespace
}  // namespace oti::javacard
