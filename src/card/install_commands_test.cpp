// SPDX-License-Identifier: Apache-2.0
// INSTALL in its forms (GPCS 2.3.1, 9.3, 11.5), but for extradition and registry update.
#include <gtest/gtest.h>

#include "card/content_fixture.h"

namespace oti::card {
namespace {

constexpr std::string_view kOther = "F04F544908";

class InstallTest : public ContentFixture {
  protected:
    void SetUp() override { open_issuer(); }
    void load_only() {
        ASSERT_EQ(announce(kHello), StatusWord::kOk);
        ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    }
    unsigned state_of(std::string_view aid) const { return application(aid)->life_cycle; }
};

TEST_F(InstallTest, MakesSelectableInASecondStep) {
    load_only();
    EXPECT_EQ(to_hex(send(install_hello(0x04, "00", "C900EF03CB01")).data), "");
    EXPECT_EQ(to_hex(send(install_hello(0x04)).data), "00");
    EXPECT_EQ(state_of(kHelloModule), 0x03U);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kNotFound);
    open_issuer();
    auto selectable = install(0x08, {"", "", kHelloModule, "00"}, "EF03CF0141B6055F2002ABCD");
    EXPECT_EQ(to_hex(send(selectable).data), "00");
    EXPECT_EQ(state_of(kHelloModule), 0x07U);
    EXPECT_EQ(to_hex(application(kHelloModule)->implicit_selections), "41");
    EXPECT_EQ(to_hex(application(kHelloModule)->provider), "ABCD");
    EXPECT_EQ(sw(selectable), StatusWord::kConditionsNotSatisfied) << "it is already";
    EXPECT_EQ(sw(install(0x08, {"", "", "F04F544999", "00"})), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(sw(install(0x08, {"", "", kHelloModule})), StatusWord::kWrongData) << "a field too few";
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
}

TEST_F(InstallTest, InstancesHaveNamesOfTheirOwn) {
    load_only();
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900", "F04F54490102")), StatusWord::kOk);
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C9021234", "F04F54490103")), StatusWord::kOk);
    EXPECT_EQ(to_hex(application("F04F54490103")->parameters), "1234");
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900", "F04F54490103")), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900", kHello)), StatusWord::kConditionsNotSatisfied)
        << "a load file's";
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900", "")), StatusWord::kOk) << "by default the module's";
    EXPECT_TRUE(exists(kHelloModule));
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900", "F04F")), StatusWord::kWrongData) << "too short";
}

