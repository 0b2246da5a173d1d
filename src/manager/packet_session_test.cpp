// SPDX-License-Identifier: Apache-2.0
// A TSM makes a domain, and a provider installs in it, by short messages alone.
#include "manager/packet_session.h"

#include <gtest/gtest.h>

#include <map>

#include "manager/testing.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::manager {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ota::SmsCentre;

constexpr std::uint8_t kIssuerVersion = 1, kFirstVersion = 2, kOwnVersion = 3;

/// What anybody can send who is no card: refusals, that it takes time, and nonsense.
std::vector<Bytes> unsigned_packets(const scp::Tar& tar) {
    std::vector<Bytes> packets;
    for (std::uint8_t status : Bytes{0x01, 0x06, 0x08, 0x09, 0x00}) {
        packets.push_back(concat(from_hex("000B 0A"), tar, from_hex("0000000000 00"), Bytes{status}));
    }
    packets.push_back(from_hex("000B 0A 00"));
    packets.push_back({});
    return packets;
}

/// A way on which somebody answers each packet, sooner than the card.
class HecklersWay final : public ota::SmsBearer {
  public:
    HecklersWay(ota::SmsBearer& way, const scp::Tar& tar) : way_(&way), said_(unsigned_packets(tar)) {}
    Status deliver(BytesView user_data) override {
        says_ = true;
        return way_->deliver(user_data);
    }
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) override {
        if (std::exchange(says_, false)) return concat(from_hex("027100"), said_[next_++ % said_.size()]);
        return way_->receive(deadline);
    }

  private:
    ota::SmsBearer* way_;
    std::vector<Bytes> said_;
    std::size_t next_ = 0;
    bool says_ = false;
};

class PacketSessionTest : public ::testing::Test {
  protected:
    PacketSessionTest() {
        card::Personalization personalization{keys_of(kTestKey), 0x30,
                                              card::Personalization::identity_for("89001")};
        personalization.remote =
            card::RemoteManagementKeys{kIssuerVersion, issuer_keys_.clone(), card::KeyType::kAes, 8};
        se_.emplace(must(card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(medium_),
                                                     must(card::load_profile("uicc-2024")), personalization,
                                                     random_)));
    }

    PacketKeys issuer(bool inherited) const {
        return {scp::KeyVersion(kIssuerVersion), issuer_keys_.clone(), next_counter(kIssuerVersion),
                inherited ? std::optional(kIssuer) : std::nullopt};
    }
    PacketKeys own(std::uint8_t version) const {
        return {scp::KeyVersion(version), (version == kFirstVersion ? first_keys_ : own_keys_).clone(),
                next_counter(version)};
    }
    std::uint64_t next_counter(std::uint8_t version) const {
        auto found = counters_.find(version);
        return found == counters_.end() ? 1 : found->second + 1;
    }

    /// Error code, or nothing.
    std::string run(PacketSession& session, const scp::Tar& tar = tar_of(kDomain)) {
        bearer::VirtualChannel channel(*se_, clock_);
        ota::SimulatedSms sms(channel, clock_, down_, up_, seed_++);
        if (auto started = sms.start(); !started) return started.error().code;
        auto on_counter = [&](std::uint64_t counter) -> Status {
            counters_[session.keys().version.value()] = counter;
            if (packets_until_reset_ && (*packets_until_reset_)-- == 0) (void)channel.reset();
            if (packets_until_end_ && (*packets_until_end_)-- == 0)
                return fail(ErrorKind::kIo, "test.ended", "the server was ended");
            return {};
        };
        HecklersWay heckled(sms, tar);
        ota::SmsBearer& way = is_heckled_ ? static_cast<ota::SmsBearer&>(heckled) : sms;
        auto ended = ota::carry(session, way, {.patience = 60s, .on_counter = on_counter});
        sent_ += sms.down().accepted;
        return ended ? "" : ended.error().code;
    }

    std::string create_domain() {
        PacketAccess access{kIssuer, PacketAccess::kIssuer, {}};
        access.keys.push_back(issuer(false));
        PacketSession session(std::move(access), {{{provider_domain(kDomain, tar_of(kDomain))}, {}}});
        auto ended = run(session, PacketAccess::kIssuer);
        changed_ = session.changed();
        return ended;
    }
    std::string personalize() {
        PacketAccess access{kDomain, tar_of(kDomain), {}};
        access.keys.push_back(issuer(true));
        access.keys.push_back(own(kFirstVersion));
        PacketGoal goal{{}, own(kFirstVersion), domain_keys(kOwnKey, 0x30)};
        PacketSession session(std::move(access), std::move(goal));
        return run(session);
    }
    /// The provider's first session: its own keys take the place of those that the TSM knows.
    std::string reach(globalplatform::DesiredState desired) {
        PacketAccess access{kDomain, tar_of(kDomain), {}};
        if (!is_settled_) access.keys.push_back(own(kFirstVersion));
        access.keys.push_back(own(kOwnVersion));
        access.channel_keys.push_back(domain_keys(kOwnKey, 0x30));
        access.messages = messages_;
        PacketGoal goal{std::move(desired), own(kOwnVersion), domain_keys(kNextKey, 0x31)};
        if (with_call_keys_) goal.call_keys = call_keys();
        PacketSession session(std::move(access), std::move(goal));
        auto ended = run(session);
        changed_ = session.changed();
        is_settled_ |= ended.empty();
        return ended;
    }
    void make_domain() {
        ASSERT_EQ(create_domain(), "");
        ASSERT_EQ(personalize(), "");
    }
    static CallKeys call_keys() {
        return {crypto::SecretBytes::take(Bytes(32, 0x5A)), crypto::SecretBytes::take(Bytes(16, 0x5B))};
    }
    bool has_call_keys() const {
        const auto granted = crypto::SecretAccess::granted();
        auto nvm = must(card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium_)));
        card::KeyStore keys(nvm);
        auto psk = keys.find(kDomain, {CallKeys::kVersion, 1}),
             dek = keys.find(kDomain, {CallKeys::kVersion, 2});
        if (!psk || !dek) return false;
        const auto &first = psk->components.front(), &second = dek->components.front();
        return first.type == card::KeyType::kPskTls && second.type == card::KeyType::kAes &&
               to_hex(first.value.view(granted)) == to_hex(call_keys().psk.view(granted)) &&
               to_hex(second.value.view(granted)) == to_hex(call_keys().dek.view(granted));
    }
    bool has_transit() const {
        auto entry = se_->registry().application(kTransit);
        return entry && entry->life_cycle == 0x07;
    }

    crypto::SystemRandom random_;
    scp::KeySet issuer_keys_ = scp::KeySet::random(random_), first_keys_ = scp::KeySet::random(random_),
                own_keys_ = scp::KeySet::random(random_);
    VirtualClock clock_;
    std::shared_ptr<card::MemoryMedium> medium_ = std::make_shared<card::MemoryMedium>();
    std::optional<card::SecureElement> se_;
    SmsCentre::Behaviour down_{.forwarding = 1s, .transfer = 3s}, up_{.forwarding = 1s, .transfer = 3s};
    std::uint64_t seed_ = 1, sent_ = 0;
    std::size_t messages_ = 4;
    std::map<std::uint8_t, std::uint64_t> counters_;
    std::optional<std::size_t> packets_until_end_, packets_until_reset_;
    bool changed_ = false, with_call_keys_ = false, is_heckled_ = false;
    bool is_settled_ = false;  ///< the provider knows that its own keys are there
};

