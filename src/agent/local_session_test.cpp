// SPDX-License-Identifier: Apache-2.0
#include "agent/local_session.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::agent {
namespace {

using iso7816::Expectation;

seram::StreamOrder order(std::uint32_t index, std::size_t commands) {
    seram::StreamOrder order{seram::SessionId("s"), {0, index}, {}, {}};
    if (index == 0) order.order.commands.emplace_back(seram::Start{});
    iso7816::Script script(commands, {from_hex("80E80000"), Expectation::status({iso7816::StatusWord::kOk})});
    order.order.commands.emplace_back(seram::SeRam{script});
    return order;
}

/// A session with three commands of which so many were run.
LocalSession session_with(int responses) {
    LocalSession session;
    EXPECT_TRUE(session.on_order(order(0, 3)));
    for (int n = 0; n < responses; ++n) {
        EXPECT_TRUE(session.take_command());
        session.on_response(from_hex("9000"));
    }
    return session;
}

TEST(LocalSession, ReportsNothingTwice) {
    auto session = session_with(2);
    auto report = session.take_report();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->place, (seram::Place{0, 0}));
    EXPECT_EQ(report->responses.size(), 2U);
    EXPECT_FALSE(session.take_report());
}

TEST(LocalSession, ReportsAgainFromWhereTheServerStands) {
    auto session = session_with(2);
    (void)session.take_report();
    session.on_lost();
    ASSERT_TRUE(session.on_resume({0, 1}));
    auto report = session.take_report();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->place, (seram::Place{0, 1}));
    EXPECT_EQ(report->responses.size(), 1U);
}

// What was sent before may not have arrived: the server takes nothing that comes before it.
TEST(LocalSession, ReportsNothingBeforeItKnowsWhereTheServerStands) {
    auto session = session_with(1);
    (void)session.take_report();
    session.on_lost();
    ASSERT_TRUE(session.take_command()) << "the card works on";
    session.on_response(from_hex("9000"));
    EXPECT_FALSE(session.take_report());
    ASSERT_TRUE(session.on_resume({0, 0}));
    auto report = session.take_report();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->place, (seram::Place{0, 0}));
    EXPECT_EQ(report->responses.size(), 2U);
}

}  // namespace
}  // namespace oti::agent
