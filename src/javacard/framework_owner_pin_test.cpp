// SPDX-License-Identifier: Apache-2.0
// What OwnerPIN promises (API 3.0.5), step by step.
#include "javacard/framework.h"
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

class OwnerPinTest : public NativeCallTest {
  protected:
    static constexpr auto kClass = "javacard.framework.OwnerPIN";

    /// Three tries, at most 8 bytes, 1234.
    Ref make_pin() {
        auto pin = construct(kClass, "(BB)V", {num(3), num(8)});
        EXPECT_TRUE(update(pin, "31323334"));
        return pin;
    }
    Ref build(int type) {
        return call("javacard.framework.OwnerPINBuilder", "buildOwnerPIN", {num(3), num(8), num(type)})
            .value()
            .as_ref();
    }
    bool update(Ref pin, std::string_view value) {
        auto array = bytes(value);
        return call(pin, "update", {obj(array), num(0), num(static_cast<int>(value.size() / 2))}).has_value();
    }
    Guest<Value> check(Ref pin, std::string_view value) {
        auto array = bytes(value);
        return call(pin, "check", {obj(array), num(0), num(static_cast<int>(value.size() / 2))});
    }
    int tries(Ref pin) { return call(pin, "getTriesRemaining", {})->number; }
    bool validated(Ref pin) { return call(pin, "isValidated", {})->number != 0; }
};

TEST_F(OwnerPinTest, CountsWrongPresentationsAndBlocks) {
    auto pin = make_pin();
    EXPECT_TRUE(Returns(check(pin, "31323335"), 0));
    EXPECT_EQ(tries(pin), 2);
    EXPECT_TRUE(Returns(check(pin, "313233"), 0));
    EXPECT_EQ(tries(pin), 1);
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    EXPECT_EQ(tries(pin), 3);
    EXPECT_TRUE(validated(pin));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Returns(check(pin, "00"), 0));
    EXPECT_FALSE(validated(pin));
    EXPECT_EQ(tries(pin), 0);
    EXPECT_TRUE(Returns(check(pin, "31323334"), 0));
    EXPECT_TRUE(Succeeds(call(pin, "resetAndUnblock", {})));
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
}

TEST_F(OwnerPinTest, ValidatesNothingBeforeThereIsAValue) {
    auto pin = construct(kClass, "(BB)V", {num(3), num(8)});
    EXPECT_TRUE(Returns(check(pin, "0000000000000000"), 0));
    EXPECT_TRUE(Returns(check(pin, ""), 0));
    EXPECT_EQ(tries(pin), 1);
}

TEST_F(OwnerPinTest, CountsAPresentationThatIsNoneToo) {
    auto pin = make_pin();
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    EXPECT_TRUE(Throws(call(pin, "check", {obj(kNull), num(0), num(4)}), exception::kNullPointer));
    EXPECT_FALSE(validated(pin));
    EXPECT_EQ(tries(pin), 2);
    auto array = bytes("31323334");
    EXPECT_TRUE(Throws(call(pin, "check", {obj(array), num(1), num(4)}), exception::kArrayIndex));
    EXPECT_TRUE(Throws(call(pin, "check", {obj(array), num(0), num(-1)}), exception::kArrayIndex));
    EXPECT_EQ(tries(pin), 0);
}

TEST_F(OwnerPinTest, KeepsCountWhenATransactionIsAborted) {
    auto pin = make_pin();
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(tries(pin), 2);
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(tries(pin), 3);
    EXPECT_TRUE(validated(pin));
}

TEST_F(OwnerPinTest, TakesAnUpdateBackThatWasAborted) {
    auto pin = make_pin();
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(update(pin, "3939"));
    EXPECT_EQ(tries(pin), 3);
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(tries(pin), 2);
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
}

TEST_F(OwnerPinTest, RemembersAllButTheValidationOverSessions) {
    auto pin = make_pin();
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    runtime->end_command();
    restart();
    EXPECT_FALSE(validated(pin));
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    restart();  // without end_command: the power failed, and nobody was told
    EXPECT_EQ(tries(pin), 3);
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    runtime->end_command();
    restart();
    EXPECT_EQ(tries(pin), 2);
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    runtime->reset();
    EXPECT_FALSE(validated(pin));
}

TEST_F(OwnerPinTest, ResetsOnlyWhatWasValidated) {
    auto pin = make_pin();
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    EXPECT_TRUE(Succeeds(call(pin, "reset", {})));
    EXPECT_EQ(tries(pin), 2);
    EXPECT_TRUE(Returns(check(pin, "31323334"), 1));
    EXPECT_TRUE(Succeeds(call(pin, "reset", {})));
    EXPECT_FALSE(validated(pin));
}

TEST_F(OwnerPinTest, RefusesImpossibleLimitsAndValues) {
    using pin_reason::kIllegalValue;
    auto pin = make(kClass);
    for (auto [limit, size] : {std::pair{0, 8}, {3, 0}, {-1, 8}, {3, -1}}) {
        EXPECT_TRUE(Throws(call(kClass, "<init>", {obj(pin), num(limit), num(size)}), exception::kPin,
                           kIllegalValue));
    }
    auto array = bytes("010203040506070809");
    pin = make_pin();
    EXPECT_TRUE(Throws(call(pin, "update", {obj(array), num(0), num(9)}), exception::kPin, kIllegalValue));
    EXPECT_TRUE(Succeeds(call(pin, "update", {obj(array), num(0), num(8)})));
}

