// SPDX-License-Identifier: Apache-2.0
// Whoever carries the APDUs may do with them what he likes, at any place of a session. It may fail then; what
// it believes is true, and the next session puts things right.
#include <gtest/gtest.h>

#include "manager/testing.h"

namespace oti::manager {
namespace {

using namespace testing;

enum class Attack {
    kChangeCommand,
    kChangeResponse,
    kChangeStatus,
    kDropCommand,
    kRepeatCommand,
    kSwapCommands,
    kReplayResponse,
    kForgeNotFound,
    kForgeRefusal,
    kForgeSuccess,
    kTruncateResponse,
    kEmptyResponse,
};
constexpr Attack kAttacks[]{Attack::kChangeCommand,  Attack::kChangeResponse,   Attack::kChangeStatus,
                            Attack::kDropCommand,    Attack::kRepeatCommand,    Attack::kSwapCommands,
                            Attack::kReplayResponse, Attack::kForgeNotFound,    Attack::kForgeRefusal,
                            Attack::kForgeSuccess,   Attack::kTruncateResponse, Attack::kEmptyResponse};

/// Attacks one command and lets the others through.
class HostileCarrier final : public iso7816::CardChannel {
  public:
    HostileCarrier(iso7816::CardChannel& card, Attack attack, std::size_t position)
        : card_(&card), attack_(attack), position_(position) {}

    Result<Bytes> transmit(BytesView command) override {
        auto honest = [&] { return card_->transmit(command).value(); };
        auto number = number_++;
        if (attack_ == Attack::kSwapCommands && number == position_) {
            held_ = to_bytes(command);
            return Bytes{0x90, 0x00};  // its turn comes after the next one
        }
        if (attack_ == Attack::kSwapCommands && number == position_ + 1) {
            auto response = honest();
            (void)card_->transmit(held_);
            return response;
        }
        if (number != position_) return last_ = honest();
        switch (attack_) {
            case Attack::kChangeCommand: {
                auto changed = to_bytes(command);
                changed[changed.size() / 2] ^= 0x10;
                return card_->transmit(changed);
            }
            case Attack::kChangeResponse: {
                auto response = honest();
                response[0] ^= 0x01;
                return response;
            }
            case Attack::kChangeStatus: {
                auto response = honest();
                response.back() ^= 0x10;
                return response;
            }
            case Attack::kDropCommand:
                return Bytes{0x90, 0x00};
            case Attack::kRepeatCommand:
                (void)honest();
                return honest();
            case Attack::kReplayResponse:
                (void)honest();
                return last_;
            case Attack::kForgeNotFound:
                (void)honest();
                return Bytes{0x6A, 0x88};
            case Attack::kForgeRefusal:
                return Bytes{0x69, 0x85};
            case Attack::kForgeSuccess:
                (void)honest();
                return Bytes{0x90, 0x00};
            case Attack::kTruncateResponse: {
                auto response = honest();
                response.erase(response.begin());
                return response;
            }
            case Attack::kEmptyResponse:
                (void)honest();
                return Bytes{};
            case Attack::kSwapCommands:
                break;
        }
        return honest();
    }
    Status reset() override { return card_->reset(); }
    /// Commands that came by.
    std::size_t number() const { return number_; }

  private:
    iso7816::CardChannel* card_;
    Attack attack_;
    std::size_t position_;
    std::size_t number_ = 0;
    Bytes last_{0x90, 0x00};
    Bytes held_;
};

DomainGoal install_first() {
    return installed("1.0");
}
DomainGoal update_to_second() {
    return installed("1.1");
}
DomainGoal install_with_new_keys() {
    auto goal = installed("1.0");
    goal.fresh_keys = domain_keys(kNextKey, 0x32);
    return goal;
}

/// hello.cap instead of the 9 KB: the positions are fewer, and of the same sorts.
DomainGoal small(DomainGoal goal) {
    for (auto& application : goal.desired.present) {
        auto version = application.version;
        auto file = must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/hello.cap"));
        application = {file.package().aid(), file.package().applets()[0], file.package().applets()[0]};
        application.load_file_data = cap::load_file(file.load_file_data_block());
        application.version = version;
    }
    return goal;
}

class HostileCarrierTest : public ::testing::TestWithParam<bool> {
  protected:
    static bool is_as_desired(const Provider& provider, const DomainGoal& goal) {
        for (const auto& wanted : goal.desired.present) {
            auto entry = provider.se.registry().application(wanted.instance);
            auto file = provider.se.registry().load_file(wanted.load_file);
            if (!entry || !file || entry->life_cycle != 0x07) return false;
            if (file->version.minor != wanted.version.minor) return false;
        }
        for (const auto& aid : goal.desired.absent) {
            if (provider.se.registry().contains(aid)) return false;
        }
        return true;
    }

