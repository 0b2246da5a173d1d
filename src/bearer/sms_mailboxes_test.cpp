// SPDX-License-Identifier: Apache-2.0
#include "bearer/sms_mailboxes.h"

#include <gtest/gtest.h>

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;

struct SmsMailboxesTest : testing::Test {
    std::string take(const std::string& number) {
        auto message = boxes.take(number, now);
        if (!message) return "nothing";
        return *message ? as_text(**message) : message->error().code;
    }
    void arrive(const std::string& number, std::string_view text) {
        boxes.arrived(number, to_bytes(as_bytes(text)), now);
    }

    SmsMailboxes boxes{10min};
    SmsMailboxes::Time now{1h};
};

TEST_F(SmsMailboxesTest, KeepsMessagesByNumberInOrder) {
    arrive("1", "a");
    arrive("2", "b");
    arrive("1", "c");
    EXPECT_EQ(take("1"), "a");
    EXPECT_EQ(take("1"), "c");
    EXPECT_EQ(take("1"), "nothing");
    EXPECT_EQ(take("2"), "b");
}

TEST_F(SmsMailboxesTest, ForgetsWhatNobodyAskedForInALongTime) {
    arrive("1", "a");
    now += 9min;
    arrive("2", "b");
    now += 3min;
    EXPECT_EQ(take("1"), "nothing");
    EXPECT_EQ(take("2"), "b");
}

TEST_F(SmsMailboxesTest, BoundsABoxAndTheirNumber) {
    for (std::size_t n = 0; n <= SmsMailboxes::kMaxMessages; ++n) arrive("1", std::to_string(n));
    EXPECT_EQ(take("1"), "1") << "the oldest is gone";
    for (std::size_t n = 0; n < SmsMailboxes::kMaxBoxes; ++n) {
        now += 1us;
        arrive("box" + std::to_string(n), "x");
    }
    EXPECT_EQ(take("1"), "nothing");
    EXPECT_EQ(take("box0"), "x");
}

TEST_F(SmsMailboxesTest, TellsOnceThatMessagesAreNotDelivered) {
    boxes.sent("1", "m1", now);
    boxes.sent("1", "m2", now);
    EXPECT_EQ(boxes.undelivered("m1", "EXPIRED", now), "1");
    EXPECT_EQ(take("1"), "smpp.undelivered");
    EXPECT_FALSE(boxes.undelivered("m2", "EXPIRED", now)) << "of the same attempt";
    EXPECT_EQ(take("1"), "nothing");
}

TEST_F(SmsMailboxesTest, KnowsThatAnAnswerSettlesWhatWasSentBefore) {
    boxes.sent("1", "m1", now);
    arrive("1", "a");
    EXPECT_FALSE(boxes.undelivered("m1", "EXPIRED", now)) << "a second copy of it";
    boxes.sent("1", "m2", now);
    ASSERT_TRUE(boxes.undelivered("m2", "UNDELIV", now));
    arrive("1", "b");
    EXPECT_EQ(take("1"), "a");
    EXPECT_EQ(take("1"), "b");
    boxes.sent("1", "m3", now);
    boxes.delivered("m3");
    EXPECT_FALSE(boxes.undelivered("m3", "EXPIRED", now));
}

TEST_F(SmsMailboxesTest, LetsGoWhatNobodyWantsAnyMore) {
    arrive("1", "a");
    arrive("2", "b");
    boxes.sent("1", "m1", now);
    boxes.discard("1");
    EXPECT_EQ(take("1"), "nothing");
    EXPECT_EQ(take("2"), "b");
    EXPECT_FALSE(boxes.undelivered("m1", "EXPIRED", now));
    EXPECT_EQ(take("1"), "nothing");
}

}  // namespace
}  // namespace oti::bearer
