// SPDX-License-Identifier: Apache-2.0
// Whole experiments: what they are to reach, and that they give the same again.
#include "compare/measurement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "card/testing.h"
#include "compare/report.h"
#include "compare/results.h"

namespace oti::compare {
namespace {

using card::testing::must;
using testing::HasSubstr;
using testing::Not;

Experiment experiment() {
    auto experiment = Experiment::standard();
    experiment.applets = {OTI_SOURCE_DIR "/applets/transit-1.0.cap"};
    experiment.runs = 3;
    experiment.elements = {"uicc-2014"};
    experiment.networks = {must(network_named("3g"))};
    experiment.paper = experiment.qualities = false;
    return experiment;
}

Measurement measured(Experiment experiment) {
    Measurement measurement(std::move(experiment));
    auto status = measurement.run({});
    EXPECT_TRUE(status) << status.error().message;
    return measurement;
}

std::string document(Experiment experiment) {
    return as_document(results_of(measured(std::move(experiment))));
}

TEST(Measurement, GivesTheSameForTheSameSeed) {
    auto same = experiment();
    same.runs = 2;
    same.sweep.losses = {0.05};
    same.sweep.cuts_every_s = {5};
    same.qualities = true;
    auto first = document(same), second = document(same);
    EXPECT_EQ(first, second);
    same.seed = 2;
    EXPECT_NE(document(same), first);
}

/// Table I: the wire is fitted, the rest is predicted.
TEST(Measurement, ReproducesThePaper) {
    auto paper = experiment();
    paper.paper = true;
    paper.bearers.emplace_back("ota-sms");
    auto measurement = measured(paper);
    auto mean = [&](std::string_view bearer, Procedure procedure) {
        return measurement.find(Part::kPaper, bearer, procedure)->seconds.mean;
    };
    EXPECT_NEAR(mean("otw", Procedure::kBare), 18.2, 18.2 * 0.02);
    EXPECT_NEAR(mean("oti-lockstep", Procedure::kBare), 25.7, 25.7 * 0.10);
    EXPECT_NEAR(mean("ota-sms", Procedure::kBare), 325, 325 * 0.15);
    EXPECT_LE(mean("oti", Procedure::kSession), 1.05 * mean("otw", Procedure::kSession));
}

TEST(Measurement, IsWithinTwoRoundTripsOfTheWireOnAnElementOfToday) {
    auto today = experiment();
    today.elements = {"ese-2024"};
    today.networks = {must(network_named("4g"))};
    auto measurement = measured(today);
    EXPECT_LE(measurement.find(Part::kGrid, "oti")->seconds.high,
              measurement.find(Part::kGrid, "otw")->seconds.mean + 2 * today.networks.front().round_trip);
}

TEST(Measurement, CompletesWhateverTheNetworkLoses) {
    auto lossy = experiment();
    lossy.bearers = {"oti"};
    lossy.runs = 20;
    lossy.sweep.element = "uicc-2014";
    lossy.sweep.losses = {0.01, 0.05};
    lossy.sweep.cuts_every_s = {10};
    auto measurement = measured(lossy);
    for (const auto& cell : measurement.cells()) {
        EXPECT_EQ(cell.completed, cell.runs) << name_of(cell.part) << ' ' << cell.x << ": " << cell.error;
        if (cell.part == Part::kCut) {
            EXPECT_GT(cell.resumptions, 0) << "the sessions go on";
        }
    }
}

TEST(Measurement, FindsQualitiesByRuns) {
    auto curious = experiment();
    curious.qualities = true;
    curious.sweep.element = "uicc-2024";
    curious.bearers.emplace_back("ota-sms");
    curious.bearers.emplace_back("bip");
    auto measurement = measured(curious);
    ASSERT_EQ(measurement.qualities().size(), 6 * curious.bearers.size());
    for (const auto& quality : measurement.qualities()) {
        EXPECT_THAT(quality.evidence, HasSubstr("run '"));
        bool by_sms = quality.bearer == "ota-sms", on_the_phone = quality.bearer != "otw" && !by_sms;
        bool expected = quality.question == "Works without the issuer?"        ? !by_sms
                        : quality.question == "Needs the issuer's keys?"       ? by_sms
                        : quality.question == "Needs software in the handset?" ? on_the_phone
                                                                               : true;
        EXPECT_EQ(quality.yes, expected)
            << quality.bearer << ": " << quality.question << ' ' << quality.evidence;
    }
}

TEST(Measurement, SaysWhatCannotBeCompared) {
    auto strange = experiment();
    strange.bearers = {"pigeon"};
    auto status = Measurement(strange).run({});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, "compare.bearer");
    EXPECT_THAT(status.error().message, HasSubstr("pigeon"));
    EXPECT_THAT(status.error().hint, HasSubstr("oti-lockstep"));
}

TEST(Applet, GrowsAndStillInstalls) {
    auto hello = must(read_applet(OTI_SOURCE_DIR "/applets/hello.cap"));
    SeededRandom random(1);
    auto subject = must(Subject::create("uicc-2024", random));
    for (std::size_t size : {std::size_t{1024}, std::size_t{9216}, std::size_t{65536}}) {
        auto larger = must(grown(hello, size));
        EXPECT_EQ(larger.size(), size);
        auto outcome =
            must(must(make_bearer("otw"))
                     ->install({.subject = subject, .applet = larger, .network = must(network_named("4g"))}));
        EXPECT_TRUE(outcome.completed) << size << ": " << outcome.error;
    }
    for (std::size_t size : {std::size_t{100}, hello.size() + 1, std::size_t{80'000}}) {
        auto impossible = grown(hello, size);
        ASSERT_FALSE(impossible) << size;
        EXPECT_EQ(impossible.error().code, "compare.size");
    }
}

TEST(Report, NeedsNothingElse) {
    auto whole = experiment();
    whole.title = "<b>&";
    whole.paper = whole.qualities = true;
    whole.sweep.sizes_kb = {10, 20};
    whole.sweep.cut_at_percent = {25, 75};
    auto page = report_of(measured(whole));
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("<b>&<")));
    EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;"));
    EXPECT_THAT(page, HasSubstr("Time against the applet&#39;s size"));
    EXPECT_THAT(page, HasSubstr("18.2 s"));
}

TEST(Experiment, IsReadFromItsFile) {
    auto read = must(Experiment::parse(R"(title = "mine"
seed = 7
runs = 3
bearers = "otw, oti"
networks = "4g, tunnel"  # one of our own
paper = false

[sweep]
network = "tunnel"
losses = "0, 0.5"

[network.tunnel]
base = "3g"
cut_every = 10
)"));
    EXPECT_EQ(read.seed, 7U);
    EXPECT_THAT(read.bearers, testing::ElementsAre("otw", "oti"));
    ASSERT_EQ(read.networks.size(), 2U);
    EXPECT_EQ(read.networks[1].cut_every, 10);
    EXPECT_EQ(read.networks[1].round_trip, must(network_named("3g")).round_trip);
    EXPECT_EQ(read.sweep.network.name, "tunnel");
    EXPECT_THAT(read.sweep.losses, testing::ElementsAre(0, 0.5));
    EXPECT_FALSE(read.paper);
}

TEST(Experiment, RefusesWhatItDoesNotKnow) {
    for (const auto* wrong :
         {"sed = 1", "seed = -1", "runs = 0", "networks = \"moon\"", "seed = ", "[sweep]\nlosses = \"2\"",
          "[sweep]\nlosses = \"x\"", "[network.a]\nround_trip = 1", "[network.a]\nbase = \"4g\"\nloss = 1",
          "paper = 3", "bearers = 3", "sweep = 3", "network = 3", "title = \"a", "[network]\na = 1"}) {
        auto read = Experiment::parse(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().kind, ErrorKind::kUsage);
    }
    for (auto name : {"paper", "bearers"}) {
        std::ifstream file(std::string(OTI_SOURCE_DIR "/experiments/") + name + ".toml");
        std::string text{std::istreambuf_iterator<char>(file), {}};
        EXPECT_TRUE(Experiment::parse(text)) << name;
    }
}

}  // namespace
}  // namespace oti::compare
