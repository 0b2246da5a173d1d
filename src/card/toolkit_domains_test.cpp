// SPDX-License-Identifier: Apache-2.0
// Packets for other security domains than the issuer's: by which reference (TAR), how secure, and under whose
// keys (TS 102 226, 6.1 and 8.2.1.3.2; TS 101 220, annex D).
#include "card/toolkit_fixture.h"

namespace oti::card {
namespace {

constexpr scp::Tar kOwnTar{0xC0, 0xFF, 0xEE};
constexpr std::string_view kListDomains = "80F24000024F0000C0000000";

class ToolkitDomainsTest : public ToolkitTest {
  protected:
    /// EA, 80: priority, timers, text length, menu entries, channels, the minimum security level, the
    /// references, services (8.2.1.3.2.2.1).
    static std::string toolkit(std::string_view level, std::string_view references) {
        auto field = ByteWriter().put(from_hex("0100000000"));
        field.lv(from_hex(level)).lv(from_hex(references)).u8(0);
        return to_hex(encode_tlv(0xEA, encode_tlv(0x80, field.view())));
    }
    StatusWord create(std::string_view uicc, std::string_view aid = kDomain) {
        open_issuer();
        return sw(install(0x0C, {"A0000001515350", "A000000151535041", aid, "80C000"},
                          "C90481020370" + std::string(uicc)));
    }
};

TEST_F(ToolkitDomainsTest, AreReachedByTheReferencesOfTheirInstallation) {
    ASSERT_EQ(create(toolkit("", "C0FFEE112233")), StatusWord::kOk);
    for (auto tar : {kOwnTar, scp::Tar{0x11, 0x22, 0x33}}) {
        // Of the registry a provider's domain sees itself.
        EXPECT_EQ(run(host(tar), kListDomains), "0:02900005F04F5449000780") << "compact";
        auto expanded = run(host(tar), "AA0A220880F24000024F0000");
        EXPECT_EQ(expanded, "0:AB0F800101230A05F04F54490007809000");
    }
    EXPECT_EQ(run(host({0xC0, 0xFF, 0xEF}), kListDomains), "9:");
}

TEST_F(ToolkitDomainsTest, AreReachedByBytes13To15OfTheirNames) {
    constexpr std::string_view kName = "A0000000871002FFFFFFFF89C0FFEE00";
    ASSERT_EQ(create("", kName), StatusWord::kOk);
    EXPECT_NE(run(host(kOwnTar), kListDomains).find(kName), std::string::npos);
    // Others with that reference there cannot be.
    EXPECT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kWrongData);
    // References of the installation take the place of the name's.
    ASSERT_EQ(create(toolkit("", "112233"), "A0000000871002FFFFFFFF89ABCDEF00"), StatusWord::kOk);
    EXPECT_EQ(run(host({0xAB, 0xCD, 0xEF}), kListDomains), "9:");
    // A shorter name has none.
    ASSERT_EQ(create("", "A0000000871002FFFFFFFF89123456"), StatusWord::kOk);
    EXPECT_EQ(run(host({0x12, 0x34, 0x56}), kListDomains), "9:");
}

TEST_F(ToolkitDomainsTest, TakeNoReferenceThatSomebodyHas) {
    ASSERT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kOk);
    for (std::string_view taken : {"C0FFEE", "112233C0FFEE", "000000", "B20100", "112233112233"})
        EXPECT_EQ(create(toolkit("", taken), "F04F54490A"), StatusWord::kWrongData) << taken;
    EXPECT_FALSE(exists("F04F54490A"));
}