TEST_F(PacketSessionTest, MakesADomainAndInstallsInIt) {
    make_domain();
    EXPECT_EQ(reach({{transit("1.0")}, {}}), "");
    EXPECT_TRUE(has_transit());
    EXPECT_EQ(reach({{transit("1.1")}, {}}), "") << "an update";
    EXPECT_EQ(se_->registry().load_file(kTransitFile)->version.minor, 1);
    EXPECT_EQ(reach({{}, {kTransitFile}}), "") << "a deletion";
    EXPECT_FALSE(has_transit());
}

TEST_F(PacketSessionTest, DoesNothingTwice) {
    make_domain();
    ASSERT_EQ(reach({{transit("1.0")}, {}}), "");
    auto before = medium_->content;
    sent_ = 0;
    EXPECT_EQ(reach({{transit("1.0")}, {}}), "");
    EXPECT_FALSE(changed_);
    EXPECT_EQ(sent_, 1U) << "one packet that reads";
    EXPECT_EQ(create_domain(), "");
    EXPECT_FALSE(changed_);
}

TEST_F(PacketSessionTest, OpensTheDomainOverTheInternetAfterwards) {
    make_domain();
    ASSERT_EQ(reach({}), "");
    DomainSession session(access_to(kDomain, domain_keys(kNextKey, 0x31)), installed("1.0"), std::nullopt, {},
                          random_);
    bearer::VirtualChannel channel(*se_, clock_);
    EXPECT_TRUE(run_directly(channel, session));
    EXPECT_TRUE(has_transit());
    DomainSession former(access_to(kDomain, domain_keys(kOwnKey, 0x30)), {}, std::nullopt, {}, random_);
    EXPECT_EQ(run_directly(channel, former).error().code, "manager.no_key") << "the TSM's keys are gone";
}

