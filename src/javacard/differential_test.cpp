// SPDX-License-Identifier: Apache-2.0
// Applets of ours, run in another virtual machine: the scripts in testdata/cref have the answers of Sun's
// simulated card, which ours has to give, too. Lines of a script:
//
//     load CAP                          of applets/tests
//     install MODULE INSTANCE [DATA]    delete INSTANCE        unload PACKAGE
//     reset                             the power goes and comes back
//     > C-APDU
//     < R-APDU                          the answer; of what is no command, its status is 9000 or any other
//     = R-APDU                          what is right, where cref's answer is not; a comment cites the clause
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "javacard/test_card.h"

namespace oti::javacard {
namespace {

constexpr auto kScripts = OTI_SOURCE_DIR "/src/javacard/testdata/cref/";

struct Step {
    std::size_t line = 0;
    std::string verb;
    std::vector<std::string> arguments;
    std::string expected;
};

std::vector<Step> read_script(const std::string& path) {
    std::ifstream file(path);
    std::vector<Step> steps;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        std::istringstream words(line.substr(0, line.find('#')));
        Step step{number, {}, {}, {}};
        if (!(words >> step.verb)) continue;
        for (std::string word; words >> word;) step.arguments.push_back(word);
        if (step.verb != "<" && step.verb != "=") {
            steps.push_back(step);
        } else if (!steps.empty()) {
            steps.back().expected = step.arguments.at(0);
        }
    }
    return steps;
}

Bytes bytes_of(const std::vector<std::string>& words, std::size_t first) {
    std::string all;
    for (auto i = first; i < words.size(); ++i) all += words[i];
    return from_hex(all);
}

/// In hex; of what is no command, 9000 or why not.
std::string run(TestCard& card, const Step& step) {
    auto aid = [&](std::size_t i) { return iso7816::Aid::constant(step.arguments.at(i)); };
    auto status = [](const auto& done) { return done ? "9000" : done.error().message; };
    if (step.verb == ">") return to_hex(card.exchange(bytes_of(step.arguments, 0)));
    if (step.verb == "load") {
        return status(card.load(OTI_SOURCE_DIR "/applets/tests/" + step.arguments.at(0)));
    }
    if (step.verb == "install") return status(card.install(aid(0), aid(1), bytes_of(step.arguments, 2)));
    if (step.verb == "delete") return status(card.remove({{aid(0)}}, {}));
    if (step.verb == "unload") return status(card.remove({}, {{aid(0)}}));
    if (step.verb != "reset") throw std::invalid_argument(step.verb);
    card.reset();
    return {};
}

std::vector<std::string> scripts() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kScripts)) {
        names.push_back(entry.path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

class Differential : public testing::TestWithParam<std::string> {};

TEST_P(Differential, IsAnsweredAsByAnotherMachine) {
    auto steps = read_script(kScripts + GetParam() + ".txt");
    ASSERT_FALSE(steps.empty());
    TestCard card;
    for (const auto& step : steps) {
        auto answer = run(card, step);
        bool is_status = step.verb != ">" && step.verb != "reset";
        auto expected = is_status && step.expected != "9000" && answer != "9000" ? answer : step.expected;
        EXPECT_EQ(answer, expected) << GetParam() << ".txt, line " << step.line << ": " << step.verb << " "
                                    << (step.arguments.empty() ? "" : step.arguments.back());
    }
}

INSTANTIATE_TEST_SUITE_P(Cref, Differential, testing::ValuesIn(scripts()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace oti::javacard
