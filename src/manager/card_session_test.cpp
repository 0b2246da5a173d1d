// SPDX-License-Identifier: Apache-2.0
#include "manager/card_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "globalplatform/commands.h"
#include "globalplatform/install.h"
#include "globalplatform/plan.h"
#include "manager/preflight.h"
#include "manager/testing.h"

namespace oti::manager {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Keeps what was sent; may answer in the card's place.
class Tap final : public iso7816::CardChannel {
  public:
    using Instead = std::function<std::optional<std::string>(const std::string& command)>;
    explicit Tap(iso7816::CardChannel* card, Instead instead = {})
        : card_(card), instead_(std::move(instead)) {}
    Result<Bytes> transmit(BytesView command) override {
        sent.push_back(to_hex(command));
        if (instead_) {
            if (auto answer = instead_(sent.back())) return from_hex(*answer);
        }
        return card_->transmit(command);
    }
    Status reset() override { return card_->reset(); }
    /// How many commands of this instruction were sent.
    std::ptrdiff_t count(std::string_view ins) const {
        return std::ranges::count_if(sent, [&](const auto& apdu) { return apdu.substr(2, 2) == ins; });
    }

    std::vector<std::string> sent;

  private:
    iso7816::CardChannel* card_;
    Instead instead_;
};

class MemoryOfFailures final : public FailedKeys {
  public:
    Result<bool> contains(const std::string& card, const std::string& key) override {
        return all.contains({card, key});
    }
    Status add(const std::string& card, const std::string& key) override {
        all.insert({card, key});
        return {};
    }
    Status remove(const std::string& card, const std::string& key) override {
        all.erase({card, key});
        return {};
    }
    std::set<std::pair<std::string, std::string>> all;
};

class CardSessionTest : public ::testing::Test {
  protected:
    explicit CardSessionTest(std::string_view profile = "uicc-2024")
        : se_(card::testing::make_se(random_, profile)), card_(se_), tap_(&card_) {}

    CardSession opened() {
        auto session = must(CardSession::select(tap_, std::nullopt));
        if (auto done = authenticate(session, kTestKey, 0); !done)
            throw std::runtime_error(done.error().message);
        return session;
    }
    Status authenticate(CardSession& session, std::string_view key, std::uint8_t version,
                        bool force = false) {
        return session.authenticate(domain_keys(key, version), std::nullopt, failed_, force, random_);
    }
    void load_transit(CardSession& session) {
        for (const auto& [apdu, step] :
             globalplatform::commands({globalplatform::Load{transit("1.0")}}, kIssuer, session.block_size()))
            must(session.execute(apdu));
    }

    crypto::SystemRandom random_;
    card::SecureElement se_;
    bearer::VirtualChannel card_;
    Tap tap_;
    MemoryOfFailures failed_;
};

TEST_F(CardSessionTest, FindsTheIssuersDomainAndReadsItsRegistry) {
    auto session = opened();
    EXPECT_EQ(session.domain(), kIssuer);
    EXPECT_EQ(session.channel().level(), scp::SecurityLevel::kFull);
    EXPECT_EQ(session.block_size(), 239U);
    auto registry = must(session.read_registry());
    ASSERT_TRUE(registry.issuer_domain);
    EXPECT_EQ(registry.issuer_domain->aid, kIssuer);
    EXPECT_TRUE(registry.load_file(Aid::constant("A0000000620101")));
}

TEST_F(CardSessionTest, AWrongKeyCostsTheCardNothingAndIsNotTriedAgain) {
    auto session = must(CardSession::select(tap_, std::nullopt));
    auto first = authenticate(session, kOwnKey, 0x30);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, "scp.card_cryptogram");
    EXPECT_EQ(first.error().kind, ErrorKind::kAuthentication);
    EXPECT_EQ(tap_.count("82"), 0) << "no EXTERNAL AUTHENTICATE";

    auto updates = tap_.count("50");
    auto second = authenticate(session, kOwnKey, 0x30);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "card.key_failed_before");
    EXPECT_EQ(tap_.count("50"), updates) << "not even asked";

    EXPECT_EQ(authenticate(session, kOwnKey, 0x30, true).error().code, "scp.card_cryptogram") << "--force";
    EXPECT_TRUE(authenticate(session, kTestKey, 0x30)) << "another key is another matter";
}

