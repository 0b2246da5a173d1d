// SPDX-License-Identifier: Apache-2.0
// Extradition, registry update, and who may give and take privileges (GPCS 2.3.1, 6.6.2, 9.4).
#include <gtest/gtest.h>

#include "card/content_fixture.h"
#include "card/privileges.h"

namespace oti::card {
namespace {

constexpr std::string_view kOther = "F04F544908", kThird = "F04F544907";

class RegistryUpdateTest : public ContentFixture {
  protected:
    StatusWord extradite(std::string_view what, std::string_view to) {
        return sw(install(0x10, {to, "", what, ""}));
    }
    StatusWord update(std::string_view what, std::string_view privileges, std::string_view parameters = "",
                      std::string_view to = "") {
        return sw(install(0x40, {to, "", what, privileges}, parameters));
    }
    std::string domain_of(std::string_view aid) const {
        auto entry = application(aid);
        auto file = se_.registry().load_file(Aid::constant(aid));
        return (entry ? entry->security_domain : file->security_domain).hex();
    }
    std::uint32_t privileges_of(std::string_view aid) const { return application(aid)->privileges.bits(); }
};

TEST_F(RegistryUpdateTest, ExtraditesApplicationsAndLoadFiles) {
    add_domain(kDomain, "80C000");
    add_domain(kOther, "80C000");
    open_issuer();
    load_hello();
    EXPECT_EQ(to_hex(send(install(0x10, {kDomain, "", kHelloModule, ""})).data), "00");
    EXPECT_EQ(domain_of(kHelloModule), kDomain);
    EXPECT_EQ(domain_of(kHello), kIssuer) << "the file stays";
    EXPECT_EQ(extradite(kHello, kDomain), StatusWord::kOk);
    EXPECT_EQ(extradite(kHello, kDomain), StatusWord::kConditionsNotSatisfied) << "it is there";
    EXPECT_EQ(extradite("F04F544999", kDomain), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(extradite(kHello, "F04F544999"), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(extradite(kHello, kHelloModule), StatusWord::kWrongData) << "no domain";
    EXPECT_EQ(extradite("A0000001515350", kDomain), StatusWord::kConditionsNotSatisfied) << "the card's own";
    EXPECT_EQ(extradite(kIssuer, kDomain), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install(0x10, {kDomain, "", kHello, "00"})), StatusWord::kWrongData);
    open_domain(kOther);
    EXPECT_EQ(extradite(kHelloModule, kOther), StatusWord::kConditionsNotSatisfied) << "not its own";
    open_domain(kDomain);
    EXPECT_EQ(extradite(kHelloModule, kOther), StatusWord::kOk) << "given away";
    EXPECT_EQ(extradite(kHelloModule, kDomain), StatusWord::kConditionsNotSatisfied) << "and gone";
    EXPECT_EQ(domain_of(kHelloModule), kOther);
}

TEST_F(RegistryUpdateTest, ADomainMayRefuseToTakeOrToGive) {
    add_domain(kDomain, "80C000", "81020370 82020100 8701F0");  // applications, no load files
    add_domain(kOther, "80C000", "81020370 8701 00");
    open_issuer();
    ASSERT_EQ(create_domain("81020370", kThird, "808000"), StatusWord::kOk);
    load_hello();
    EXPECT_EQ(extradite(kHello, kDomain), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(extradite(kHelloModule, kThird), StatusWord::kConditionsNotSatisfied) << "not personalized";
    EXPECT_EQ(extradite(kHelloModule, kDomain), StatusWord::kOk);
    EXPECT_EQ(extradite(kHelloModule, kOther), StatusWord::kOk) << "the issuer takes it from one";
    EXPECT_EQ(extradite(kHelloModule, kDomain), StatusWord::kConditionsNotSatisfied) << "the other refuses";
    open_domain(kOther);
    EXPECT_EQ(extradite(kHelloModule, kDomain), StatusWord::kOk) << "its own decision is another matter";
    open_issuer();
    ASSERT_EQ(sw("80F0408005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(extradite(kHelloModule, kIssuer), StatusWord::kConditionsNotSatisfied) << "locked: nothing out";
    EXPECT_EQ(extradite(kOther, kDomain), StatusWord::kConditionsNotSatisfied) << "and nothing in";
}

TEST_F(RegistryUpdateTest, ADapDomainTakesNoFilesThatItHasNotSeen) {
    add_domain(kDomain, "C0C000");
    open_issuer();
    load_hello();
    EXPECT_EQ(extradite(kHello, kDomain), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(extradite(kHelloModule, kDomain), StatusWord::kOk);
}

TEST_F(RegistryUpdateTest, DomainsFormTreesWithoutCircles) {
    add_domain(kDomain, "80C000");
    open_domain(kDomain);
    ASSERT_EQ(create_domain("81020370", kOther, "80C000"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kOther, testing::keys_of(kOwnKey)), StatusWord::kOk) << "the keys above it";
    ASSERT_EQ(put_keys(kOwnKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(extradite(kDomain, kOther), StatusWord::kConditionsNotSatisfied) << "below itself";
    EXPECT_EQ(extradite(kOther, kOther), StatusWord::kOk) << "a root of its own";
    EXPECT_FALSE(se_.registry().is_below(Aid::constant(kOther), Aid::constant(kIssuer)));
    EXPECT_EQ(update(kOther, "808000"), StatusWord::kConditionsNotSatisfied)
        << "without management it were lost";
    open_domain(kDomain);
    EXPECT_EQ(sw("80E40000074F05F04F544908"), StatusWord::kConditionsNotSatisfied) << "not below it any more";
    ASSERT_EQ(create_domain("81020370", kThird, "808000"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kThird, testing::keys_of(kOwnKey)), StatusWord::kOk);
    ASSERT_EQ(put_keys(kOwnKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    open_domain(kDomain);
    EXPECT_EQ(extradite(kThird, kThird), StatusWord::kConditionsNotSatisfied) << "no root without management";
}

TEST_F(RegistryUpdateTest, ChangesAllOrNothing) {
    add_domain(kDomain, "80C000");
    open_issuer();
    load_hello();
    EXPECT_EQ(update(kHelloModule, "020100", "EF0ACB020001CF0141CF0182B6055F2002ABCD", kDomain),
              StatusWord::kOk);
    auto entry = *application(kHelloModule);
    EXPECT_EQ(entry.privileges.bits(), 0x020100U);
    EXPECT_EQ(to_hex(entry.services), "0001");
    EXPECT_EQ(to_hex(entry.implicit_selections), "4182");
    EXPECT_EQ(to_hex(entry.provider), "ABCD");
    EXPECT_EQ(entry.security_domain, Aid::constant(kDomain));
    EXPECT_EQ(update(kHelloModule, "000000", "EF03CF0141", "F04F544999"),
              StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(update(kHelloModule, "", "EF03CF0155"), StatusWord::kWrongData) << "no such channel";
    EXPECT_EQ(privileges_of(kHelloModule), 0x020100U);
    EXPECT_EQ(update(kHelloModule, "000000"), StatusWord::kOk);
    EXPECT_EQ(to_hex(application(kHelloModule)->services), "") << "with the privilege";
    EXPECT_EQ(update(kHelloModule, "", "EF03CF0143"), StatusWord::kOk);
    EXPECT_EQ(to_hex(application(kHelloModule)->implicit_selections), "418243") << "they only become more";
    EXPECT_EQ(update(kHelloModule, "800000"), StatusWord::kWrongData) << "no domain becomes of it";
    EXPECT_EQ(update("", "", ""), StatusWord::kWrongData) << "nothing to do";
    EXPECT_EQ(update("", "020000", "EF03D90102"), StatusWord::kWrongData) << "of no application";
    EXPECT_EQ(update(kHelloModule, "", "EF03D90102"), StatusWord::kWrongData) << "not of a domain";
}

TEST_F(RegistryUpdateTest, AChannelOfAnInterfaceIsOneApplications) {
    open_issuer();
    load_hello();
    ASSERT_EQ(update(kHelloModule, "", "EF03CF0142"), StatusWord::kOk);
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    EXPECT_EQ(update(kDomain, "", "EF03CF0142"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(update(kDomain, "", "EF03CF01C2"), StatusWord::kConditionsNotSatisfied) << "one of both";
    EXPECT_EQ(update(kDomain, "", "EF03CF0182"), StatusWord::kOk) << "the other interface";
    EXPECT_EQ(update(kDomain, "", "EF03CF0102"), StatusWord::kOk) << "explicitly only, which says nothing";
    EXPECT_EQ(to_hex(application(kDomain)->implicit_selections), "82");
}

TEST_F(RegistryUpdateTest, OneApplicationHasCardResetAndOneIsFinal) {
    open_issuer();
    load_hello();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    EXPECT_EQ(update(kHelloModule, "040200"), StatusWord::kOk);
    EXPECT_EQ(privileges_of(kIssuer), 0x9AFC80U);
    EXPECT_EQ(update(kDomain, "84C000"), StatusWord::kConditionsNotSatisfied) << "somebody has it";
    EXPECT_EQ(update(kIssuer, "9EFC80"), StatusWord::kConditionsNotSatisfied) << "it returns by itself only";
    EXPECT_EQ(update(kHelloModule, "000200"), StatusWord::kOk);
    EXPECT_EQ(privileges_of(kIssuer), 0x9EFC80U);
    EXPECT_EQ(update(kIssuer, "9AFC80"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80F0408006F04F54490101"), StatusWord::kConditionsNotSatisfied)
        << "the final one stays open";
    EXPECT_EQ(sw("80E40000084F06F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(privileges_of(kIssuer), 0x9EFE80U);
    // With INSTALL [for make selectable], of which all other privileges are ignored (11.5.2.3.3).
    ASSERT_EQ(sw(install_hello(0x04)), StatusWord::kOk);
    ASSERT_EQ(sw(install(0x08, {"", "", kHelloModule, "16"})), StatusWord::kOk);
    EXPECT_EQ(privileges_of(kHelloModule), 0x040000U);
    EXPECT_EQ(privileges_of(kIssuer), 0x9AFE80U);
}

TEST_F(RegistryUpdateTest, NobodyGivesOrTakesWhatIsNotHis) {
    add_domain(kDomain, "90C000");  // Card Lock, Authorized Management
    open_domain(kDomain);
    load_hello();
    EXPECT_EQ(update(kHelloModule, "100000"), StatusWord::kOk) << "it has that itself";
    for (auto privileges : {"180000", "120000", "101000", "100800", "100400", "140000", "100200", "100020"}) {
        EXPECT_EQ(update(kHelloModule, privileges), StatusWord::kConditionsNotSatisfied) << privileges;
    }
    EXPECT_EQ(update(kDomain, "98C000"), StatusWord::kConditionsNotSatisfied) << "nor to itself";
    EXPECT_EQ(update(kIssuer, "9EDE80"), StatusWord::kConditionsNotSatisfied) << "nor to those above";
    open_issuer();
    ASSERT_EQ(update(kHelloModule, "181800"), StatusWord::kOk) << "the issuer gives anything";
    open_domain(kDomain);
    EXPECT_EQ(update(kHelloModule, "000000"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(update(kHelloModule, "081800"), StatusWord::kOk) << "what it gave it can take";
    EXPECT_EQ(create_domain("81020370", kOther, "818000"), StatusWord::kWrongData) << "mandated DAP alone";
    EXPECT_EQ(create_domain("81020370", kOther, "C18000"), StatusWord::kConditionsNotSatisfied)
        << "it would bind the whole card";
    EXPECT_EQ(create_domain("81020370", kOther, "C0C040"), StatusWord::kOk) << "its own part of the card";
}

TEST_F(RegistryUpdateTest, EachPartOfTheCardHasOneVerifierOfTokens) {
    add_domain(kDomain, "80E080");  // a part of its own, with its own verifier
    open_issuer();
    EXPECT_EQ(create_domain("81020370", kOther, "80A000"), StatusWord::kConditionsNotSatisfied)
        << "the issuer's is there";
    EXPECT_EQ(create_domain("81020370", kOther, "808080"), StatusWord::kConditionsNotSatisfied);
    open_domain(kDomain);
    EXPECT_EQ(create_domain("81020370", kOther, "80A000"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(update(kDomain, "80C080"), StatusWord::kOk) << "it hands that on";
    EXPECT_EQ(create_domain("81020370", kOther, "80A000"), StatusWord::kOk);
}

TEST(Privileges, AreSetsThatMakeSense) {
    auto parse = [](std::string_view hex) {
        auto privileges = parse_privileges(from_hex(hex));
        return privileges ? static_cast<int>(privileges->bits()) : -1;
    };
    EXPECT_EQ(parse("80C000"), 0x80C000);
    EXPECT_EQ(parse("FFFFFF"), -1);
    EXPECT_EQ(parse("00000F"), 0) << "reserved bits are ignored (11.1)";
    EXPECT_EQ(parse(""), -1);
    EXPECT_EQ(parse("8000"), -1);
    EXPECT_EQ(parse("80"), 0x808000);
    // Domains only (table 6-1).
    for (auto hex : {"40", "20", "004000", "002000", "000080", "000040"}) EXPECT_EQ(parse(hex), -1) << hex;
    for (auto hex : {"C00000", "A00000", "804000", "802000", "800080", "800040", "C10000"})
        EXPECT_NE(parse(hex), -1) << hex;
    // Not with delegated management (6.6.2).
    for (auto hex : {"A04000", "A02000", "A00080"}) EXPECT_EQ(parse(hex), -1) << hex;
    // Of any application.
    for (auto hex : {"10", "08", "04", "02", "008000", "001000", "000800", "000400", "000200", "000100",
                     "000020", "000010"}) {
        EXPECT_NE(parse(hex), -1) << hex;
    }
}

}  // namespace
}  // namespace oti::card