    /// Runs `goal` from a card as `prepare` leaves it, with one attack at each place in turn.
    static void attack_everywhere(const std::function<void(Provider&)>& prepare,
                                  const std::function<DomainGoal()>& make_goal, Carrier carrier) {
        std::size_t positions = 1, refused = 0;
        for (auto attack : kAttacks) {
            for (std::size_t position = 0; position < positions; ++position) {
                Provider provider;
                prepare(provider);
                auto goal = make_goal();
                auto keys = [&] {
                    std::vector<DomainKeys> all;
                    all.push_back(domain_keys(kOwnKey, 0x31));
                    if (goal.fresh_keys) all.push_back(goal.fresh_keys->clone());
                    return all;
                };
                auto again = [&] {
                    return DomainGoal{goal.desired, goal.fresh_keys ? std::optional(goal.fresh_keys->clone())
                                                                    : std::nullopt};
                };
                bearer::VirtualChannel card(provider.se, provider.clock);
                HostileCarrier hostile(card, attack, position);
                DomainSession session(access_with(kDomain, keys()), again(), provider.memory, carrier,
                                      provider.random);
                auto outcome = run_directly(hostile, session);
                auto where = ::testing::Message()
                             << "attack " << static_cast<int>(attack) << " at " << position;
                if (outcome) {
                    EXPECT_TRUE(is_as_desired(provider, goal)) << where;
                    positions = std::max(positions, hostile.number());
                } else {
                    ++refused;
                    positions = std::max(positions, position + 2);
                }
                if (position + 1 == positions && outcome) break;

                // The next session, carried honestly, with the memory of the one before the attack.
                provider.se.reset();
                DomainSession next(access_with(kDomain, keys()), again(), provider.memory, carrier,
                                   provider.random);
                auto repaired = provider.run(next);
                ASSERT_TRUE(repaired) << where << repaired.error().message;
                EXPECT_TRUE(is_as_desired(provider, goal)) << where;
            }
        }
        EXPECT_GT(refused, 20U) << "the attacks were noticed";
    }
};

TEST_P(HostileCarrierTest, Installation) {
    attack_everywhere([](Provider&) {}, [] { return small(install_first()); }, {GetParam()});
}

TEST_P(HostileCarrierTest, InstallationWithNewKeys) {
    attack_everywhere([](Provider&) {}, [] { return small(install_with_new_keys()); }, {GetParam()});
}

TEST_P(HostileCarrierTest, Deletion) {
    auto prepare = [](Provider& provider) { must(provider.reach(small(install_first()))); };
    attack_everywhere(prepare, [] { return DomainGoal{{{}, {Aid::constant("F04F544901")}}, {}}; },
                      {GetParam()});
}

TEST_P(HostileCarrierTest, NothingToDo) {
    auto prepare = [](Provider& provider) { must(provider.reach(small(install_first()))); };
    attack_everywhere(prepare, [] { return small(install_first()); }, {GetParam()});
}

TEST_P(HostileCarrierTest, WithoutAMemory) {
    attack_everywhere([](Provider& provider) { provider.memory.reset(); },
                      [] { return small(install_first()); }, {GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Carriers, HostileCarrierTest, ::testing::Bool(), [](const auto& stops) {
    return stops.param ? "StopsAtSurprise" : "RunsEverything";
});

/// The update of 9 KB, at a few places.
TEST(HostileCarrier, Update) {
    for (std::size_t position : {2U, 5U, 6U, 20U, 50U, 51U}) {
        for (auto attack : {Attack::kChangeCommand, Attack::kSwapCommands, Attack::kDropCommand}) {
            Provider provider;
            must(provider.reach(install_first()));
            bearer::VirtualChannel card(provider.se, provider.clock);
            HostileCarrier hostile(card, attack, position);
            DomainSession session(access_to(kDomain, domain_keys(kOwnKey, 0x31)), update_to_second(),
                                  provider.memory, {}, provider.random);
            // What is noticed before anything was changed may be overcome by beginning anew.
            if (run_directly(hostile, session)) {
                EXPECT_EQ(provider.transit_version(), (cap::Version{1, 1})) << position;
            }
            provider.se.reset();
            ASSERT_TRUE(provider.reach(update_to_second()));
            EXPECT_EQ(provider.transit_version(), (cap::Version{1, 1}));
            EXPECT_TRUE(provider.has_transit());
        }
    }
}

/// Power fails at each write of the card's memory; the same job, run again, ends well.
TEST(PowerCut, AtEachWriteOfASession) {
    auto with_new_keys = [] {
        auto goal = small(install_with_new_keys());
        return goal;
    };
    for (std::uint64_t writes = 0; writes < 8; ++writes) {
        Provider provider;
        provider.medium->writes_until_cut = writes;
        auto keys = [&] {
            std::vector<DomainKeys> all;
            all.push_back(domain_keys(kOwnKey, 0x31));
            all.push_back(domain_keys(kNextKey, 0x32));
            return all;
        };
        DomainSession cut(access_with(kDomain, keys()), with_new_keys(), provider.memory, {},
                          provider.random);
        auto outcome = provider.run(cut);
        if (writes < 3) {
            EXPECT_FALSE(outcome) << writes;
        }
        provider.se = card::testing::reopen(provider.random, provider.medium);
        DomainSession again(access_with(kDomain, keys()), with_new_keys(), provider.memory, {},
                            provider.random);
        auto repaired = provider.run(again);
        ASSERT_TRUE(repaired) << "cut after " << writes << " writes: " << repaired.error().message;
        auto hello = provider.se.registry().application(Aid::constant("F04F54490101"));
        ASSERT_TRUE(hello);
        EXPECT_EQ(hello->life_cycle, 0x07);
        EXPECT_EQ(provider.se.keys().versions(kDomain), std::vector<std::uint8_t>{0x32});
    }
}

}  // namespace
}  // namespace oti::manager
