// SPDX-License-Identifier: Apache-2.0
#include "manager/domain_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/testing.h"

namespace oti::manager {
namespace {

using namespace testing;
using cap::Version;
using ::testing::HasSubstr;

TEST(DomainSession, InstallsUpdatesAndDeletesInOneRoundTripEach) {
    Provider provider;
    auto install = provider.reach(installed("1.0"));
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_TRUE(provider.has_transit());
    EXPECT_EQ(install->scripts, 1U) << "the challenge is pseudo-random, and the memory fits";
    // SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, 2 GET STATUS, 2 INSTALL, 40 LOAD of 239 bytes, 2 GET
    // STATUS
    EXPECT_EQ(install->apdus, 49U);

    auto update = provider.reach(installed("1.1"));
    ASSERT_TRUE(update) << update.error().message;
    EXPECT_EQ(update->scripts, 1U);
    EXPECT_EQ(provider.transit_version(), (Version{1, 1}));
    EXPECT_TRUE(provider.has_transit());

    auto remove = provider.reach(deleted());
    ASSERT_TRUE(remove) << remove.error().message;
    EXPECT_EQ(remove->scripts, 1U);
    EXPECT_FALSE(provider.transit_version());
    EXPECT_FALSE(provider.has_transit());
}

TEST(DomainSession, DoesNothingTwice) {
    Provider provider;
    ASSERT_TRUE(provider.reach(installed("1.0")));
    auto again = provider.reach(installed("1.0"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->apdus, 5U) << "opened and read, nothing else";
}

TEST(DomainSession, WithARandomChallengeItTakesTwoRoundTrips) {
    Provider provider("uicc-2024", 0x60);
    auto install = provider.reach(installed("1.0"));
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_EQ(install->scripts, 2U);
    EXPECT_TRUE(provider.has_transit());
}

TEST(DomainSession, WithoutAMemoryItReadsFirst) {
    Provider provider;
    provider.memory.reset();
    auto install = provider.reach(installed("1.0"));
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_EQ(install->scripts, 3U);
    EXPECT_TRUE(provider.has_transit());
}

TEST(DomainSession, AStaleMemoryCostsRoundTripsAndNothingElse) {
    Provider provider;
    auto stale = provider.memory;
    ASSERT_TRUE(provider.reach(installed("1.0")));
    provider.memory = stale;  // neither the counter nor the registry fits any more
    auto update = provider.reach(installed("1.1"));
    ASSERT_TRUE(update) << update.error().message;
    EXPECT_EQ(provider.transit_version(), (Version{1, 1}));

    stale->next_sequence_counter = provider.memory->next_sequence_counter;
    provider.memory = stale;  // the counter fits, the registry does not
    auto again = provider.reach(installed("1.1"));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(provider.transit_version(), (Version{1, 1}));
}

TEST(DomainSession, ACarrierThatRunsEverythingIsGivenOneQuestionAtATime) {
    Provider provider;
    auto install = provider.reach(installed("1.0"), Carrier{.stops_at_surprise = false});
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_TRUE(provider.has_transit());
    EXPECT_GT(install->scripts, 3U);
    ASSERT_TRUE(provider.reach(deleted(), Carrier{.stops_at_surprise = false}));
    EXPECT_FALSE(provider.has_transit());
}

TEST(DomainSession, WorksOnAnEmbeddedElementWithS16AndLongCommands) {
    Provider provider("ese-2024", 0x71);
    auto install = provider.reach(installed("1.0"));
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_EQ(install->scripts, 1U);
    EXPECT_EQ(install->apdus, 14U) << "5 LOADs of nearly 2 KB";
}

TEST(DomainSession, ReplacesTheKeysOnTheWay) {
    Provider provider;
    DomainGoal goal = installed("1.0");
    goal.fresh_keys = domain_keys(kNextKey, 0x32);
    auto traffic = provider.reach(std::move(goal));
    ASSERT_TRUE(traffic) << traffic.error().message;
    EXPECT_EQ(traffic->scripts, 1U);
    EXPECT_EQ(provider.memory->key_version, scp::KeyVersion(0x32));
    EXPECT_EQ(provider.se.keys().versions(kDomain), std::vector<std::uint8_t>{0x32});
    DomainSession after(access_to(kDomain, domain_keys(kNextKey, 0x32)), deleted(), provider.memory, {},
                        provider.random);
    auto removed = provider.run(after);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(removed->scripts, 1U) << "the counter of the new keys is known";
}

TEST(DomainSession, OpensWithWhicheverKeysTheCardHas) {
    Provider provider;
    DomainSession session(access_to(kDomain, domain_keys(kNextKey, 0x32), domain_keys(kOwnKey, 0x31)),
                          installed("1.0"), std::nullopt, {}, provider.random);
    ASSERT_TRUE(provider.run(session));
    EXPECT_EQ(session.key_version(), scp::KeyVersion(0x31));
    DomainSession other(access_to(kDomain, domain_keys(kNextKey, 0x32)), installed("1.0"), std::nullopt, {},
                        provider.random);
    EXPECT_EQ(provider.run(other).error().code, "manager.no_key");
}

/// Counts the commands of one sort that reach the card.
class Watch final : public iso7816::CardChannel {
  public:
    Watch(iso7816::CardChannel& card, iso7816::Ins ins) : card_(&card), ins_(value(ins)) {}
    Result<Bytes> transmit(BytesView command) override {
        if (iso7816::CommandApdu::parse(command)->ins == ins_) ++count;
        return card_->transmit(command);
    }
    Status reset() override { return card_->reset(); }
    int count = 0;

  private:
    iso7816::CardChannel* card_;
    std::uint8_t ins_;
};

TEST(DomainSession, AWrongKeyIsFoundBeforeItCostsTheCardATry) {
    for (bool with_memory : {false, true}) {
        Provider provider;
        bearer::VirtualChannel channel(provider.se, provider.clock);
        Watch watch(channel, iso7816::Ins::kExternalAuthenticate);
        auto memory = with_memory ? provider.memory : std::nullopt;
        DomainSession session(access_to(kDomain, domain_keys(kNextKey, 0x31)), installed("1.0"), memory, {},
                              provider.random);
        auto error = run_directly(watch, session).error();
        EXPECT_EQ(error.code, "scp.card_cryptogram");
        EXPECT_EQ(error.kind, ErrorKind::kAuthentication);
        EXPECT_EQ(watch.count, 0);
    }
}

TEST(DomainSession, SaysWhichDomainIsMissing) {
    Provider provider;
    DomainSession session(access_to(Aid::constant("F04F5449FF"), domain_keys(kOwnKey, 0x31)),
                          installed("1.0"), std::nullopt, {}, provider.random);
    auto error = provider.run(session).error();
    EXPECT_EQ(error.code, "card.no_domain");
    EXPECT_THAT(error.message, HasSubstr("select F04F5449FF"));
}

TEST(DomainSession, AFullCardSaysSoAndStaysAsItWas) {
    Provider provider;
    auto goal = installed("1.0");
    goal.desired.present[0].load_file_data.resize(60'000);
    auto huge = provider.reach(std::move(goal));
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().kind, ErrorKind::kCard);
    EXPECT_FALSE(provider.has_transit());
    ASSERT_TRUE(provider.reach(installed("1.0")));
}

TEST(DomainSession, TheIssuerCreatesAndDeletesADomain) {
    Provider provider;
    DomainSession session(access_to(kIssuer, domain_keys(kTestKey, 0x30)), {{{}, {kDomain}}}, std::nullopt,
                          {}, provider.random);
    ASSERT_TRUE(provider.run(session));
    EXPECT_FALSE(provider.se.registry().application(kDomain));
    // Whether it was there cannot be proven now: "nothing found" has no MAC.
    DomainSession again(access_to(kIssuer, domain_keys(kTestKey, 0x30)), {{{}, {kDomain}}}, std::nullopt, {},
                        provider.random);
    EXPECT_EQ(provider.run(again).error().code, "manager.unproven");
}

TEST(DomainMemory, ReadsWhatItWrites) {
    Provider provider;
    auto bytes = provider.memory->encode();
    auto again = DomainMemory::decode(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(to_hex(again->encode()), to_hex(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(DomainMemory::decode(BytesView(bytes).first(size)));
    }
}

}  // namespace
}  // namespace oti::manager
