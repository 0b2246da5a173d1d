// SPDX-License-Identifier: Apache-2.0
#include "card/secure_element.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;
using ::testing::Not;
using testing::Terminal;

TEST_F(SecureElementTest, SelectsTheIssuersDomainByDefaultAndByPartialName) {
    auto fci = terminal_.plain("00A4040000");
    EXPECT_EQ(to_hex(fci.data), "6F108408A000000151000000A5049F6501FF");
    EXPECT_EQ(terminal_.plain("00A4040005A000000151").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040005A000000999").sw, StatusWord::kNotFound);
    EXPECT_EQ(terminal_.plain("00A4040205A000000151").sw, StatusWord::kNotFound) << "no next one";
}

TEST_F(SecureElementTest, GivesItsPublicData) {
    EXPECT_EQ(to_hex(terminal_.plain("80CA004200").data), "4204F04F5449");
    EXPECT_EQ(terminal_.plain("80CA004500").data.size(), 10U);
    EXPECT_EQ(terminal_.plain("80CA9F7F00").data.size(), 45U);
    EXPECT_THAT(to_hex(terminal_.plain("80CA006600").data), HasSubstr("2A864886FC6B040370"));
    EXPECT_EQ(to_hex(terminal_.plain("80CA00E000").data), "E012C00401308810C00402308810C00403308810");
    EXPECT_EQ(to_hex(terminal_.plain("80CA00C100").data), "C103000000");
    EXPECT_EQ(terminal_.plain("80CA00CF00").data.size(), 12U);
    EXPECT_EQ(terminal_.plain("80CA123400").sw, StatusWord::kReferencedDataNotFound);
}

TEST_F(SecureElementTest, OpensASecureChannelAndListsItself) {
    open_issuer();
    EXPECT_THAT(list("80"), HasSubstr("4F08A0000001510000009F70010FC5039EFE80"));
    EXPECT_THAT(list("20"), HasSubstr("4F07A0000000620101"));
    EXPECT_THAT(list("10"), HasSubstr("8408A000000151535041"));
    EXPECT_EQ(terminal_.sw("80F24002024F00"), StatusWord::kReferencedDataNotFound);
}

TEST_F(SecureElementTest, CountsChallengesDurably) {
    open_issuer();
    EXPECT_EQ(*terminal_.update->sequence_counter, 1U);
    auto first = terminal_.update->card_challenge;
    auto again = testing::reopen(random_, medium_);
    Terminal other(again);
    ASSERT_EQ(other.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(*other.update->sequence_counter, 2U);
    EXPECT_NE(other.update->card_challenge, first);
}

TEST_F(SecureElementTest, RefusesManagementWithoutAuthentication) {
    EXPECT_EQ(terminal_.plain("80F28002024F00").sw, StatusWord::kSecurityStatus);
    EXPECT_EQ(terminal_.plain("80E40000074F05F04F544901").sw, StatusWord::kSecurityStatus);
    ASSERT_EQ(terminal_.open(kIssuer, keys_of(kTestKey), scp::SecurityLevel::kNone), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("80F28002024F00").sw, StatusWord::kSecurityStatus) << "without C-MAC";
}

TEST_F(SecureElementTest, AChangedCommandEndsTheSession) {
    open_issuer();
    auto wrapped = must(terminal_.host_->wrap(must(CommandApdu::parse(from_hex("80F28002024F00")))));
    wrapped.back() ^= 1;
    wrapped[wrapped.size() - 2] ^= 1;
    EXPECT_EQ(terminal_.plain(wrapped).sw, StatusWord::kSecurityStatus);
    EXPECT_EQ(terminal_.sw("80F28002024F00"), StatusWord::kSecurityStatus);
}

TEST_F(SecureElementTest, CreatesADomainThatInheritsKeysUntilItHasItsOwn) {
    create_personalized_domain();
    auto entry = se_.registry().application(Aid::constant(kDomain));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->life_cycle, 0x0F);
    EXPECT_EQ(terminal_.update->key_version, scp::KeyVersion(0x31));
    EXPECT_EQ(*terminal_.update->sequence_counter, 1U) << "of a new key set";
    EXPECT_THAT(list("40"), HasSubstr("4F05F04F544900"));
    EXPECT_EQ(list("80"), "") << "the issuer is not the domain's to see";
    // The issuer's keys open it no more.
    EXPECT_THROW(terminal_.open(kDomain, keys_of(kTestKey)), std::runtime_error);
}

TEST_F(SecureElementTest, RefusesADomainWithOptionsThatItCannotDo) {
    open_issuer();
    EXPECT_EQ(create_domain("81020371"), StatusWord::kWrongData) << "S16";
    EXPECT_EQ(create_domain("81020255"), StatusWord::kWrongData) << "SCP02";
    EXPECT_EQ(create_domain("8101"), StatusWord::kWrongData);
    EXPECT_EQ(create_domain(""), StatusWord::kOk);
    EXPECT_EQ(create_domain(""), StatusWord::kConditionsNotSatisfied) << "is there already";
}

TEST_F(SecureElementTest, TakesKeysInBothEncodingsAndAllLengths) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    auto response = put_keys(kTestKey, 0, 0x31, kOwnKey, false);
    // Check value of 00..0F by GPCS 2.3.1, B.6.
    EXPECT_EQ(to_hex(response.data), "31C35280C35280C35280");
    const std::string key192 = std::string(kOwnKey) + "1011121314151617";
    const std::string key256 = key192 + "18191A1B1C1D1E1F";
    auto open = [&](std::string_view key, std::uint8_t version) {
        terminal_.plain("00A4040005F04F544900");
        return terminal_.authenticate(keys_of(key), scp::SecurityLevel::kFull, version);
    };
    ASSERT_EQ(open(kOwnKey, 0x31), StatusWord::kOk);
    ASSERT_EQ(put_keys(kOwnKey, 0, 0x32, key192).sw, StatusWord::kOk);
    ASSERT_EQ(open(key192, 0x32), StatusWord::kOk);
    ASSERT_EQ(put_keys(key192, 0, 0x33, key256).sw, StatusWord::kOk);
    ASSERT_EQ(open(key256, 0x33), StatusWord::kOk);
    EXPECT_EQ(put_keys(key256, 0x34, 0x35, kOwnKey).sw, StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(put_keys(key256, 0x33, 0x33, kOwnKey).sw, StatusWord::kWrongData) << "of another length";
    EXPECT_EQ(put_keys(kTestKey, 0x31, 0x35, kOwnKey).sw, StatusWord::kSecurityStatus)
        << "check value under another DEK";
    ASSERT_EQ(open(key256, 0x33), StatusWord::kOk) << "nothing was changed";
}

TEST_F(SecureElementTest, LoadsInstallsAndDeletesAnApplet) {
    create_personalized_domain();
    load_hello();
    EXPECT_THAT(list("40"), HasSubstr("4F06F04F544901019F700107"));
    EXPECT_THAT(list("10"), HasSubstr("4F05F04F5449019F700101CE0201008406F04F54490101CC05F04F544900"));
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.plain("8010000002").data), "0001") << "it counts";
    EXPECT_EQ(to_hex(terminal_.plain("8010000002").data), "0002");
    se_ = testing::reopen(random_, medium_);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.plain("8020000002").data), "0002") << "and remembers";

    ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544901"), StatusWord::kConditionsNotSatisfied)
        << "has an instance";
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kOk);
    EXPECT_THAT(list("40"), Not(HasSubstr("F04F54490101")));
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kNotFound);
}