TEST_F(PacketSessionTest, TheKeysOfTheTsmOpenNothingAfterwards) {
    make_domain();
    ASSERT_EQ(reach({{transit("1.0")}, {}}), "");
    PacketAccess access{kDomain, tar_of(kDomain), {}};
    access.keys.push_back(own(kFirstVersion));
    access.keys.push_back(issuer(true));
    PacketSession session(std::move(access), {{{}, {kTransitFile}}});
    EXPECT_EQ(run(session), "manager.no_key");
    EXPECT_TRUE(has_transit());
}

TEST_F(PacketSessionTest, PutsKeysForCallsUnderKeysOfItsOwn) {
    make_domain();
    with_call_keys_ = true;
    EXPECT_EQ(reach({}), "");
    EXPECT_TRUE(has_call_keys());
    EXPECT_EQ(counters_.at(kFirstVersion), 3U) << "that read, and put the others; it read before";
    sent_ = 0;
    EXPECT_EQ(reach({}), "");
    EXPECT_FALSE(changed_);
    EXPECT_EQ(sent_, 1U);
}

TEST_F(PacketSessionTest, ReadsARegistryThatIsLongerThanAnAnswer) {
    make_domain();
    globalplatform::DesiredState desired{{transit("1.0")}, {}};
    for (std::uint8_t n = 1; n <= 9; ++n) {
        auto another = desired.present.front();
        auto aid = to_bytes(kTransit.bytes());
        aid.insert(aid.end(), {0xA1, 0xA2, 0xA3, 0xA4, 0xA5, n});
        another.instance = must(Aid::create(aid));
        another.load_file_data.clear();
        desired.present.push_back(std::move(another));
    }
    EXPECT_EQ(reach(desired), "");
    EXPECT_TRUE(has_transit());
    EXPECT_EQ(reach(desired), "");
    EXPECT_FALSE(changed_);
}

TEST_F(PacketSessionTest, IsDoneByAnotherWhereverTheServerEnded) {
    with_call_keys_ = true;
    ASSERT_EQ(create_domain(), "");
    // The server ends before its first packet, before its second, and so on.
    auto until_it_ends = [&](const std::function<std::string()>& work) {
        for (std::size_t packets = 0; packets < 100; ++packets) {
            packets_until_end_ = packets;
            auto code = work();
            if (code.empty()) return packets;
            EXPECT_EQ(code, "test.ended");
        }
        return std::size_t{0};
    };
    EXPECT_GE(until_it_ends([&] { return personalize(); }), 2U);
    EXPECT_GE(until_it_ends([&] { return reach({{transit("1.0")}, {}}); }), 10U);
    EXPECT_TRUE(has_transit());
    EXPECT_TRUE(has_call_keys());
}

TEST_F(PacketSessionTest, IsDoneByAnotherWhereverTheCardLostItsPower) {
    with_call_keys_ = true;
    make_domain();
    auto before = medium_->content;
    auto counters = counters_;
    std::size_t cuts = 0;
    for (std::uint64_t writes = 0;; writes += 5) {
        medium_->content = before;
        counters_ = counters;
        is_settled_ = false;
        se_.emplace(card::testing::reopen(random_, medium_));
        medium_->writes_until_cut = writes;
        auto code = reach({{transit("1.0")}, {}});
        if (medium_->powered) break;
        ++cuts;
        EXPECT_NE(code, "") << writes;
        se_.emplace(card::testing::reopen(random_, medium_));
        ASSERT_EQ(reach({{transit("1.0")}, {}}), "") << writes;
        EXPECT_TRUE(has_transit());
        EXPECT_TRUE(has_call_keys());
    }
    EXPECT_GT(cuts, 5U);
}

TEST_F(PacketSessionTest, BeginsALoadAnewThatEndedWithTheCardsPower) {
    make_domain();
    packets_until_reset_ = 8;
    EXPECT_EQ(reach({{transit("1.0")}, {}}), "");
    EXPECT_GT(*packets_until_reset_, 8U) << "it was not switched off";
    EXPECT_TRUE(has_transit());
}

TEST_F(PacketSessionTest, HecklersCostMessagesAndNothingElse) {
    is_heckled_ = true;
    with_call_keys_ = true;
    make_domain();
    EXPECT_EQ(reach({{transit("1.0")}, {}}), "");
    EXPECT_TRUE(has_transit());
    EXPECT_TRUE(has_call_keys());
    EXPECT_EQ(reach({{}, {kTransitFile}}), "");
    EXPECT_FALSE(has_transit());
}

class KeySearch : public PacketSessionTest {
  protected:
    void SetUp() override { make_domain(); }
    PacketSession session(std::vector<PacketKeys> keys) const {
        PacketAccess access{kDomain, tar_of(kDomain), {}};
        for (auto& set : keys) access.keys.push_back(std::move(set));
        return {std::move(access), {}};
    }
    std::vector<PacketKeys> two(std::uint8_t first, std::uint8_t second) const {
        std::vector<PacketKeys> keys;
        keys.push_back(own(first));
        keys.push_back(own(second));
        return keys;
    }
    /// Version and counter of the packet that goes next, which is lost.
    static std::pair<int, std::uint64_t> lose_next(PacketSession& session) {
        EXPECT_TRUE(must(session.next()));
        EXPECT_TRUE(session.awaits_answer());
        return {session.keys().version.value(), session.counter()};
    }

