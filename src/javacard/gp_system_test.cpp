// SPDX-License-Identifier: Apache-2.0
// GPSystem and GPRegistryEntry (GPCS 2.3.1, 5.1, 5.3, table 6-1).
#include "javacard/gp_testing.h"

namespace oti::javacard {
namespace {

using gp_privilege::kCardLock, gp_privilege::kCardReset, gp_privilege::kCardTerminate,
    gp_privilege::kGlobalLock, gp_privilege::kGlobalRegistry, gp_privilege::kGlobalService;

constexpr int kLocked = static_cast<std::int8_t>(0x80);

class GpSystemTest : public RegisteredAppletTest {
  protected:
    Ref entry_of(const iso7816::Aid& application) {
        auto object = aid(application);
        return system("getRegistryEntry", {obj(object)}).value().as_ref();
    }
    std::uint8_t state(const iso7816::Aid& application) { return platform.registry.at(application).state; }
};

TEST_F(GpSystemTest, LetsAnAppletHaveStatesOfItsOwn) {
    EXPECT_TRUE(Returns(system("getCardContentState"), 0x07));
    for (int state : {0x0F, 0x7F, 0x07}) {
        EXPECT_TRUE(Returns(system("setCardContentState", {num(state)}), 1)) << state;
        EXPECT_TRUE(Returns(system("getCardContentState"), state));
    }
    // INSTALLED, LOCKED, and what has one of the three low bits clear.
    for (int state : {0x03, kLocked, static_cast<int>(static_cast<std::int8_t>(0x87)), 0x00, 0x0E, 0x7B}) {
        EXPECT_TRUE(Returns(system("setCardContentState", {num(state)}), 0)) << state;
    }
    for (auto from : {std::uint8_t{0x03}, std::uint8_t{0x87}}) {
        platform.registry.at(kInstance).state = from;
        EXPECT_TRUE(Returns(system("setCardContentState", {num(0x0F)}), 0)) << +from;
    }
    EXPECT_TRUE(Returns(system("getCardContentState"), static_cast<std::int8_t>(0x87)));
}

TEST_F(GpSystemTest, LetsOnlyThePrivilegedLockAndTerminateTheCard) {
    EXPECT_TRUE(Returns(system("getCardState"), 0x0F));
    EXPECT_TRUE(Returns(system("lockCard"), 0));
    EXPECT_TRUE(Returns(system("terminateCard"), 0));
    EXPECT_EQ(platform.card, 0x0F);
    grant(kCardLock);
    platform.card = 0x07;
    EXPECT_TRUE(Returns(system("lockCard"), 0));
    platform.card = 0x0F;
    EXPECT_TRUE(Returns(system("lockCard"), 1));
    EXPECT_EQ(platform.card, 0x7F);
    EXPECT_TRUE(Returns(system("lockCard"), 0));
    grant(kCardTerminate);
    EXPECT_TRUE(Returns(system("terminateCard"), 1));
    EXPECT_TRUE(Returns(system("getCardState"), -1));
    EXPECT_TRUE(Returns(system("terminateCard"), 0));
}

TEST_F(GpSystemTest, LetsOnlyThePrivilegedSetHistoricalBytes) {
    auto array = bytes("00112233445566778899AABBCCDDEEFF");
    EXPECT_TRUE(Returns(system("setATRHistBytes", {obj(array), num(1), num(2)}), 0));
    grant(kCardReset);
    EXPECT_TRUE(Returns(system("setATRHistBytes", {obj(array), num(0), num(16)}), 0));
    EXPECT_TRUE(Returns(system("setATRHistBytes", {obj(array), num(1), num(2)}), 1));
    EXPECT_EQ(to_hex(platform.historical), "1122");
    EXPECT_TRUE(Throws(system("setATRHistBytes", {obj(array), num(15), num(2)}), exception::kArrayIndex));
}

TEST_F(GpSystemTest, ShowsOthersEntriesOnlyToWhomMaySeeThem) {
    EXPECT_NE(system("getRegistryEntry", {obj(kNull)}).value().as_ref(), kNull);
    EXPECT_NE(entry_of(kInstance), kNull);
    EXPECT_EQ(entry_of(kOther), kNull);
    EXPECT_EQ(entry_of(iso7816::Aid::constant("A0000000FF")), kNull);
    grant(kGlobalRegistry);
    EXPECT_NE(entry_of(kOther), kNull);
    EXPECT_EQ(entry_of(iso7816::Aid::constant("A0000000FF")), kNull);
    auto empty = make("javacard.framework.AID");
    EXPECT_TRUE(Returns(system("getRegistryEntry", {obj(empty)}), 0));
}

TEST_F(GpSystemTest, GivesTheSameObjectsInEachSession) {
    auto entry = entry_of(kInstance);
    auto channel = system("getSecureChannel").value().as_ref();
    auto pin = system("getCVM", {num(0x11)}).value().as_ref();
    EXPECT_EQ(entry_of(kInstance), entry);
    runtime->request_object_deletion();
    runtime->end_command();
    restart();
    EXPECT_EQ(entry_of(kInstance), entry);
    EXPECT_EQ(system("getSecureChannel").value().as_ref(), channel);
    EXPECT_EQ(system("getCVM", {num(0x11)}).value().as_ref(), pin);
    // An applet may keep them, and call them from any context.
    const auto* object = heap().find(channel);
    EXPECT_TRUE(object->entry_point && !object->temporary);
}

TEST_F(GpSystemTest, MakesAnObjectAgainThatAnAbortTookBack) {
    ASSERT_TRUE(heap().begin_transaction());
    auto entry = entry_of(kInstance);
    ASSERT_TRUE(heap().abort_transaction());
    auto again = entry_of(kInstance);
    EXPECT_NE(again, entry);
    EXPECT_TRUE(Returns(call(again, "getState", {}), 0x07));
}

TEST_F(GpSystemTest, TellsWhatTheRegistryHasOfAnEntry) {
    grant(kCardReset);
    grant(kGlobalRegistry);
    auto entry = entry_of(kInstance);
    auto array = bytes("00000000");
    // Table 6-1: Card Reset is b3 of the first byte, Global Registry b3 of the second.
    EXPECT_TRUE(Returns(call(entry, "getPrivileges", {obj(array), num(1)}), 4));
    EXPECT_EQ(hex(array), "00040400");
    EXPECT_TRUE(Throws(call(entry, "getPrivileges", {obj(array), num(2)}), exception::kArrayIndex));
    EXPECT_TRUE(Returns(call(entry, "isPrivileged", {num(5)}), 1));
    for (int number : {4, 24, 127, -1}) EXPECT_TRUE(Returns(call(entry, "isPrivileged", {num(number)}), 0));
    auto domain = aid(kDomain), other = aid(kOther);
    EXPECT_TRUE(Returns(call(entry, "isAssociated", {obj(domain)}), 1));
    EXPECT_TRUE(Returns(call(entry, "isAssociated", {obj(other)}), 0));
    EXPECT_TRUE(Throws(call(entry, "isAssociated", {obj(kNull)}), exception::kNullPointer));
    auto name = call(entry, "getAID", {}).value().as_ref();
    auto own = aid(kInstance);
    EXPECT_TRUE(Returns(call(name, "equals(Ljava/lang/Object;)Z", {obj(own)}), 1));
}

TEST_F(GpSystemTest, KnowsNothingOfAnApplicationThatIsGone) {
    grant(kGlobalRegistry);
    auto entry = entry_of(kOther);
    platform.registry.erase(kOther);
    auto array = bytes("000000");
    EXPECT_TRUE(Throws(call(entry, "getState", {}), exception::kIso, 0x6A88));
    EXPECT_TRUE(Throws(call(entry, "getPrivileges", {obj(array), num(0)}), exception::kIso, 0x6A88));
    EXPECT_TRUE(Returns(call(entry, "isPrivileged", {num(0)}), 0));
    EXPECT_TRUE(Returns(call(entry, "setState", {num(kLocked)}), 0));
}

TEST_F(GpSystemTest, LetsAnAppletLockButNotUnlockItself) {
    auto entry = entry_of(kInstance);
    EXPECT_TRUE(Returns(call(entry, "setState", {num(0x0F)}), 1));
    EXPECT_TRUE(Returns(call(entry, "setState", {num(0x03)}), 0));
    EXPECT_TRUE(Returns(call(entry, "setState", {num(kLocked)}), 1));
    EXPECT_EQ(state(kInstance), 0x8F);
    grant(kGlobalLock);
    EXPECT_TRUE(Returns(call(entry, "setState", {num(0x0F)}), 0));
    EXPECT_EQ(state(kInstance), 0x8F);
}

TEST_F(GpSystemTest, LetsGlobalLockLockAndUnlockOthers) {
    grant(kGlobalRegistry);
    auto entry = entry_of(kOther), domain = entry_of(kDomain);
    EXPECT_TRUE(Returns(call(entry, "setState", {num(kLocked)}), 0));
    grant(kGlobalLock);
    EXPECT_TRUE(Returns(call(entry, "setState", {num(0x0F)}), 0));
    EXPECT_TRUE(Returns(call(entry, "setState", {num(kLocked)}), 1));
    EXPECT_EQ(state(kOther), 0x87);
    EXPECT_TRUE(Returns(call(entry, "setState", {num(kLocked)}), 0));
    EXPECT_TRUE(Returns(call(entry, "setState", {num(0)}), 1));
    EXPECT_EQ(state(kOther), 0x07);
    EXPECT_TRUE(Returns(call(domain, "setState", {num(kLocked)}), 0));
    EXPECT_EQ(state(kDomain), 0x0F);
}

TEST_F(GpSystemTest, LetsAServerRegisterItsOwnServices) {
    auto entry = entry_of(kInstance);
    int name = static_cast<std::int16_t>(0x8211);
    EXPECT_TRUE(Throws(call(entry, "registerService", {num(name)}), exception::kIso, 0x6985));
    grant(kGlobalService);
    EXPECT_TRUE(Succeeds(call(entry, "registerService", {num(name)})));
    EXPECT_TRUE(Throws(call(entry, "registerService", {num(name)}), exception::kIso, 0x6985));
    // The applet gives no shareable object: there is no service after all.
    EXPECT_TRUE(Returns(system("getService", {obj(kNull), num(name)}), 0));
    EXPECT_TRUE(Succeeds(call(entry, "deregisterService", {num(name)})));
    EXPECT_TRUE(Throws(call(entry, "deregisterService", {num(name)}), exception::kIso, 0x6985));
    grant(kGlobalRegistry);
    auto other = entry_of(kOther);
    EXPECT_TRUE(Throws(call(other, "registerService", {num(name)}), exception::kIso, 0x6985));
}

}  // namespace
}  // namespace oti::javacard