TEST_F(OwnerPinTest, IsBlockedIfItsConstructorDidNotRun) {
    auto pin = make(kClass);
    EXPECT_TRUE(Returns(check(pin, "00"), 0));
    EXPECT_EQ(tries(pin), 0);
    EXPECT_FALSE(update(pin, "00"));
    for (const auto* method : {"reset", "resetAndUnblock", "isValidated", "getValidatedFlag"}) {
        EXPECT_TRUE(Returns(call(pin, method, {}), 0)) << method;
    }
    EXPECT_TRUE(Succeeds(call(pin, "setValidatedFlag", {num(1)})));
    EXPECT_FALSE(validated(pin));
    pin = make("oti.OwnerPINxWithPredecrement");
    EXPECT_TRUE(Returns(call(pin, "decrementTriesRemaining", {}), 0));
    EXPECT_TRUE(Throws(check(pin, "00"), exception::kPin, pin_reason::kIllegalState));
    EXPECT_TRUE(Throws(call(pin, "setTriesRemaining", {num(0)}), exception::kPin, pin_reason::kIllegalValue));
}

TEST_F(OwnerPinTest, OfTheSecondTypeHasALimitThatCanBeSet) {
    auto pin = build(2);
    ASSERT_TRUE(update(pin, "31"));
    EXPECT_TRUE(Succeeds(call(pin, "setTryLimit", {num(5)})));
    EXPECT_TRUE(Returns(call(pin, "getTryLimit", {}), 5));
    EXPECT_EQ(tries(pin), 5);
    EXPECT_TRUE(Throws(call(pin, "setTriesRemaining", {num(6)}), exception::kPin, pin_reason::kIllegalValue));
    EXPECT_TRUE(Throws(call(pin, "setTryLimit", {num(0)}), exception::kPin, pin_reason::kIllegalValue));
    EXPECT_TRUE(Returns(check(pin, "31"), 1));
    ASSERT_TRUE(heap().begin_transaction());
    EXPECT_TRUE(Succeeds(call(pin, "setTriesRemaining", {num(0)})));
    EXPECT_FALSE(validated(pin));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(tries(pin), 5);
    EXPECT_TRUE(Succeeds(call(pin, "setTriesRemaining", {num(0)})));
    EXPECT_TRUE(Returns(check(pin, "31"), 0));
}

TEST_F(OwnerPinTest, OfTheThirdTypeIsCountedBeforeItIsPresented) {
    auto pin = build(3);
    ASSERT_TRUE(update(pin, "31"));
    EXPECT_TRUE(Throws(check(pin, "31"), exception::kPin, pin_reason::kIllegalState));
    EXPECT_TRUE(Returns(call(pin, "decrementTriesRemaining", {}), 2));
    EXPECT_TRUE(Returns(check(pin, "30"), 0));
    EXPECT_EQ(tries(pin), 2);
    EXPECT_TRUE(Throws(check(pin, "31"), exception::kPin, pin_reason::kIllegalState));
    EXPECT_TRUE(Returns(call(pin, "decrementTriesRemaining", {}), 1));
    runtime->reset();
    EXPECT_TRUE(Throws(check(pin, "31"), exception::kPin, pin_reason::kIllegalState));
    // The last try counts as one.
    EXPECT_TRUE(Returns(call(pin, "decrementTriesRemaining", {}), 0));
    EXPECT_TRUE(Returns(check(pin, "31"), 1));
    EXPECT_EQ(tries(pin), 3);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Succeeds(call(pin, "decrementTriesRemaining", {})));
    EXPECT_TRUE(Returns(call(pin, "decrementTriesRemaining", {}), 0));
    EXPECT_TRUE(Returns(check(pin, "31"), 0));
}

TEST_F(OwnerPinTest, IsBuiltInTheTypesThatThereAre) {
    EXPECT_EQ(heap().find(build(1))->type, framework_class::kOwnerPin);
    EXPECT_TRUE(Throws(call("javacard.framework.OwnerPINBuilder", "buildOwnerPIN", {num(3), num(8), num(4)}),
                       exception::kPin, pin_reason::kIllegalValue));
}

using GlobalArrayTest = NativeCallTest;

TEST_F(GlobalArrayTest, IsEverybodysUntilTheCommandEnds) {
    constexpr auto kSystem = "javacard.framework.JCSystem";
    auto made = call(kSystem, "makeGlobalArray", {num(2), num(4)});
    ASSERT_TRUE(made);
    EXPECT_TRUE(Succeeds(
        call("javacard.framework.Util", "setShort", {obj(made->as_ref()), num(0), num(1)}, kStranger)));
    EXPECT_TRUE(Throws(call(kSystem, "makeGlobalArray", {num(0), num(4)}), exception::kSystem,
                       reason::kIllegalValue));
    EXPECT_TRUE(Throws(call(kSystem, "makeGlobalArray", {num(2), num(-1)}), exception::kNegativeArraySize));
    runtime->end_command();
    EXPECT_EQ(heap().find(made->as_ref()), nullptr);
    EXPECT_EQ(heap().transient_used(), 0U);
}

TEST_F(GlobalArrayTest, AvailableMemoryIsGivenInTwoShorts) {
    constexpr auto kSystem = "javacard.framework.JCSystem";
    memory.limit = 0x12345;
    auto array = heap().make_array(ObjectKind::kShorts, 2, kCaller).value();
    EXPECT_TRUE(Succeeds(call(kSystem, "getAvailableMemory([SSB)V", {obj(array), num(0), num(0)})));
    EXPECT_EQ(hex(array), "00012345");
    EXPECT_TRUE(Throws(call(kSystem, "getAvailableMemory([SSB)V", {obj(array), num(1), num(0)}),
                       exception::kArrayIndex));
}

}  // namespace
}  // namespace oti::javacard