    Bytes refusal_ = unsigned_packets(tar_of(kDomain))[1];
};

/// A refusal that is not signed may be meant for an earlier packet.
TEST_F(KeySearch, TriesOneAfterTheOtherAndTheSamePacketsAgain) {
    auto work = session(two(kOwnVersion, kFirstVersion));
    auto first = lose_next(work);
    ASSERT_TRUE(work.answer(refusal_));
    EXPECT_FALSE(work.awaits_answer());
    auto second = lose_next(work);
    EXPECT_EQ(first.first, kOwnVersion);
    EXPECT_EQ(second.first, kFirstVersion);
    for (int n = 0; n < 2; ++n) {
        ASSERT_TRUE(work.answer(refusal_));
        EXPECT_EQ(lose_next(work), first);
        ASSERT_TRUE(work.answer(refusal_));
        EXPECT_EQ(lose_next(work), second);
    }
    ASSERT_TRUE(work.answer(refusal_));
    EXPECT_TRUE(work.awaits_answer()) << "the answer may be on its way still";
    EXPECT_EQ(work.no_answer().error().code, "manager.no_key");
}

TEST_F(KeySearch, TakesTheKeyThatTheCardAnswersWithThoughAnotherIsTried) {
    auto work = session(two(kFirstVersion, kOwnVersion));
    bearer::VirtualChannel channel(*se_, clock_);
    ota::SimulatedSms sms(channel, clock_, down_, up_, 1);
    ASSERT_TRUE(sms.start());
    ota::SmsExchange exchange(work);
    for (const auto& message : must(exchange.next())) ASSERT_TRUE(sms.deliver(message));
    ASSERT_TRUE(work.answer(refusal_));
    auto ended = ota::carry(work, sms, {.patience = 60s});
    EXPECT_TRUE(ended) << ended.error().message;
    EXPECT_EQ(work.keys().version.value(), kFirstVersion);
    EXPECT_EQ(sms.down().accepted, 2U) << "one packet under each";
}

TEST_F(KeySearch, EndsWithTheNetworkToBlameWhileNotEverythingWasRefused) {
    for (auto refusals : {1, 2, 4}) {
        auto work = session(two(kOwnVersion, kFirstVersion));
        for (int n = 0; n < refusals; ++n) {
            lose_next(work);
            ASSERT_TRUE(work.answer(refusal_));
        }
        Status ended;
        for (int n = 0; n < 10 && ended; ++n) {
            lose_next(work);
            ended = work.no_answer();
        }
        EXPECT_EQ(ended.error().code, "ota.no_answer") << refusals;
        EXPECT_EQ(ended.error().kind, ErrorKind::kIo);
    }
}

/// What a server does: again, as long as the network is to blame.
std::string patiently(const std::function<std::string()>& work) {
    std::string code;
    for (int attempt = 0; attempt < 5; ++attempt) {
        code = work();
        if (code != "ota.no_answer" && code != "ota.outcome_unknown") break;
    }
    return code;
}

class BadWeather : public PacketSessionTest, public ::testing::WithParamInterface<std::uint64_t> {
  protected:
    void make_install_and_delete() {
        EXPECT_EQ(patiently([&] { return create_domain(); }), "");
        EXPECT_EQ(patiently([&] { return personalize(); }), "");
        EXPECT_EQ(patiently([&] { return reach({{transit("1.0")}, {}}); }), "");
        EXPECT_TRUE(has_transit());
        EXPECT_EQ(patiently([&] { return reach({{}, {kTransitFile}}); }), "");
        EXPECT_FALSE(has_transit());
    }
};
INSTANTIATE_TEST_SUITE_P(Seeds, BadWeather, ::testing::Range<std::uint64_t>(100, 2100, 100));

TEST_P(BadWeather, EndsWellThoughMessagesAreLostDoubledAndOvertaken) {
    seed_ = GetParam();
    for (auto* way : {&down_, &up_}) way->loss = way->duplication = way->reordering = 0.04;
    make_install_and_delete();
}

/// A second copy of what is refused is refused, too, by an answer that might be anything's.
TEST_P(BadWeather, EndsWellThoughAThirdOfTheMessagesComesTwice) {
    seed_ = GetParam();
    for (auto* way : {&down_, &up_}) {
        way->loss = 0.02;
        way->duplication = 0.3;
    }
    make_install_and_delete();
}

}  // namespace
}  // namespace oti::manager
