// SPDX-License-Identifier: Apache-2.0
// What cards tell of themselves. Unless said otherwise the data are those of real cards in
// martinpaljak/GlobalPlatformPro, library/src/test/java/pro/javacard/gp/test.
#include "globalplatform/card_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "globalplatform/card_capability.h"
#include "globalplatform/card_recognition.h"
#include "globalplatform/cplc.h"
#include "globalplatform/key_information.h"
#include "globalplatform/names.h"

namespace oti::globalplatform {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::IsEmpty;

// TestParseTags.testOther
TEST(CardRecognition, ReadsBothFormats) {
    auto old =
        CardRecognition::parse(
            from_hex("664C734A06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06"
                     "092A864886FC6B040215650B06092B8510864864020103660C060A2B060104012A026E0102"))
            .value();
    EXPECT_EQ(old.version, "2.1.1");
    EXPECT_TRUE(old.identified_by_iin_and_cin);
    EXPECT_THAT(old.channels, ElementsAre(ChannelProtocol{0x02, 0x15}));
    EXPECT_THAT(old.configuration_oids, ElementsAre("1.3.656.840.100.2.1.3"));
    ASSERT_EQ(old.chip_oids.size(), 1U);
    EXPECT_EQ(oid_meaning(old.chip_oids[0]), "Java Card 2.2.x");

    auto recent =
        CardRecognition::parse(
            from_hex(
                "6657735506072A864886FC6B01600B06092A864886FC6B020202630906072A864886FC6B03640B06092A864886FC"
                "6B040370640B06092A864886FC6B048000650A06082A864886FC6B0504660C060A2B060104012A026E0103"))
            .value();
    EXPECT_EQ(recent.version, "2.2");
    EXPECT_THAT(recent.channels, ElementsAre(ChannelProtocol{0x03, 0x70}, ChannelProtocol{0x80, 0x00}));
    EXPECT_EQ(oid_meaning(recent.chip_oids.at(0)), "Java Card 3");
}

TEST(CardRecognition, RefusesWhatIsCutOrSomethingElse) {
    auto whole = from_hex("661973170607 2A864886FC6B01600C060A2A864886FC6B02020201");
    ASSERT_TRUE(CardRecognition::parse(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(CardRecognition::parse(BytesView(whole).first(size))) << size;
    EXPECT_FALSE(CardRecognition::parse(from_hex("670173")));
    EXPECT_FALSE(CardRecognition::parse(from_hex("66028100")));
}

TEST(ChannelProtocol, SaysItsOptions) {
    EXPECT_EQ(describe(ChannelProtocol{0x03, 0x70}),
              "SCP03 i=70: S8, pseudo-random challenge, R-MAC, R-ENCRYPTION");
    EXPECT_EQ(describe(ChannelProtocol{0x03, 0x01}), "SCP03 i=01: S16, random challenge");
    EXPECT_EQ(describe(ChannelProtocol{0x02, 0x15}),
              "SCP02 i=15: three keys, C-MAC on the modified command, explicit initiation, ICV is zero, ICV "
              "encryption, random challenge");
}

// TestParseTags.testPrintCardCapabilities
TEST(CardCapability, ReadsWhatACardCanDo) {
    auto card =
        CardCapability::parse(from_hex("6735A00E8001038106001020306070820107A007800102810215558103FF9E0082"
                                       "031E160083010284018F8502FF028602FF028702FF02"))
            .value();
    ASSERT_EQ(card.channels.size(), 2U);
    EXPECT_EQ(card.channels[0].protocol, 0x03);
    EXPECT_THAT(card.channels[0].options, ElementsAre(0x00, 0x10, 0x20, 0x30, 0x60, 0x70));
    EXPECT_THAT(card.channels[0].aes_keys, ElementsAre("AES-128", "AES-192", "AES-256"));
    EXPECT_EQ(card.domain_privileges, (Privileges{0xFF, 0x9E, 0x00}));
    EXPECT_THAT(card.load_file_hashes, ElementsAre("SHA-256"));
    EXPECT_EQ(card.load_file_ciphers.back(), "with an ICV");
    EXPECT_EQ(card.dap_signatures.size(), 9U);
    EXPECT_EQ(card.dap_signatures.back(), "ECDSA-521 with SHA-512");
}

// TestParseTags.testBrokenPrintCardCapabilities
TEST(CardCapability, TakesOffTheSecond67ThatSomeCardsHave) {
    auto whole = CardCapability::parse(from_hex(
        "673A6738A006800102810155A00A8001038102001082010781039EFE8082031E03008301028504010208408602040887"
        "040102084088050102030405"));
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->channels.size(), 2U);
    EXPECT_THAT(whole->key_parameter_references, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_FALSE(CardCapability::parse(from_hex("6705A00280FF")));
}

// TestGPKeyInfo
TEST(KeyInformation, ReadsBasicEntries) {
    auto keys = parse_key_information(
                    from_hex("E020C00401018820C00402018820C00403018820C0060170A180A003C00401718010"))
                    .value();
    ASSERT_EQ(keys.size(), 5U);
    EXPECT_EQ(describe(keys[0]), "AES-256");
    EXPECT_EQ(keys[3].version, 0x70);
    EXPECT_EQ(describe(keys[3]), "RSA-1024 public key");
    EXPECT_EQ(describe(keys[4]), "triple DES");
}

TEST(KeyInformation, ReadsExtendedEntries) {
    auto keys = parse_key_information(
        from_hex("E021C00401018010C00402018010C00403018010C00D0173FFA10080A0000301840100"));
    ASSERT_TRUE(keys) << keys.error().message;
    ASSERT_EQ(keys->size(), 4U);
    EXPECT_EQ(describe(keys->at(3)), "RSA-1024 public key");
    EXPECT_EQ(keys->at(3).components.at(1).type, 0xA0) << "without the FF that its type should have";
    EXPECT_EQ(keys->at(3).usage, 0x84) << "DAP";
    EXPECT_EQ(keys->at(3).access, 0x00);
    auto many =
        parse_key_information(
            from_hex(
                "E081B0C00A0120FF80001001000100C00A0220FF80001001000100C00A0320FF80001001000100C00A0101FF"
                "80001001000100C00A0201FF80001001000100C00A0301FF80001001000100C00A0102FF88001001000100C0"
                "0E0202FF880010FF10000101000100C00A0302FF88001001000100C00A0103FF88001001000100C00E0203FF"
                "880010FF10000101000100C00A0303FF88001001000100C00A1403FF85001001000100C00A1503FF88001001"
                "000100"))
            .value();
    ASSERT_EQ(many.size(), 14U);
    EXPECT_EQ(describe(many[0]), "triple DES");
    EXPECT_EQ(describe(many[6]), "AES-128");
    EXPECT_EQ(many[0].usage, 0x00);
    EXPECT_EQ(many[0].access, 0x00);
    EXPECT_EQ(many[7].components.size(), 2U);
    EXPECT_EQ(describe(many[12]), "pre-shared key for TLS");
}

TEST(KeyInformation, ReadsTheEmptyTemplate) {
    EXPECT_THAT(parse_key_information(from_hex("E000")).value(), IsEmpty());
    EXPECT_FALSE(parse_key_information(from_hex("E002C001")));
    EXPECT_FALSE(parse_key_information(from_hex("E003C00101")));
}

// Dates and their meaning: TestParseTags.testCPLCDateParse.
TEST(Cplc, ReadsDatesOfTheLastTenYears) {
    auto day = [](int y, unsigned m, unsigned d) {
        return year(y) / static_cast<int>(m) / static_cast<int>(d);
    };
    auto text = from_hex("1210");
    EXPECT_EQ(Cplc::date(text, day(2021, 7, 30)), day(2021, 7, 29));
    EXPECT_EQ(Cplc::date(text, day(2021, 7, 29)), day(2021, 7, 29));
    EXPECT_EQ(Cplc::date(text, day(2021, 7, 28)), day(2011, 7, 29));
    EXPECT_EQ(Cplc::date(from_hex("0000"), day(2021, 7, 30)), std::nullopt);
    EXPECT_EQ(Cplc::date(from_hex("FFFF"), day(2021, 7, 30)), std::nullopt);
    EXPECT_EQ(Cplc::date(from_hex("1410"), day(2021, 7, 30)), std::nullopt);
    EXPECT_EQ(Cplc::date(from_hex("1366"), day(2021, 7, 30)), std::nullopt) << "2021 has 365 days";
}

// The layout is that of 42 bytes, each field with its offset as its content.
TEST(Cplc, NamesItsFields) {
    Bytes bytes = from_hex("9F7F2A4790");
    for (unsigned at = 2; at < 42; ++at) bytes.push_back(static_cast<std::uint8_t>(at));
    auto cplc = Cplc::parse(bytes).value();
    ASSERT_EQ(cplc.fields.size(), 18U);
    EXPECT_EQ(cplc.fabricator(), "NXP");
    EXPECT_EQ(cplc.fields[6].name, "IC serial number");
    EXPECT_EQ(cplc.fields[6].value, from_hex("0C0D0E0F"));
    EXPECT_EQ(cplc.fields[17].value, from_hex("26272829"));
    EXPECT_TRUE(Cplc::parse(BytesView(bytes).subspan(3))) << "without tag and length too";
    // TestParseTags.testCPLCTagless
    EXPECT_FALSE(Cplc::parse(from_hex("FF401AE218E116C1144434050D9648B771CB3500D5398D36CE3F1C23A4")));
}

// ETSI TS 102 226, 8.2.1.7.2: the structure; the figures are ours.
TEST(CardResources, ReadsNumbersOfAnyLength) {
    auto resources =
        CardResources::parse(from_hex("FF2110 810102 8204 00012345 83 02 0A00 84 01 00")).value();
    EXPECT_EQ(resources.applications, 2U);
    EXPECT_EQ(resources.free_non_volatile, 0x12345U);
    EXPECT_EQ(resources.free_volatile, 0x0A00U);
    EXPECT_FALSE(CardResources::parse(from_hex("FF210B 8209 010203040506070809")));
}

TEST(ApplicationList, ReadsTemplates) {
    auto list = parse_application_list(from_hex("6107 4F05F04F544902 6108 4F06F04F54490201")).value();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].hex(), "F04F54490201");
    EXPECT_FALSE(parse_application_list(from_hex("6103 4F01F0")));
}

TEST(Fci, NamesTheSelectedApplication) {
    EXPECT_EQ(aid_of_fci(from_hex("6F108408A000000151000000A5049F6501FF"))->hex(), "A000000151000000");
    EXPECT_FALSE(aid_of_fci(from_hex("6F00")));
    EXPECT_FALSE(aid_of_fci(from_hex("8408A0")));
}

// TestParseTags.testParsePartialISD: implicit selection on four channels of each interface.
TEST(Registry, ReadsTheIssuersDomainWithImplicitSelection) {
    auto data = from_hex(
        "E3464F08A0000000030000009F700101C5039EFE80CF0140CF0141CF0142CF0143CF0180CF0181CF0182CF0183C40BD27600"
        "0005"
        "AAFFCAFE0001CE020001CC08A000000003000000");
    auto registry = parse_registry({{Element::kIssuerSecurityDomain, false, {data}}}).value();
    ASSERT_TRUE(registry.issuer_domain);
    EXPECT_EQ(registry.issuer_domain->aid.hex(), "A000000003000000");
    EXPECT_EQ(card_life_cycle(registry.issuer_domain->life_cycle), "OP_READY");
    EXPECT_EQ(registry.issuer_domain->implicit_selection.size(), 8U);
    EXPECT_EQ(implicit_selection_name(registry.issuer_domain->implicit_selection[7]),
              "contactless, logical channel 3");
    EXPECT_EQ(names_of(registry.issuer_domain->privileges).size(), 13U);
    // TestParseTags.testParseISD
    auto minimal = parse_registry({{Element::kIssuerSecurityDomain,
                                    false,
                                    {from_hex("E3144F07A00000015100009F700107C50180EA028000")}}})
                       .value();
    EXPECT_EQ(card_life_cycle(minimal.issuer_domain->life_cycle), "INITIALIZED");
    EXPECT_EQ(names_of(minimal.issuer_domain->privileges), std::vector<std::string>{"security-domain"});
}

// GPCS 2.1.1, tables 9-22 and 9-23.
TEST(Registry, ReadsTheFormWithoutTags) {
    RegistryRead applications{
        Element::kApplications, false, {from_hex("05F04F544902 07 04 06F04F54490201 83 00")}};
    RegistryRead files{
        Element::kLoadFilesAndModules,
        false,
        {from_hex("05F04F544902 01 00 02 06F04F54490201 06F04F54490202 05F04F544903 01 00 00")}};
    applications.tlv = files.tlv = false;
    auto registry = parse_registry({applications, files}).value();
    ASSERT_EQ(registry.applications.size(), 2U);
    EXPECT_EQ(names_of(registry.applications[0].privileges), std::vector<std::string>{"card-reset"});
    EXPECT_EQ(life_cycle_of(registry.applications[1]), "locked (was installed)");
    ASSERT_EQ(registry.load_files.size(), 2U);
    EXPECT_EQ(registry.load_files[0].modules.size(), 2U);
    files.response.data.pop_back();
    EXPECT_FALSE(parse_registry({files}));
}

TEST(Privileges, AreReadAndWrittenByName) {
    EXPECT_EQ(parse_privileges("9EFE80").value(), (Privileges{0x9E, 0xFE, 0x80}));
    EXPECT_EQ(parse_privileges("04").value(), (Privileges{0x04, 0x00, 0x00}));
    EXPECT_EQ(parse_privileges("security-domain,trusted-path,authorized-management").value(),
              kProviderDomainPrivileges);
    auto wrong = parse_privileges("security-domain,everything");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, "privileges.unknown");
}

}  // namespace
}  // namespace oti::globalplatform
