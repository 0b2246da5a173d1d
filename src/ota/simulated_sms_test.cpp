// SPDX-License-Identifier: Apache-2.0
// A handset, a service centre, and a card that answers what it is told to.
#include "ota/simulated_sms.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/hex.h"

namespace oti::ota {
namespace {

using namespace std::chrono_literals;

class ScriptedCard : public iso7816::CardChannel {
  public:
    Result<Bytes> transmit(BytesView command) override {
        seen.push_back(to_hex(command));
        if (answers.empty()) return from_hex("9000");
        auto answer = from_hex(answers.front());
        answers.pop_front();
        return answer;
    }
    Status reset() override { return {}; }
    std::vector<std::string> seen;
    std::deque<std::string> answers;
};

constexpr SmsCentre::Behaviour kAtOnce{};

TEST(SmsHandset, HandsAMessageOnAndTheReportBack) {
    ScriptedCard card;
    VirtualClock clock;
    SimulatedSms sms(card, clock, kAtOnce, kAtOnce, 1);
    card.answers = {"027100AABB9000"};
    ASSERT_TRUE(sms.deliver(from_hex("027000112233")));
    auto back = sms.receive(1s);
    ASSERT_TRUE(back && *back);
    EXPECT_EQ(to_hex(**back), "027100AABB");
    // 3GPP TS 31.111, 7.1.1: devices network to card, address of the centre, the TPDU.
    ASSERT_EQ(card.seen.size(), 1U);
    EXPECT_EQ(card.seen[0],
              to_hex(from_hex("80C2000026 D124 82028381 0606919471000000 8B16 44 058121 43F5 7FF6"
                              "00000000000000 06 027000112233 00")));
}

TEST(SmsHandset, SendsWhatTheCardWantsSent) {
    ScriptedCard card;
    VirtualClock clock;
    SimulatedSms sms(card, clock, kAtOnce, kAtOnce, 1);
    // SEND SHORT MESSAGE with SMS-SUBMIT, then SET UP MENU, which no handset of ours has (TS 102 223, 6.4).
    card.answers = {"911D", "D01B 8103011300 82028183 8B10 41 01 058121 43F5 7FF6 06 027100AABBCC 9000",
                    "910B", "D009 8103022500 82028182 9000", "9000"};
    ASSERT_TRUE(sms.deliver(from_hex("027000")));
    auto back = sms.receive(1s);
    ASSERT_TRUE(back && *back) << back.error().message;
    EXPECT_EQ(to_hex(**back), "027100AABBCC");
    ASSERT_EQ(card.seen.size(), 5U);
    EXPECT_EQ(card.seen[1], "801200001D");
    EXPECT_EQ(card.seen[2], "801400000C810301130002028281830100");
    EXPECT_EQ(card.seen[4], "801400000C810302250002028281830130");
}

TEST(SmsHandset, EndsWithACardThatWantsSomethingForEver) {
    ScriptedCard card;
    VirtualClock clock;
    SimulatedSms sms(card, clock, kAtOnce, kAtOnce, 1);
    card.answers.push_back("910B");
    for (int n = 0; n < 200; ++n) {
        card.answers.push_back("D009 8103022500 82028182 9000");
        card.answers.push_back("910B");
    }
    ASSERT_TRUE(sms.deliver(from_hex("027000")));
    EXPECT_EQ(sms.receive(1s).error().code, "sms.endless");
}

TEST(SmsCentre, TakesItsTimeForEachMessage) {
    ScriptedCard card;
    VirtualClock clock;
    SmsCentre::Behaviour slow{.forwarding = 1s, .transfer = 4s};
    SimulatedSms sms(card, clock, slow, kAtOnce, 1);
    auto begin = clock.now();
    for (int n = 0; n < 10; ++n) {
        card.answers.push_back(n == 9 ? "027100009000" : "9000");
        ASSERT_TRUE(sms.deliver(from_hex("027000")));
    }
    EXPECT_FALSE(*sms.receive(5s)) << "not yet";
    EXPECT_EQ(clock.now() - begin, 5s);
    EXPECT_TRUE(*sms.receive(10min));
    EXPECT_EQ(clock.now() - begin, 41s) << "one after another on the air";
}

TEST(SmsCentre, LosesDoublesAndReordersAsDeclaredAndTheSameAgain) {
    SmsCentre::Behaviour bad{.transfer = 1s, .loss = 0.1, .duplication = 0.1, .reordering = 0.1};
    auto run = [&](std::uint64_t seed) {
        SmsCentre centre(bad, seed);
        for (int n = 0; n < 1000; ++n) {
            centre.accept({}, Bytes{static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
        }
        std::vector<Bytes> arrived;
        while (auto next = centre.next()) arrived.push_back(*centre.take(*next));
        EXPECT_EQ(centre.counts().lost + arrived.size(), 1000U + centre.counts().doubled);
        for (auto count : {centre.counts().lost, centre.counts().doubled, centre.counts().overtaken}) {
            EXPECT_GT(count, 60U);
            EXPECT_LT(count, 140U);
        }
        EXPECT_FALSE(std::ranges::is_sorted(arrived));
        return arrived;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

TEST(SmsCentre, DropsWhatIsNoLongerValid) {
    SmsCentre centre({.transfer = 4s, .validity = 10s}, 1);
    for (int n = 0; n < 4; ++n) centre.accept({}, Bytes(1));
    EXPECT_EQ(centre.counts().expired, 2U);
}

TEST(SimulatedSms, TakesNoMessageThatIsTooLong) {
    ScriptedCard card;
    VirtualClock clock;
    SimulatedSms sms(card, clock, kAtOnce, kAtOnce, 1);
    EXPECT_EQ(sms.deliver(Bytes(141)).error().code, "sms.too_long");
}

}  // namespace
}  // namespace oti::ota