TEST_F(SecureElementTest, TheLoadFileMustBeWholeAndInOrder) {
    create_personalized_domain();
    auto file = load_file("hello.cap");
    EXPECT_EQ(terminal_.sw("80E8000001C4"), StatusWord::kConditionsNotSatisfied) << "nothing was announced";
    ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E8000101C4"), StatusWord::kIncorrectP1P2) << "the first block is block 0";
    ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
    EXPECT_EQ(load_blocks(BytesView(file).first(file.size() - 1)), StatusWord::kWrongData);
    ASSERT_EQ(announce("F04F544909"), StatusWord::kOk);
    EXPECT_EQ(load_blocks(file), StatusWord::kWrongData) << "another AID than announced";
    EXPECT_EQ(announce("F04F544901", "EF06C60400100000"), StatusWord::kNoSpace);
    ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
    EXPECT_EQ(list("20"), "") << "and any other command ends a load";
    EXPECT_EQ(load_blocks(file), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(list("20"), "");
}

TEST_F(SecureElementTest, RefusesAPackageWhoseImportsAreMissing) {
    auto old = must(load_profile("uicc-2024"));
    std::erase_if(old.profile.packages, [](const auto& p) { return p.aid.hex() == "A0000000620201"; });
    Personalization personalization{keys_of(kTestKey), 0x30, Personalization::identity_for("x")};
    auto se = must(SecureElement::create(std::make_unique<MemoryNvmFile>(), old, personalization, random_));
    terminal_ = Terminal(se);
    open_issuer();
    ASSERT_EQ(announce("F04F544902"), StatusWord::kOk);
    EXPECT_EQ(load_blocks(load_file("transit-1.0.cap")), StatusWord::kWrongData);
}

TEST_F(SecureElementTest, ADomainManagesItsOwnContentOnly) {
    open_issuer();
    load_hello();
    create_personalized_domain();
    EXPECT_EQ(list("20"), "") << "the issuer's load file is not in sight";
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080 0A4F08A000000151000000"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080 07 4F05F04F544900"), StatusWord::kConditionsNotSatisfied) << "itself";
    EXPECT_EQ(terminal_.sw("80E60C001C 05F04F544901 06F04F54490101 06F04F54490201 0100 02C900 00 0000"),
              StatusWord::kWrongData)
        << "bytes too many";
    EXPECT_EQ(terminal_.sw("80E60C001A 05F04F544901 06F04F54490101 06F04F54490201 0100 02C900 00"),
              StatusWord::kReferencedDataNotFound)
        << "another one's load file";
}