TEST_F(CardSessionTest, ARightKeyIsForgivenItsFailures) {
    auto session = opened();
    EXPECT_TRUE(failed_.all.empty());
    failed_.all.insert({"another card", "another key"});
    EXPECT_TRUE(authenticate(session, kTestKey, 0x30));
    EXPECT_EQ(failed_.all.size(), 1U);
}

TEST_F(CardSessionTest, AFailureOnOneCardIsNoneOnAnother) {
    auto session = must(CardSession::select(tap_, std::nullopt));
    EXPECT_FALSE(authenticate(session, kOwnKey, 0));
    crypto::SystemRandom random;
    card::Personalization other{keys_of(kOwnKey), 0x30, card::Personalization::identity_for("another")};
    auto se = must(card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(),
                                               must(card::load_profile("uicc-2024")), other, random));
    bearer::VirtualChannel channel(se);
    auto elsewhere = must(CardSession::select(channel, std::nullopt));
    EXPECT_TRUE(authenticate(elsewhere, kOwnKey, 0));
}

TEST_F(CardSessionTest, AnUnknownKeyVersionIsExplained) {
    auto session = must(CardSession::select(tap_, std::nullopt));
    auto wrong = authenticate(session, kTestKey, 0x31);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().sw, 0x6A88);
    EXPECT_THAT(wrong.error().hint, HasSubstr("version"));
}

TEST_F(CardSessionTest, ALongCommandIsWrappedOnceAndSentInPieces) {
    auto session = opened();
    load_transit(session);
    tap_.sent.clear();
    // One object that transit has no use for, of 217 bytes.
    auto parameters = concat(from_hex("5A81D9"), Bytes(217));
    auto command =
        globalplatform::install_and_make_selectable(kTransitFile, kTransit, kTransit, {{}, parameters});
    must(session.execute(command));
    ASSERT_EQ(tap_.sent.size(), 2U);
    EXPECT_EQ(tap_.sent[0].substr(0, 10), "84E68C00FF") << "P1 says that more comes";
    EXPECT_EQ(tap_.sent[1].substr(0, 8), "84E60C00");
    EXPECT_TRUE(se_.registry().application(kTransit));
    EXPECT_TRUE(session.read_registry()) << "the channel goes on";
}

TEST_F(CardSessionTest, WhatCannotBeSentInPiecesIsRefused) {
    auto session = opened();
    iso7816::CommandApdu command{0x80, 0xE2, 0x90, 0x00, Bytes(300), 0};
    EXPECT_EQ(session.execute(command).error().code, "card.too_long");
}

TEST_F(CardSessionTest, ARefusalIsExplainedForThisFormOfTheCommand) {
    auto session = opened();
    auto again =
        session.execute(globalplatform::install_for_load(Aid::constant("A0000000620101"), kIssuer, 0));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().sw, 0x6985);
    EXPECT_THAT(again.error().message, HasSubstr("announced"));
    EXPECT_THAT(again.error().hint, HasSubstr("AID may be in use"));
}

class S16Session : public CardSessionTest {
  protected:
    S16Session() : CardSessionTest("ese-2024") {}
};

TEST_F(S16Session, OpensWithLongChallengesAndTakesExtendedLength) {
    auto session = opened();
    EXPECT_GT(session.block_size(), 1900U);
    tap_.sent.clear();
    load_transit(session);
    EXPECT_LT(tap_.count("E8"), 8);
    auto limited = must(CardSession::select(tap_, std::nullopt, {255}));
    EXPECT_EQ(limited.block_size(), 255U) << "a reader for T=0";
}

TEST_F(CardSessionTest, ReadsTheFormWithoutTagsOfAnOldCard) {
    Tap old(&card_, [](const std::string& command) -> std::optional<std::string> {
        if (command.substr(2, 2) != "F2") return std::nullopt;
        if (command[7] == '2') return "6A86";  // P2: the form with tags
        if (command.substr(4, 2) == "80") return "08A000000003000000019E9000";
        if (command.substr(4, 2) == "40") return "06F04F5449020107009000";
        if (command.substr(4, 2) == "10") return "6A86";  // modules
        return "05F04F54490201009000";
    });
    auto session = must(CardSession::select(old, std::nullopt));
    auto registry = must(session.read_registry());
    EXPECT_EQ(registry.issuer_domain->aid.hex(), "A000000003000000");
    EXPECT_EQ(registry.applications.at(0).aid, kTransit);
    EXPECT_EQ(registry.load_files.at(0).aid, kTransitFile);
}

