// SPDX-License-Identifier: Apache-2.0
// The parts of the simulation: events in their order, TCP's times, numbers of a seed, statistics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/connection.h"
#include "compare/statistics.h"

namespace oti::compare {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Simulator, LetsThingsHappenInTheirOrder) {
    Simulator simulator;
    std::vector<int> happened;
    simulator.after(2s, [&] { happened.push_back(3); });
    simulator.after(1s, [&] {
        happened.push_back(1);
        simulator.after(0s, [&] { happened.push_back(2); });
    });
    simulator.after(2s, [&] { happened.push_back(4); });
    EXPECT_FALSE(simulator.run_until([] { return false; }, 1h));
    EXPECT_THAT(happened, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(simulator.now(), 2s);
}

TEST(Simulator, StopsAtItsLimit) {
    Simulator simulator;
    bool happened = false;
    simulator.after(2h, [&] { happened = true; });
    EXPECT_FALSE(simulator.run_until([&] { return happened; }, 1h));
    EXPECT_FALSE(happened);
}

TEST(Statistics, KnowStudentsInterval) {
    auto summary = summarize({2, 4, 4, 4, 5, 5, 7, 9});
    EXPECT_DOUBLE_EQ(summary.mean, 5);
    EXPECT_NEAR(summary.deviation, 2.138, 0.001);            // sqrt(32 / 7)
    EXPECT_NEAR(summary.high - summary.mean, 1.788, 0.001);  // 2.365 * 2.138 / sqrt(8)
    EXPECT_DOUBLE_EQ(summarize({3}).high, 3);
    EXPECT_DOUBLE_EQ(summarize({}).mean, 0);
}

TEST(SeededRandom, HasTheDistributionsItSays) {
    SeededRandom random(1);
    std::vector<double> uniform, normal, exponential;
    for (int n = 0; n < 20'000; ++n) {
        uniform.push_back(random.uniform());
        normal.push_back(random.normal());
        exponential.push_back(random.exponential());
    }
    EXPECT_NEAR(summarize(uniform).mean, 0.5, 0.01);
    EXPECT_NEAR(summarize(normal).mean, 0, 0.03);
    EXPECT_NEAR(summarize(normal).deviation, 1, 0.03);
    EXPECT_NEAR(summarize(exponential).mean, 1, 0.03);
    EXPECT_NE(SeededRandom(1, "a").next(), SeededRandom(1, "b").next());
    EXPECT_EQ(SeededRandom(1, "a").next(), SeededRandom(1, "a").next());
}

/// A network of 100 ms of round trip and 100 kB/s.
struct Rig {
    explicit Rig(double loss = 0, double promotion = 0, bool connected = true)
        : path(simulator, random,
               {.name = "rig",
                .round_trip = 0.1,
                .down_bytes_per_second = 100'000,
                .up_bytes_per_second = 100'000,
                .loss = loss,
                .promotion = promotion,
                .tail = 5},
               connected) {}
    /// When so many octets from the server are there.
    double time_of(std::size_t size) {
        Connection connection(simulator, path, true);
        bool there = false;
        auto begin = simulator.now();
        connection.send_down(size, [&] { there = true; });
        EXPECT_TRUE(simulator.run_until([&] { return there; }, 1h));
        return in_seconds(simulator.now() - begin);
    }
    SeededRandom random{5};
    Simulator simulator;
    Path path;
};

TEST(TcpStream, TakesTheWayAndTheBandwidth) {
    // 1,000 octets and 52 of headers at 100 kB/s, then half of the round trip.
    EXPECT_NEAR(Rig().time_of(1000), 0.01052 + 0.05, 1e-6);
}

TEST(TcpStream, WaitsForAcknowledgementsWhereItsWindowIsFull) {
    // On a fast link: ten segments at once, the eleventh when the first is acknowledged.
    Rig fast;
    fast.path.network.down_bytes_per_second = 1e12;
    Link down(fast.simulator, fast.random, fast.path.radio, fast.path.network, 1e12);
    TcpStream stream(fast.simulator, down, fast.path.up);
    std::vector<Time> there;
    for (std::size_t segments : {10U, 1U}) {
        stream.write(segments * kSegment, [&] { there.push_back(fast.simulator.now()); });
    }
    fast.simulator.run_until([&] { return there.size() == 2; }, 1h);
    EXPECT_NEAR(in_seconds(there.at(0)), 0.05, 0.001);
    EXPECT_NEAR(in_seconds(there.at(1)), 0.15, 0.002);
}

TEST(TcpStream, DeliversEverythingWhateverGetsLost) {
    for (auto loss : {0.05, 0.3}) {
        Rig rig(loss);
        auto time = rig.time_of(100'000);
        EXPECT_GT(time, 1.05) << "the bandwidth alone";
        EXPECT_LT(time, loss < 0.1 ? 20 : 3600);
    }
}

TEST(Connection, OpensInTwoRoundTrips) {
    Rig rig;
    Connection connection(rig.simulator, rig.path, false);
    bool opened = false;
    connection.open([&] { opened = true; });
    ASSERT_TRUE(rig.simulator.run_until([&] { return opened; }, 1h));
    EXPECT_NEAR(in_seconds(rig.simulator.now()), 0.2, 0.03) << "and some kilobytes at 100 kB/s";
}

TEST(Connection, LosesWhatIsOnItsWayWhenItEnds) {
    Rig rig;
    bool there = false;
    {
        Connection connection(rig.simulator, rig.path, true);
        connection.send_down(100, [&] { there = true; });
    }
    rig.simulator.run_until([] { return false; }, 1h);
    EXPECT_FALSE(there);
}

TEST(Radio, IsPromotedAndStaysOnForItsTail) {
    Rig rig(0, 2, false);
    EXPECT_NEAR(rig.time_of(1000), 2 + 0.06052, 1e-6);
    EXPECT_NEAR(rig.time_of(1000), 0.06052, 1e-6);
    auto on = in_seconds(rig.path.radio.on_time());
    EXPECT_NEAR(on, 2 + 2 * 0.06052 + 5, 0.2);
}

}  // namespace
}  // namespace oti::compare
