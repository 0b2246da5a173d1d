// SPDX-License-Identifier: Apache-2.0
// Life cycles of the card, of domains and of applications (GPCS 2.3.1, 5, 9.6, 11.10).
#include <gtest/gtest.h>

#include "card/content_fixture.h"
#include "card/set_status.h"

namespace oti::card {
namespace {

constexpr std::string_view kOther = "F04F544908";

class SetStatusTest : public ContentFixture {
  protected:
    StatusWord set_card(std::uint8_t state) { return sw(CommandApdu{0x80, 0xF0, 0x80, state, {}, 0}); }
    StatusWord set(std::string_view aid, std::uint8_t state, std::uint8_t p1 = 0x40) {
        return sw(CommandApdu{0x80, 0xF0, p1, state, from_hex(aid), 0});
    }
    void begin_in(std::uint8_t state) {
        restart([&](Registry& registry, KeyStore&) { registry.set_card_state(state); });
        open_issuer();
    }
    unsigned state_of(std::string_view aid) const { return application(aid)->life_cycle; }
};

TEST_F(SetStatusTest, TheCardsLifeCycleGoesOneWay) {
    struct Transition {
        std::uint8_t from, to;
        bool possible;
    };
    // Figure 5-1. What INITIALIZED is for may be skipped; nothing leads back from SECURED or TERMINATED.
    for (auto [from, to, possible] : {
             Transition{0x01, 0x07, true},  Transition{0x01, 0x0F, true},  Transition{0x01, 0x7F, false},
             Transition{0x01, 0xFF, true},  Transition{0x01, 0x01, false}, Transition{0x07, 0x01, false},
             Transition{0x07, 0x0F, true},  Transition{0x07, 0x7F, false}, Transition{0x07, 0xFF, true},
             Transition{0x0F, 0x01, false}, Transition{0x0F, 0x07, false}, Transition{0x0F, 0x0F, false},
             Transition{0x0F, 0x7F, true},  Transition{0x0F, 0xFF, true},  Transition{0x7F, 0x0F, true},
             Transition{0x7F, 0x07, false}, Transition{0x7F, 0x7F, false}, Transition{0x7F, 0xFF, true},
             Transition{0x0F, 0x03, false}, Transition{0x0F, 0x1F, false}, Transition{0x0F, 0x00, false},
         }) {
        begin_in(from);
        EXPECT_EQ(set_card(to), possible ? StatusWord::kOk : StatusWord::kConditionsNotSatisfied)
            << int{from} << " to " << int{to};
        EXPECT_EQ(se_.registry().card_state(), possible ? to : from);
    }
}

TEST_F(SetStatusTest, ATerminatedCardOnlyGivesItsData) {
    open_issuer();
    ASSERT_EQ(set_card(0xFF), StatusWord::kOk);
    EXPECT_EQ(sw("80F28002024F00"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(set_card(0x0F), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(announce(kHello), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80CA00CF00"), StatusWord::kOk);
}

TEST_F(SetStatusTest, ALockedCardKeepsItsContentAsItIs) {
    open_issuer();
    ASSERT_EQ(set_card(0x7F), StatusWord::kOk);
    EXPECT_EQ(announce(kHello), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(create_domain(), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80E40000074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80E2800006 4204DEADBEEF"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80F28002024F00"), StatusWord::kOk);
    EXPECT_EQ(set_card(0x0F), StatusWord::kOk);
    EXPECT_EQ(create_domain(), StatusWord::kOk);
}

TEST_F(SetStatusTest, OthersLockAndTerminateTheCardByPrivilege) {
    add_domain(kDomain, "908000");  // Card Lock
    add_domain(kOther, "888000");   // Card Terminate
    open_domain(kOther);
    EXPECT_EQ(set_card(0x7F), StatusWord::kConditionsNotSatisfied);
    open_domain(kDomain);
    EXPECT_EQ(set_card(0xFF), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(set_card(0x7F), StatusWord::kOk);
    EXPECT_EQ(set_card(0x0F), StatusWord::kOk);
    open_domain(kOther);
    EXPECT_EQ(set_card(0xFF), StatusWord::kOk);
}

TEST_F(SetStatusTest, ADomainLocksItselfButDoesNotUnlockItself) {
    add_domain(kDomain, "808000");
    open_domain(kDomain);
    EXPECT_EQ(set(kDomain, 0x0F), StatusWord::kConditionsNotSatisfied) << "it is personalized";
    EXPECT_EQ(set(kDomain, 0x07), StatusWord::kConditionsNotSatisfied) << "nothing leads back";
    EXPECT_EQ(set(kDomain, 0x80), StatusWord::kOk);
    EXPECT_EQ(state_of(kDomain), 0x8FU);
    EXPECT_EQ(set(kDomain, 0x0F), StatusWord::kConditionsNotSatisfied) << "a locked one takes no command";
    EXPECT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kNotFound);
    open_issuer();
    EXPECT_EQ(set(kDomain, 0x80), StatusWord::kConditionsNotSatisfied) << "it is locked";
    EXPECT_EQ(set(kDomain, 0x7F), StatusWord::kOk) << "of the state only b8 counts";
    EXPECT_EQ(state_of(kDomain), 0x0FU) << "as it was";
}

TEST_F(SetStatusTest, ADomainMakesItselfPersonalized) {
    open_issuer();
    ASSERT_EQ(create_domain("81020370", kDomain, "808000"), StatusWord::kOk);
    EXPECT_EQ(set(kDomain, 0x0F), StatusWord::kConditionsNotSatisfied) << "nobody else does";
    ASSERT_EQ(terminal_.open(kDomain, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
    EXPECT_EQ(set(kDomain, 0x1F), StatusWord::kConditionsNotSatisfied)
        << "domains have no states of their own";
    EXPECT_EQ(set(kDomain, 0x0F), StatusWord::kOk);
    EXPECT_EQ(state_of(kDomain), 0x0FU);
}

TEST_F(SetStatusTest, OthersLockByAssociationOrByGlobalLock) {
    add_domain(kDomain, "80C000");
    add_domain(kOther, "808800");  // Global Lock
    open_domain(kDomain);
    load_hello();
    EXPECT_EQ(set(kHelloModule, 0x80), StatusWord::kOk);
    EXPECT_EQ(state_of(kHelloModule), 0x87U);
    EXPECT_EQ(set(kOther, 0x80), StatusWord::kConditionsNotSatisfied) << "not below it";
    EXPECT_EQ(set("F04F544999", 0x80), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(set(kIssuer, 0x80), StatusWord::kReferencedDataNotFound) << "the card's is another command";
    open_domain(kOther);
    EXPECT_EQ(set(kHelloModule, 0x00), StatusWord::kOk);
    EXPECT_EQ(set(kHelloModule, 0x07), StatusWord::kConditionsNotSatisfied) << "it is open";
    EXPECT_EQ(set(kDomain, 0x80), StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(set(kHelloModule, 0x80), StatusWord::kOk) << "indirectly associated";
    EXPECT_EQ(set(kHello, 0x80), StatusWord::kReferencedDataNotFound) << "a load file has one state";
    EXPECT_EQ(set(kHelloModule, 0x00, 0x5F), StatusWord::kOk) << "reserved bits of P1";
    EXPECT_EQ(set(kHelloModule, 0x80, 0x20), StatusWord::kIncorrectP1P2);
}

TEST_F(SetStatusTest, WhatIsInstalledOnlyCanBeLocked) {
    open_issuer();
    ASSERT_EQ(announce(kHello), StatusWord::kOk);
    ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    ASSERT_EQ(sw(install_hello(0x04)), StatusWord::kOk);
    EXPECT_EQ(set(kHelloModule, 0x80), StatusWord::kOk);
    EXPECT_EQ(state_of(kHelloModule), 0x83U);
    EXPECT_EQ(sw(install(0x08, {"", "", kHelloModule, "00"})), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(set(kHelloModule, 0x00), StatusWord::kOk);
    EXPECT_EQ(sw(install(0x08, {"", "", kHelloModule, "00"})), StatusWord::kOk);
}

TEST_F(SetStatusTest, AnApplicationHasStatesOfItsOwn) {
    open_issuer();
    load_hello();
    restart([&](Registry& registry, KeyStore&) {
        auto hello = Aid::constant(kHelloModule);
        EXPECT_FALSE(set_application_state(registry, hello, 0x0B)) << "b1 to b3 are the card's (table 11-4)";
        EXPECT_TRUE(set_application_state(registry, hello, 0x7F));
        EXPECT_TRUE(set_application_state(registry, hello, 0x0F)) << "in any order";
        EXPECT_TRUE(set_application_state(registry, hello, 0x87));
        EXPECT_FALSE(set_application_state(registry, hello, 0x07)) << "it does not unlock itself";
        EXPECT_FALSE(set_application_state(registry, Aid::constant(kIssuer), 0x0F));
        EXPECT_FALSE(set_application_state(registry, Aid::constant(kOther), 0x0F));
    });
    EXPECT_EQ(state_of(kHelloModule), 0x8FU);
}

}  // namespace
}  // namespace oti::card