TEST_F(CardSessionTest, TriesTheUsualIssuersDomains) {
    Tap shy(&card_, [](const std::string& command) -> std::optional<std::string> {
        if (command == "00A4040000") return "6A82";
        return std::nullopt;
    });
    EXPECT_EQ(must(CardSession::select(shy, std::nullopt)).domain(), kIssuer);
    EXPECT_THAT(shy.sent, ElementsAre("00A4040000", "00A4040008A00000015100000000"));
    Tap none(&card_, [](const std::string&) { return "6A82"; });
    EXPECT_EQ(CardSession::select(none, std::nullopt).error().code, "card.no_domain");
    EXPECT_EQ(CardSession::select(none, kDomain).error().code, "card.no_domain");
}

TEST(ParseLevel, KnowsNamesAndBytes) {
    EXPECT_EQ(parse_level("full").value(), scp::SecurityLevel::kFull);
    EXPECT_EQ(parse_level("c-mac").value(), scp::SecurityLevel::kCMac);
    EXPECT_EQ(parse_level("13").value(), scp::SecurityLevel::kCMacCDecryptionRMac);
    EXPECT_EQ(parse_level("22").error().code, "scp.level");
}

// The packages that the transit applet needs are Java Card's.
TEST(Preflight, FindsMissingImportsWhereTheCardListsItsPackages) {
    auto file = must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/transit-1.0.cap"));
    globalplatform::Registry registry;
    EXPECT_TRUE(check_imports(file.package().imports(), registry)) << "a card that lists none may have all";
    registry.load_files.push_back({Aid::constant("A0000000620101"), 1, globalplatform::PackageVersion{1, 0}});
    auto missing = check_imports(file.package().imports(), registry);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "cap.missing_import");
    registry.load_files.clear();
    for (const auto& import : file.package().imports()) registry.load_files.push_back({import.aid, 1});
    EXPECT_TRUE(check_imports(file.package().imports(), registry)) << "versions that the card does not tell";
}

TEST(Preflight, FindsTooLittleMemoryAndTakenAids) {
    globalplatform::Registry registry;
    EXPECT_TRUE(check_memory(1000, {registry}));
    EXPECT_TRUE(check_memory(1000, {registry, {{0, 1000, 0}}}));
    EXPECT_EQ(check_memory(1001, {registry, {{0, 1000, 0}}}).error().code, "card.no_space");

    globalplatform::DesiredApplication wanted{kTransitFile, kTransit, kTransit};
    EXPECT_TRUE(check_aids(wanted, {registry}));
    registry.applications.push_back({kTransit, 7, {}, kTransitFile, kIssuer});
    EXPECT_TRUE(check_aids(wanted, {registry})) << "its own instance";
    registry.applications[0].load_file = kDomain;
    EXPECT_EQ(check_aids(wanted, {registry}).error().code, "card.aid_in_use");
}

TEST(Preflight, KnowsWhatGoesWithADomain) {
    globalplatform::Registry registry;
    registry.applications.push_back({kDomain, 0x0F, {0x80}, std::nullopt, kIssuer});
    registry.applications.push_back({kTransit, 7, {}, kTransitFile, kDomain});
    registry.load_files.push_back({kTransitFile, 1, {}, {}, kDomain});
    auto domain = victim_of(kDomain, registry);
    EXPECT_TRUE(domain.is_domain);
    EXPECT_THAT(domain.related, ElementsAre("package F04F544902", "applet F04F54490201"));
    auto file = victim_of(kTransitFile, registry);
    EXPECT_TRUE(file.is_load_file);
    EXPECT_THAT(file.related, ElementsAre("applet F04F54490201"));
    EXPECT_FALSE(victim_of(Aid::constant("F000000000"), registry).exists);
}

}  // namespace
}  // namespace oti::manager
