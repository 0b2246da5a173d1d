// SPDX-License-Identifier: Apache-2.0
// A domain's keys, counters, data and lists.
#include <gmock/gmock.h>

#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;
using testing::Terminal;

using DomainTest = SecureElementTest;

TEST_F(DomainTest, AtTheEndOfItsCounterAKeySetIsDead) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    {
        // The image of a card that was used sixteen million times.
        auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium_)));
        KeyStore(nvm).set_sequence_counter(Aid::constant(kIssuer), 0x30, kMaxSequenceCounter - 1);
        ASSERT_TRUE(nvm.commit());
    }
    auto worn = testing::reopen(random_, medium_);
    Terminal terminal(worn);
    ASSERT_EQ(terminal.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(*terminal.update->sequence_counter, kMaxSequenceCounter);
    EXPECT_EQ(terminal.open(kIssuer, keys_of(kTestKey)), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal.open(kDomain, keys_of(kTestKey)), StatusWord::kConditionsNotSatisfied)
        << "it uses the same keys";
}

TEST_F(DomainTest, TheHostCanComputeTheChallengeBeforehand) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kOk);
    // Inherited keys count with the domain that holds them, the challenge is for the one that is opened.
    auto counter = terminal_.plain("80CA00C100").data;
    EXPECT_EQ(to_hex(counter), "C103000001");
    auto diversification = terminal_.plain("80CA00CF00").data;
    auto kdd = BytesView(diversification).subspan(2);
    Bytes challenge(8, 0x77);
    auto predicted = must(scp::InitializeUpdateResponse::predict(
        keys_of(kTestKey), kdd, scp::KeyVersion(0x30), scp::Scp03Options::from_i(0x70), 2,
        Aid::constant(kDomain), challenge));
    auto response = terminal_.plain(scp::initialize_update(scp::KeyVersion(0), challenge).encode());
    EXPECT_EQ(to_hex(response.data), to_hex(predicted.encode()));
}

