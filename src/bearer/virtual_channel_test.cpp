// SPDX-License-Identifier: Apache-2.0
#include "bearer/virtual_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "card/testing.h"

namespace oti::bearer {
namespace {

using card::testing::must;

const Bytes kSelect = from_hex("00A4040000");

TEST(VirtualChannel, TakesTheTimeThatTheProfileSays) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random, "uicc-2014");
    VirtualClock clock;
    VirtualChannel channel(se, clock);
    auto begin = clock.now();
    auto response = must(channel.transmit(kSelect));
    card::Exchange cost{.bytes_in = kSelect.size(), .bytes_out = response.size()};
    EXPECT_EQ(clock.now() - begin, se.profile().pacing.time_of(cost));
    // 5 bytes there and 20 back at 800 bytes a second, and what every command costs.
    EXPECT_GT(clock.now() - begin, std::chrono::milliseconds(31));
}

TEST(VirtualChannel, AnswersAtOnceWithoutAClock) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random, "uicc-2014");
    VirtualChannel channel(se);
    EXPECT_EQ(to_hex(must(channel.transmit(kSelect))), "6F108408A000000151000000A5049F6501FF9000");
}

TEST(VirtualChannel, ResetClosesTheLogicalChannels) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random);
    VirtualChannel channel(se);
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("0070000001")))), "019000");
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("01A4040000")))).substr(0, 2), "6F");
    EXPECT_TRUE(channel.reset());
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("01A4040000")))), "6881");
}

}  // namespace
}  // namespace oti::bearer