TEST_F(InstallTest, RefusesWhatCannotBeMade) {
    load_only();
    EXPECT_EQ(sw(install(0x0C, {kHello, "F04F54490199", "", "00"}, "C900")),
              StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(sw(install(0x0C, {"F04F544902", kHelloModule, "", "00"}, "C900")),
              StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(sw(install_hello(0x0C, "00", "")), StatusWord::kWrongData) << "C9 is mandatory";
    EXPECT_EQ(sw(install_hello(0x0C, "0000")), StatusWord::kWrongData) << "privileges of 2 bytes";
    EXPECT_EQ(sw(install_hello(0x0C, "80")), StatusWord::kWrongData) << "a domain by its privileges only";
    EXPECT_EQ(create_domain("81020370", kDomain, "008000"), StatusWord::kWrongData)
        << "a domain by its module only";
    EXPECT_EQ(sw(install_hello(0x04, "04")), StatusWord::kWrongData)
        << "Card Reset of what cannot be selected";
    EXPECT_EQ(sw(install_hello(0x04, "00", "C900EF03CF0141")), StatusWord::kWrongData) << "nor implicitly";
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900EF03CF0154")), StatusWord::kWrongData) << "channel 20";
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900EF04CF024141")), StatusWord::kWrongData);
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C900EF04CB020001")), StatusWord::kWrongData)
        << "services without the privilege";
    EXPECT_EQ(sw(install_hello(0x0C, "00", "C901")), StatusWord::kWrongData) << "cut short";
    EXPECT_EQ(sw(install_hello(0x06)), StatusWord::kIncorrectP1P2);
    EXPECT_EQ(sw(install(0x0C, {kHello, kHelloModule, kHelloModule, "00"}, "C900", 0x01)),
              StatusWord::kIncorrectP1P2);
    EXPECT_FALSE(exists(kHelloModule));
}

TEST_F(InstallTest, LoadsInstallsAndMakesSelectableInOneGo) {
    auto first = install(0x0E, {kHello, "", ""}, "B6055F2002ABCD", 0x01);
    auto last = install(0x0E, {kHello, kHelloModule, kHelloModule, "00"}, "C900EF03CF0142", 0x03);
    EXPECT_EQ(to_hex(send(first).data), "00");
    EXPECT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    EXPECT_FALSE(exists(kHello)) << "not before the end";
    EXPECT_EQ(to_hex(send(last).data), "00");
    EXPECT_EQ(state_of(kHelloModule), 0x07U);
    EXPECT_EQ(to_hex(se_.registry().load_file(Aid::constant(kHello))->provider), "ABCD");
    EXPECT_EQ(sw(first), StatusWord::kConditionsNotSatisfied) << "the load file is there";
    EXPECT_EQ(sw(last), StatusWord::kConditionsNotSatisfied) << "nothing was begun";
}

TEST_F(InstallTest, TheCombinedProcessIsDoneWholeOrNotAtAll) {
    auto first = install(0x0E, {kHello, "", ""}, "", 0x01);
    auto last = install(0x0E, {"", kHelloModule, kHelloModule, "00"}, "C900", 0x03);
    auto begin = [&] {
        EXPECT_EQ(sw(first), StatusWord::kOk);
        EXPECT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    };
    begin();
    EXPECT_EQ(sw(install(0x0E, {"F04F544902", kHelloModule, "", "00"}, "C900", 0x03)), StatusWord::kWrongData)
        << "another load file";
    begin();
    EXPECT_EQ(sw(install(0x0E, {"", "F04F54490199", "", "00"}, "C900", 0x03)),
              StatusWord::kReferencedDataNotFound)
        << "no such module";
    begin();
    EXPECT_EQ(sw("80F28002024F00"), StatusWord::kOk) << "another command";
    EXPECT_EQ(sw(last), StatusWord::kConditionsNotSatisfied) << "has ended it";
    begin();
    EXPECT_EQ(sw("80E8000001C4"), StatusWord::kConditionsNotSatisfied) << "all blocks were there";
    EXPECT_EQ(sw(first), StatusWord::kOk);
    EXPECT_EQ(sw(last), StatusWord::kConditionsNotSatisfied) << "no block was there";
    EXPECT_EQ(sw(first), StatusWord::kOk);
    EXPECT_EQ(load_blocks(from_hex("C40401020304")), StatusWord::kWrongData) << "what is wrong shows at once";
    EXPECT_FALSE(exists(kHello));
    begin();
    EXPECT_EQ(sw(last), StatusWord::kOk);
}

TEST_F(InstallTest, LoadsForAnotherDomainThatAgrees) {
    add_domain(kDomain, "80C000");
    add_domain(kOther, "808000", "81020370 820100");
    open_issuer();
    ASSERT_EQ(create_domain("81020370", "F04F544907", "808000"), StatusWord::kOk);
    EXPECT_EQ(sw(install(0x02, {kHello, kOther, ""})), StatusWord::kConditionsNotSatisfied) << "it does not";
    EXPECT_EQ(sw(install(0x02, {kHello, "F04F544907", ""})), StatusWord::kConditionsNotSatisfied)
        << "it has no keys";
    EXPECT_EQ(sw(install(0x02, {kHello, "F04F544999", ""})), StatusWord::kWrongData);
    EXPECT_EQ(sw(install(0x02, {kHello, kDomain, ""})), StatusWord::kOk);
    EXPECT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    ASSERT_EQ(sw("80F0408005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(sw(install_hello()), StatusWord::kConditionsNotSatisfied) << "a locked domain takes nothing";
    ASSERT_EQ(sw("80F0400005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(sw(install_hello()), StatusWord::kOk);
    EXPECT_EQ(application(kHelloModule)->security_domain, Aid::constant(kDomain));
    open_domain(kDomain);
    EXPECT_EQ(sw(install(0x02, {"F04F544902", kOther, ""})), StatusWord::kConditionsNotSatisfied)
        << "not below it";
}

TEST_F(InstallTest, OneDomainCannotUseTheFilesOfAnother) {
    load_only();
    add_domain(kDomain, "80C000");
    open_domain(kDomain);
    EXPECT_EQ(sw(install_hello()), StatusWord::kReferencedDataNotFound);
    // But the card's own modules.
    EXPECT_EQ(create_domain("81020370", kOther, "808000"), StatusWord::kOk);
    EXPECT_EQ(application(kOther)->security_domain, Aid::constant(kDomain));
}

TEST_F(InstallTest, OneByteOfPrivilegesIsCompleted) {
    ASSERT_EQ(create_domain("81020370", kDomain, "80"), StatusWord::kOk);
    EXPECT_EQ(application(kDomain)->privileges.bits(), 0x808000U) << "a domain is a trusted path (table 6-2)";
    load_only();
    ASSERT_EQ(sw(install_hello(0x0C, "02")), StatusWord::kOk);
    EXPECT_EQ(application(kHelloModule)->privileges.bits(), 0x020000U);
}

TEST_F(InstallTest, ALongCommandMayHaveParametersOf128BytesInShortForm) {
    load_only();
    // Length 128 in one byte, `80` (11.1.5).
    auto parameters = concat(from_hex("C97E"), Bytes(126, 0x5A));
    ByteWriter data;
    data.lv(from_hex(kHello)).lv(from_hex(kHelloModule)).lv(from_hex(kHelloModule)).lv(from_hex("00"));
    data.u8(0x80).put(parameters).u8(0);
    EXPECT_EQ(sw(CommandApdu{0x80, 0xE6, 0x0C, 0x00, data.take(), 256}), StatusWord::kOk);
    EXPECT_EQ(application(kHelloModule)->parameters.size(), 126U);
}

TEST_F(InstallTest, PersonalizesWhatIsAssociated) {
    constexpr std::string_view kSecured = "F04F54491301";
    ASSERT_EQ(load_cap("F04F544913", "tests/secured.cap"), StatusWord::kOk);
    ASSERT_EQ(sw(install(0x0C, {"F04F544913", kSecured, kSecured, "00"}, "C900")), StatusWord::kOk);
    auto personalize = [&](std::string_view aid) { return sw(install(0x20, {"", "", aid, ""})); };
    EXPECT_EQ(to_hex(send(install(0x20, {"", "", kSecured, ""})).data), "00");
    EXPECT_EQ(personalize("F04F544999"), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(sw(install(0x20, {"", "F04F544913", kSecured, ""})), StatusWord::kWrongData);
    ASSERT_EQ(sw("80F0408006F04F54491301"), StatusWord::kOk);
    EXPECT_EQ(personalize(kSecured), StatusWord::kConditionsNotSatisfied) << "it is locked";
    ASSERT_EQ(sw("80F0400006F04F54491301"), StatusWord::kOk);
    add_domain(kDomain, "80C000");
    open_domain(kDomain);
    EXPECT_EQ(personalize(kSecured), StatusWord::kConditionsNotSatisfied) << "not its own";
    add_domain(kOther, "804000");
    open_domain(kOther);
    ASSERT_EQ(sw(install(0x02, {"F04F544913", "", ""})), StatusWord::kConditionsNotSatisfied);
    open_issuer();
    ASSERT_EQ(sw(install(0x10, {kOther, "", kSecured, ""})), StatusWord::kOk);
    open_domain(kOther);
    EXPECT_EQ(personalize(kSecured), StatusWord::kConditionsNotSatisfied) << "it is no trusted path";
}

TEST_F(InstallTest, TakesTheOptionsOfDomains) {
    EXPECT_EQ(create_domain("81020370 81020360 8201F0 8301F0 840101 8700", kDomain), StatusWord::kWrongData);
    EXPECT_EQ(create_domain("81020370 81020360 8201F0 8301F0 840101 8701F0 86029F00 7001AA", kDomain),
              StatusWord::kOk);
    EXPECT_EQ(create_domain("8203F0F0F0", kOther), StatusWord::kWrongData);
    EXPECT_EQ(create_domain("9001F0", kOther), StatusWord::kWrongData) << "unknown";
    EXPECT_EQ(create_domain("81020399", kOther), StatusWord::kWrongData);
    EXPECT_EQ(create_domain("810103", kOther), StatusWord::kWrongData);
    EXPECT_EQ(create_domain("8102", kOther), StatusWord::kWrongData) << "cut short";
    EXPECT_EQ(create_domain("", kOther), StatusWord::kOk);
}

TEST_F(InstallTest, FunctionsCanBeSwitchedOffForGood) {
    load_only();
    add_domain(kDomain, "80C000");
    open_issuer();
    // Of one domain: install.
    ASSERT_EQ(sw(install(0x40, {"", "", kDomain, ""}, "EF03D90104")), StatusWord::kOk);
    open_domain(kDomain);
    EXPECT_EQ(create_domain("81020370", kOther), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(announce("F04F544902"), StatusWord::kOk) << "that it may";
    EXPECT_EQ(sw(install(0x40, {"", "", "", ""}, "EF03D90102")), StatusWord::kConditionsNotSatisfied)
        << "no Global Lock";
    // Of the card: load and delete.
    open_issuer();
    EXPECT_EQ(sw(install(0x40, {"", "", kHello, ""}, "EF03D90102")), StatusWord::kReferencedDataNotFound)
        << "a load file has no functions";
    ASSERT_EQ(sw(install(0x40, {"", "", "", ""}, "EF03D90183")), StatusWord::kOk);
    EXPECT_EQ(announce("F04F544902"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install(0x0E, {"F04F544902", "", ""}, "", 0x01)), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80E40000074F05F04F544901"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install_hello()), StatusWord::kOk);
    ASSERT_EQ(sw(install(0x40, {"", "", "", ""}, "EF03D90100")), StatusWord::kOk);
    EXPECT_EQ(announce("F04F544902"), StatusWord::kConditionsNotSatisfied) << "for good";
}

}  // namespace
}  // namespace oti::card