TEST_F(ToolkitDomainsTest, AreNotMadeWithParametersThatAreNone) {
    for (std::string_view bad : {"EA068004010000FF", "EA0A8008010000000000020C",
                                 "EA0B80090100000000000211"
                                 "22",
                                 "EA0C800A0100000000 0101 00 00 00"})
        EXPECT_EQ(create(bad), StatusWord::kWrongData) << bad;
    // Those of TS 51.011 beside them (8.2.1.3.2.2).
    open_issuer();
    EXPECT_EQ(sw(install(0x0C, {"A0000001515350", "A000000151535041", kDomain, "80C000"},
                         "C90481020370EF03CA0100" + toolkit("", "C0FFEE"))),
              StatusWord::kWrongData);
    EXPECT_FALSE(exists(kDomain));
}

TEST_F(ToolkitDomainsTest, WantTheSecurityOfTheirInstallation) {
    // Checksum, ciphered, higher counter.
    ASSERT_EQ(create(toolkit("0116", "C0FFEE")), StatusWord::kOk);
    EXPECT_EQ(run(host(kOwnTar, "1209"), kListDomains), "10:");
    EXPECT_EQ(run(host(kOwnTar, "1619"), kListDomains).substr(0, 6), "0:0290");
    EXPECT_EQ(run(host(kOwnTar, "1E19"), kListDomains).substr(0, 6), "0:0290") << "more than that";
    // The counter one higher.
    ASSERT_EQ(create(toolkit("011A", "112233"), "F04F54490A"), StatusWord::kOk);
    EXPECT_EQ(run(host({0x11, 0x22, 0x33}, "1619"), kListDomains), "10:");
    --counter_;  // the card did not count that one
    EXPECT_EQ(run(host({0x11, 0x22, 0x33}, "1A09"), kListDomains).substr(0, 6), "0:0290");
}

TEST_F(ToolkitDomainsTest, WantAChecksumWhateverTheirInstallationSays) {
    // 8.0 asks for that of all remote management of applications.
    ASSERT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kOk);
    ASSERT_EQ(create(toolkit("0100", "112233"), "F04F54490A"), StatusWord::kOk);
    for (auto tar : {kOwnTar, scp::Tar{0x11, 0x22, 0x33}}) {
        EXPECT_EQ(run(host(tar, "0001"), kListDomains), "10:");
        EXPECT_EQ(run(host(tar, "0101"), kListDomains), "10:");
        EXPECT_EQ(run(host(tar, "1101"), kListDomains), "10:") << "a redundancy check is not enough";
        EXPECT_EQ(run(host(tar, "1201"), kListDomains).substr(0, 6), "0:0290");
    }
}

TEST_F(ToolkitDomainsTest, WithoutKeysOfTheirOwnHaveThoseOfTheDomainAbove) {
    ASSERT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kOk);
    EXPECT_EQ(run(host(kOwnTar), kListDomains).substr(0, 6), "0:0290");
    put_key(kDomain, {5, kKeyEnc}, {{KeyType::kAes, kDek}});
    put_key(kDomain, {5, kKeyMac}, {{KeyType::kAes, kKic}});
    put_key(kDomain, {5, kKeyDek}, {{KeyType::kAes, kKid}});
    EXPECT_EQ(run(host(kOwnTar), kListDomains), "6:") << "the issuer's are no longer its keys";
    // And a counter of its own.
    counter_ = 0;
    EXPECT_EQ(run(host(kOwnTar, "1619", 5, kDek, kKic, 8), kListDomains).substr(0, 6), "0:0290");
}

TEST_F(ToolkitDomainsTest, TakeNothingWhileTheyAreLocked) {
    ASSERT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kOk);
    ASSERT_EQ(sw("80F0408005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(run(host(kOwnTar), kListDomains), "9:");
}

TEST_F(ToolkitDomainsTest, ReferencesGoWithThem) {
    ASSERT_EQ(create(toolkit("", "C0FFEE")), StatusWord::kOk);
    ASSERT_EQ(sw("80E4000007 4F05F04F544900"), StatusWord::kOk);
    EXPECT_EQ(run(host(kOwnTar), kListDomains), "9:");
    EXPECT_EQ(create(toolkit("", "C0FFEE"), "F04F54490A"), StatusWord::kOk);
}

}  // namespace
}  // namespace oti::card
