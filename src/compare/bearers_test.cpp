// SPDX-License-Identifier: Apache-2.0
// Installations in virtual time, by every bearer: complete, repeatable, and as fast as they should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "card/testing.h"
#include "compare/bearer.h"

namespace oti::compare {
namespace {

using card::testing::must;

const Subject& subject(const std::string& profile) {
    static std::map<std::string, Subject> made;
    auto found = made.find(profile);
    if (found == made.end()) {
        SeededRandom random(7);
        found = made.emplace(profile, must(Subject::create(profile, random))).first;
    }
    return found->second;
}

const Applet& transit() {
    static const auto applet = must(read_applet(OTI_SOURCE_DIR "/applets/transit-1.0.cap"));
    return applet;
}

Trial trial(const std::string& profile, Network network, std::string name = "test") {
    return {.subject = subject(profile),
            .applet = transit(),
            .network = std::move(network),
            .name = std::move(name)};
}

Outcome install(std::string_view bearer, const Trial& trial) {
    auto outcome = must(must(make_bearer(bearer))->install(trial));
    EXPECT_TRUE(outcome.completed) << bearer << ": " << outcome.error;
    return outcome;
}

double time_of(const Outcome& outcome) {
    return in_seconds(outcome.duration);
}

TEST(Bearers, InstallOverEveryNetwork) {
    for (const auto& name : bearer_names()) {
        for (const auto& network : networks()) install(name, trial("uicc-2014", network));
    }
}

TEST(Bearers, AreWithinARoundTripOfTheWire) {
    auto network = must(network_named("4g"));
    auto wire = install("otw", trial("ese-2024", network)), warm = install("oti", trial("ese-2024", network));
    EXPECT_LE(time_of(warm), time_of(wire) + 2 * network.round_trip);
}

TEST(Bearers, GiveTheSameForTheSameSeed) {
    auto network = must(network_named("3g"));
    network.loss = 0.05;
    network.cut_every = 10;
    for (const auto& name : bearer_names()) {
        auto first = install(name, trial("uicc-2014", network)),
             second = install(name, trial("uicc-2014", network));
        EXPECT_EQ(first.duration, second.duration);
        EXPECT_EQ(first.bytes_down, second.bytes_down);
    }
}

TEST(Bearers, CompleteWhateverGetsLost) {
    for (auto loss : {0.01, 0.05}) {
        for (int run = 0; run < 20; ++run) {
            auto network = must(network_named("4g"));
            network.loss = loss;
            network.cut_every = 10;
            install("oti", trial("uicc-2014", network, std::to_string(run)));
        }
    }
}

// However late Resume comes, no session is begun anew for a connection that is soon back.
TEST(Bearers, ResumeASessionWhateverGetsLost) {
    auto network = must(network_named("4g"));
    network.loss = 0.1;
    network.cut_every = 3;
    network.outage = 0.5;
    std::size_t resumptions = 0;
    for (int run = 0; run < 20; ++run) {
        auto outcome = install("oti", trial("uicc-2014", network, std::to_string(run)));
        EXPECT_EQ(outcome.retries, 0U) << run;
        resumptions += outcome.resumptions;
    }
    EXPECT_GT(resumptions, 0U);
}

}  // namespace
}  // namespace oti::compare