TEST_F(SecureElementTest, ADomainGoesWithAllItsContent) {
    create_personalized_domain();
    load_hello();
    open_issuer();
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544900"), StatusWord::kConditionsNotSatisfied) << "not empty";
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80F24002024F00"), StatusWord::kReferencedDataNotFound);
    EXPECT_FALSE(se_.registry().load_file(Aid::constant("F04F544901")));
    EXPECT_TRUE(se_.keys().versions(Aid::constant(kDomain)).empty());
}

TEST_F(SecureElementTest, GivesALongListInParts) {
    open_issuer();
    for (const auto* aid : {"F04F5449A1", "F04F5449A2", "F04F5449A3", "F04F5449A4", "F04F5449A5",
                            "F04F5449A6", "F04F5449A7", "F04F5449A8"}) {
        ASSERT_EQ(create_domain("81020370", aid), StatusWord::kOk);
    }
    auto first = terminal_.send("80F24002024F00");
    ASSERT_EQ(first.sw, StatusWord::kMoreData);
    auto second = terminal_.send("80F24003024F00");
    EXPECT_EQ(second.sw, StatusWord::kOk);
    auto all = concat(first.data, second.data);
    EXPECT_EQ(must(read_all_tlv(all, "list")).size(), 8U);
    EXPECT_EQ(terminal_.sw("80F24003024F00"), StatusWord::kConditionsNotSatisfied) << "there was no more";
    EXPECT_EQ(to_hex(terminal_.send("80F22002 09 4F07A0000000620102").data),
              "E31B4F07A00000006201029F700101CE020106CC08A000000151000000");
}