TEST_F(DomainTest, ChallengesAreRandomWhereTheDomainSaysSo) {
    open_issuer();
    ASSERT_EQ(create_domain("81020360"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_FALSE(terminal_.update->sequence_counter);
    auto first = terminal_.update->card_challenge;
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_NE(terminal_.update->card_challenge, first);
}

TEST_F(DomainTest, AnUnknownKeyVersionIsSaidToBeSo) {
    EXPECT_EQ(terminal_.authenticate(keys_of(kTestKey), scp::SecurityLevel::kFull, 0x31),
              StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(terminal_.plain("80500000091122334455667788990000").sw, StatusWord::kWrongLength);
}

TEST_F(DomainTest, HasRoomForSoManyKeySets) {
    open_issuer();
    StatusWord sw = StatusWord::kOk;
    unsigned sets = 1;
    for (std::uint8_t version = 0x31; sw == StatusWord::kOk && sets <= kMaxKeys / 3; ++version) {
        sw = put_keys(kTestKey, 0, version, kOwnKey).sw;
        if (sw == StatusWord::kOk) ++sets;
    }
    EXPECT_EQ(sets, kMaxKeys / 3);
    EXPECT_EQ(sw, StatusWord::kNoSpace);
    auto information = terminal_.send("80CA00E000");
    EXPECT_EQ(information.sw, StatusWord::kOk);
    EXPECT_LE(information.data.size(), 239U) << "in one protected response";
    EXPECT_EQ(put_keys(kTestKey, 0x31, 0x41, kOwnKey).sw, StatusWord::kOk) << "in the place of another";
}

TEST_F(DomainTest, RefusesKeysThatItCannotTrust) {
    open_issuer();
    EXPECT_EQ(put_keys(kTestKey, 0, 0x30, kOwnKey).sw, StatusWord::kWrongData) << "the version is there";
    EXPECT_EQ(put_keys(kTestKey, 0, 0x80, kOwnKey).sw, StatusWord::kWrongData);
    EXPECT_EQ(put_keys(kTestKey, 0, 0x00, kOwnKey).sw, StatusWord::kWrongData);
    EXPECT_EQ(terminal_.sw("80D8008101 31"), StatusWord::kWrongData) << "no keys";
    EXPECT_EQ(terminal_.sw("80D8000101 31"), StatusWord::kWrongData) << "not even one";
    EXPECT_EQ(terminal_.sw("80D8008106 31 8001 00 00 88"), StatusWord::kWrongData) << "DES";
    EXPECT_EQ(se_.keys().versions(Aid::constant(kIssuer)), std::vector<std::uint8_t>{0x30});
}

TEST_F(DomainTest, KeepsItsOwnNumbers) {
    create_personalized_domain();
    EXPECT_EQ(terminal_.sw("80E2000004 4202AAAA"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E2800204 4502BBBB"), StatusWord::kIncorrectP1P2) << "block 1 was due";
    EXPECT_EQ(terminal_.sw("80E2900004 4502BBBB"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E2800004 4302BBBB"), StatusWord::kWrongData) << "another tag";
    EXPECT_EQ(terminal_.sw("80E2800004 42034444"), StatusWord::kWrongData) << "cut short";
    EXPECT_EQ(terminal_.send({0x80, 0xE2, 0x80, 0x00, encode_tlv(0x42, Bytes(65)), 0}).sw,
              StatusWord::kWrongData);
    EXPECT_EQ(to_hex(terminal_.send("80CA004200").data), "4202AAAA");
    EXPECT_EQ(to_hex(terminal_.send("80CA004500").data), "4502BBBB");
    open_issuer();
    EXPECT_EQ(to_hex(terminal_.send("80CA004200").data), "4204F04F5449") << "the issuer's are another matter";
    ASSERT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.plain("80CA004200").data), "4204F04F5449") << "gone with the domain";
}

TEST_F(DomainTest, AnApplicationThatTakesNoDataIsNotPersonalized) {
    create_personalized_domain();
    load_hello();
    EXPECT_EQ(terminal_.sw("80E620000C 00 00 06F04F54490101 00 00 00"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E2800004 4202AAAA"), StatusWord::kOk) << "for the domain";
    EXPECT_EQ(terminal_.sw("80E620000B 00 00 05F04F544999 00 00 00"), StatusWord::kReferencedDataNotFound);
}

TEST_F(DomainTest, IsGivenDataByTheDomainThatItIsAssociatedWith) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    auto before = to_hex(terminal_.send("80CA004200").data);
    ASSERT_EQ(before, "4204F04F5449");
    ASSERT_EQ(terminal_.sw("80E620000B 00 00 05F04F544900 00 00 00"), StatusWord::kOk);
    ASSERT_EQ(terminal_.sw("80E2900004 4202AAAA"), StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.send("80CA004200").data), before) << "the issuer's is another matter";
    ASSERT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.plain("80CA004200").data), "4202AAAA");
}

TEST_F(DomainTest, ListsInTheOldFormToo) {
    create_personalized_domain();
    load_hello();
    EXPECT_EQ(to_hex(terminal_.send("80F24000024F00").data),
              "05F04F5449000F80"
              "06F04F544901010700");
    EXPECT_EQ(to_hex(terminal_.send("80F22000024F00").data), "05F04F5449010100");
    EXPECT_EQ(to_hex(terminal_.send("80F21000024F00").data), "05F04F54490101000106F04F54490101");
}

TEST_F(DomainTest, TheNextPartIsOfTheSameList) {
    open_issuer();
    for (unsigned n = 1; n <= 8; ++n) {
        ASSERT_EQ(create_domain("81020370", "F04F5449A" + std::to_string(n)), StatusWord::kOk);
    }
    ASSERT_EQ(terminal_.sw("80F24002024F00"), StatusWord::kMoreData);
    EXPECT_EQ(terminal_.sw("80F22003024F00"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80F24003024F00"), StatusWord::kConditionsNotSatisfied) << "begin again";
    EXPECT_EQ(terminal_.sw("80F28002074F05F04F5449A1"), StatusWord::kOk)
        << "whatever is searched for, there is one issuer";
    EXPECT_EQ(terminal_.sw("80F20802024F00"), StatusWord::kIncorrectP1P2);
    EXPECT_EQ(terminal_.sw("80F2400200"), StatusWord::kWrongData) << "nothing is searched for";
}

TEST_F(DomainTest, ADomainWithGlobalRegistrySeesAll) {
    open_issuer();
    load_hello();
    ASSERT_EQ(create_domain("81020370", kDomain, "80C400"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_THAT(list("40"), HasSubstr("F04F54490101"));
    EXPECT_NE(list("80"), "");
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kConditionsNotSatisfied)
        << "sees, no more";
}

TEST_F(DomainTest, IsNotMadeOfKeysOrDataThatNoCardHas) {
    auto code = [&](Personalization personalization) {
        auto se = SecureElement::create(std::make_unique<MemoryNvmFile>(), must(load_profile("uicc-2024")),
                                        personalization, random_);
        return se ? "" : se.error().code;
    };
    auto identity = Personalization::identity_for("x");
    EXPECT_EQ(code({keys_of(kTestKey), 0x30, identity}), "");
    EXPECT_EQ(code({keys_of("4041"), 0x30, identity}), "se.personalization");
    EXPECT_EQ(code({keys_of(kTestKey), 0x80, identity}), "se.personalization");
    EXPECT_EQ(code({keys_of(kTestKey), 0x30, {}}), "se.personalization");
    identity.cplc = Bytes(300);
    EXPECT_EQ(code({keys_of(kTestKey), 0x30, identity}), "se.personalization");
}

TEST(ProfileText, IsRefusedWithTheMemberThatIsWrong) {
    auto text = must(load_profile("uicc-2024")).toml;
    auto message = [&](std::string_view from, std::string_view to) {
        auto changed = text;
        changed.replace(changed.find(from), from.size(), to);
        auto profile = Profile::parse("x", changed);
        return profile ? "" : profile.error().message;
    };
    EXPECT_EQ(message("0x70", "0x70"), "");
    EXPECT_THAT(message("0x70", "0x50"), HasSubstr("'scp03_i'")) << "R-ENCRYPTION without R-MAC";
    EXPECT_THAT(message("0x70", "0x0E"), HasSubstr("'scp03_i'"));
    EXPECT_THAT(message("26000", "nan"), HasSubstr("'line_bytes_per_second'"));
    EXPECT_THAT(message("50000", "0"), HasSubstr("'flash_bytes_per_second'"));
    EXPECT_THAT(message("= 2.0", "= inf"), HasSubstr("'command_overhead_ms'"));
    // What the parser below could not bear.
    for (auto header : {"[.packages]", "[[packages]]", "[", "[ packages]", "[packages] x", "packages = ,"}) {
        EXPECT_THAT(message("[packages]", header), HasSubstr("line ")) << header;
    }
    for (auto value : {"= \xD0\x87", "= \xFF", "= [", "= {", "= 'x'", "= \"\\u1\"", "=", "= ,"}) {
        EXPECT_THAT(message("= 0x70", value), HasSubstr("line 3")) << value;
    }
    EXPECT_THAT(message("= 0x70", "= " + std::string(300, '1')), HasSubstr("line 3"));
    EXPECT_THAT(message("A0000000620001", "A0"), HasSubstr("'A0'"));
}

}  // namespace
}  // namespace oti::card
