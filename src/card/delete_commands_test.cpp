// SPDX-License-Identifier: Apache-2.0
// DELETE [card content] (GPCS 2.3.1, 9.5, 11.2).
#include <gtest/gtest.h>

#include "card/content_fixture.h"

namespace oti::card {
namespace {

constexpr std::string_view kOther = "F04F544908", kBelow = "F04F544907";

class DeleteTest : public ContentFixture {
  protected:
    StatusWord remove(std::string_view aid, bool related = false) {
        auto data = encode_tlv(0x4F, from_hex(aid));
        return sw(CommandApdu{0x80, 0xE4, 0x00, static_cast<std::uint8_t>(related ? 0x80 : 0x00), data, 256});
    }
    /// A domain below kDomain, with the applet in it.
    void add_domain_below(const std::string& options) {
        open_domain(kDomain);
        ASSERT_EQ(create_domain("81020370" + options, kBelow, "80C000"), StatusWord::kOk);
        ASSERT_EQ(terminal_.open(kBelow, testing::keys_of(kOwnKey)), StatusWord::kOk);
        ASSERT_EQ(put_keys(kOwnKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
        open_domain(kBelow);
        load_hello();
    }
};

TEST_F(DeleteTest, ALoadFileStaysWhileItIsUsed) {
    open_issuer();
    load_hello();
    ASSERT_EQ(sw(install_hello(0x0C, "00", "C900", "F04F54490102")), StatusWord::kOk);
    EXPECT_EQ(remove(kHello), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kOk);
    EXPECT_EQ(remove(kHello), StatusWord::kConditionsNotSatisfied) << "the other instance";
    EXPECT_EQ(remove(kHello, true), StatusWord::kOk);
    EXPECT_FALSE(exists(kHello));
    EXPECT_FALSE(exists("F04F54490102"));
    EXPECT_EQ(remove(kHello), StatusWord::kReferencedDataNotFound);
}

TEST_F(DeleteTest, ADomainGoesEmptyOrWithItsContent) {
    add_domain(kDomain, "80C000");
    open_domain(kDomain);
    load_hello();
    EXPECT_EQ(remove(kDomain, true), StatusWord::kConditionsNotSatisfied) << "nobody deletes himself";
    EXPECT_EQ(remove(kIssuer, true), StatusWord::kConditionsNotSatisfied);
    open_issuer();
    EXPECT_EQ(remove(kIssuer, true), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(remove(kDomain), StatusWord::kConditionsNotSatisfied);
    ASSERT_EQ(remove(kHello, true), StatusWord::kOk);
    EXPECT_EQ(remove(kDomain), StatusWord::kOk) << "empty";
    EXPECT_TRUE(se_.keys().places(Aid::constant(kDomain)).empty());
    EXPECT_EQ(remove("A0000001515350", true), StatusWord::kConditionsNotSatisfied) << "part of the card";
}

TEST_F(DeleteTest, WhoMayDeleteWhat) {
    add_domain(kDomain, "80C000");
    add_domain(kOther, "80D000");  // Global Delete
    open_domain(kDomain);
    load_hello();
    open_issuer();
    ASSERT_EQ(create_domain("81020370", "F04F544906", "808000"), StatusWord::kOk);
    open_domain(kDomain);
    EXPECT_EQ(remove("F04F544906"), StatusWord::kConditionsNotSatisfied) << "not below it";
    open_domain(kOther);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kOk);
    EXPECT_EQ(remove("F04F544906"), StatusWord::kOk);
}

TEST_F(DeleteTest, ADomainMayKeepItsContentFromThoseAboveIt) {
    add_domain(kDomain, "80C000");
    add_domain_below("830100");
    open_domain(kDomain);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(remove(kHello, true), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(remove(kBelow, true), StatusWord::kConditionsNotSatisfied) << "nor with the domain";
    EXPECT_TRUE(exists(kHelloModule));
    open_issuer();
    EXPECT_EQ(remove(kHelloModule), StatusWord::kOk) << "Global Delete asks nobody";
}

TEST_F(DeleteTest, ADomainMayKeepItsLoadFilesOnly) {
    add_domain(kDomain, "80C000");
    add_domain_below("83020100");
    open_domain(kDomain);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kOk);
    EXPECT_EQ(remove(kHello), StatusWord::kConditionsNotSatisfied);
    open_issuer();
    ASSERT_EQ(sw("80F0408005F04F544907"), StatusWord::kOk);
    EXPECT_EQ(remove(kHello), StatusWord::kOk);
}

TEST_F(DeleteTest, ALockedDomainAgreesToNothing) {
    add_domain(kDomain, "80C000");
    add_domain_below("8301F0");
    open_domain(kDomain);
    ASSERT_EQ(sw("80F0408005F04F544907"), StatusWord::kOk);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kConditionsNotSatisfied);
    ASSERT_EQ(sw("80F0400005F04F544907"), StatusWord::kOk);
    EXPECT_EQ(remove(kHelloModule), StatusWord::kOk);
}

TEST_F(DeleteTest, WhatIsRefusedOfSeveralLeavesAll) {
    open_issuer();
    load_hello();
    EXPECT_EQ(sw("80E40000 0F 4F06F04F54490101 4F05F04F544999"), StatusWord::kReferencedDataNotFound);
    EXPECT_TRUE(exists(kHelloModule));
    EXPECT_EQ(sw("80E40000 0F 4F06F04F54490101 4F05F04F544901"), StatusWord::kOk);
}

TEST_F(DeleteTest, RefusesWhatItDoesNotUnderstand) {
    open_issuer();
    load_hello();
    for (auto hex :
         {"80E4000000", "80E40000014F", "80E40000044F0200 00", "80E40000084F07F04F54490101", "80E40000024F00",
          "80E400000B C701004F06F04F54490101", "80E400000B 4F06F04F54490101 C70100",
          "80E400000B 9E01004F06F04F54490101", "80E400000B 4F06F04F54490101 9E0100"}) {
        EXPECT_EQ(sw(hex), StatusWord::kWrongData) << hex;
    }
    EXPECT_TRUE(exists(kHelloModule));
}

}  // namespace
}  // namespace oti::card