TEST_F(SecureElementTest, LocksAndUnlocks) {
    create_personalized_domain();
    load_hello();
    EXPECT_EQ(terminal_.sw("80F0408006F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kNotFound);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80F0408006F04F54490101"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80F0400006F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80F0807F00"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kFunctionNotSupported);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80F0800F00"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
}

TEST_F(SecureElementTest, RefusesWhatIsNoCommand) {
    EXPECT_EQ(terminal_.plain("").sw, StatusWord::kWrongLength);
    EXPECT_EQ(terminal_.plain("00A404").sw, StatusWord::kWrongLength);
    EXPECT_EQ(terminal_.plain("80CA9F7F000100").sw, StatusWord::kWrongLength) << "extended length";
    EXPECT_EQ(terminal_.plain("80FF0000").sw, StatusWord::kInsNotSupported);
    EXPECT_EQ(terminal_.plain("FFCA000000").sw, StatusWord::kClaNotSupported);
}

TEST(SecureElementProfiles, TheEmbeddedOneSpeaksS16WithLongCommands) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "ese-2024");
    Terminal terminal(se);
    EXPECT_THAT(to_hex(terminal.plain("00A4040000").data), HasSubstr("9F65020800"));
    EXPECT_EQ(terminal.authenticate(keys_of(kTestKey)), StatusWord::kWrongLength) << "a challenge of 8 bytes";
    ASSERT_EQ(terminal.authenticate(keys_of(kTestKey), scp::SecurityLevel::kFull, 0, 16), StatusWord::kOk);
    ByteWriter data;
    data.lv(from_hex("F04F544902")).u8(0).u8(0).u8(0).u8(0);
    ASSERT_EQ(terminal.send(CommandApdu{0x80, 0xE6, 0x02, 0x00, data.take(), 256}).sw, StatusWord::kOk);
    auto file = cap::load_file(
        must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/transit-1.0.cap")).load_file_data_block());
    auto size = terminal.host_->max_data(2048);
    std::uint8_t number = 0;
    for (std::size_t at = 0; at < file.size(); at += size, ++number) {
        auto block = BytesView(file).subspan(at, std::min(size, file.size() - at));
        auto p1 = static_cast<std::uint8_t>(at + block.size() == file.size() ? 0x80 : 0x00);
        ASSERT_EQ(terminal.send(CommandApdu{0x80, 0xE8, p1, number, to_bytes(block), 256}).sw,
                  StatusWord::kOk);
    }
    EXPECT_EQ(number, 5);
}

TEST(SecureElementProfiles, AreListedWhenOneIsUnknown) {
    auto error = load_profile("uicc-1999").error();
    EXPECT_EQ(error.code, "profile.unknown");
    EXPECT_THAT(error.hint, HasSubstr("ese-2024, legacy-scp02, uicc-2014, uicc-2024"));
    EXPECT_EQ(Profile::parse("x", "gp_version = ").error().code, "profile.invalid");
    EXPECT_THAT(Profile::parse("x", "gp_version = \"2.3.1\"\nscp03_i = 900").error().message,
                HasSubstr("'scp03_i'"));
}

TEST(SecureElementImage, RefusesAnotherFile) {
    crypto::SystemRandom random;
    auto empty = SecureElement::open(std::make_unique<MemoryNvmFile>(), random);
    EXPECT_EQ(empty.error().code, "se.format");
    auto medium = std::make_shared<MemoryMedium>();
    testing::make_se(random, "uicc-2024", medium);
    Personalization personalization{keys_of(kTestKey), 0x30, {}};
    auto again = SecureElement::create(std::make_unique<MemoryNvmFile>(medium),
                                       must(load_profile("uicc-2024")), personalization, random);
    EXPECT_EQ(again.error().code, "se.exists");
}

}  // namespace
}  // namespace oti::card
