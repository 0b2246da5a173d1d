// SPDX-License-Identifier: Apache-2.0
// Sessions that other people's programs had with this card, in testdata/replay, command by command: what
// those programs accepted once must go on being answered so. `docs/peers.md` says how they are recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "card/testing.h"
#include "card/transmission.h"

namespace oti::card {
namespace {

using testing::must;

/// One line of a recording: the card is reset, or a message comes and is answered.
struct Step {
    std::size_t line = 0;
    std::string of;  ///< the other program's command line
    bool is_reset = false;
    Bytes command, response;
};

/// A file of these lines, in which `#` begins a comment:
///
///     profile = uicc-2024      what the secure element is made of, before the first step: the profile of the
///                              time, uicc-2024.toml beside it
///     $ gp --list              the command line that what follows belongs to
///     reset
///     > 00A4040000             what came over the line (with T=0, a TPDU)
///     < 6112                   the answer
struct Recording {
    std::map<std::string, std::string> settings;
    std::vector<Step> steps;

    static Recording read(const std::filesystem::path& path) {
        std::ifstream file(path);
        if (!file) throw std::runtime_error("cannot be opened: " + path.string());
        Recording recording;
        std::string line, of;
        for (std::size_t number = 1; std::getline(file, line); ++number) {
            auto rest = line.size() > 2 ? line.substr(2) : std::string();
            if (line.empty() || line.starts_with('#')) continue;
            if (line.starts_with("$ ")) {
                of = rest;
            } else if (line == "reset") {
                recording.steps.push_back({number, of, true, {}, {}});
            } else if (line.starts_with("> ")) {
                recording.steps.push_back({number, of, false, from_hex(rest), {}});
            } else if (line.starts_with("< ") && !recording.steps.empty()) {
                recording.steps.back().response = from_hex(rest);
            } else if (auto equals = line.find(" = "); equals != std::string::npos) {
                recording.settings[line.substr(0, equals)] = line.substr(equals + 3);
            } else {
                throw std::runtime_error(path.string() + ": line " + std::to_string(number));
            }
        }
        return recording;
    }
};

constexpr auto kFolder = OTI_SOURCE_DIR "/src/card/testdata/replay/";

std::vector<std::string> recordings() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

class Replay : public ::testing::TestWithParam<std::string> {};

TEST_P(Replay, IsAnsweredAsRecorded) {
    auto recording = Recording::read(kFolder + GetParam() + ".txt");
    ASSERT_FALSE(recording.steps.empty());
    testing::CountingRandom random;
    auto& settings = recording.settings;
    Personalization personalization{testing::keys_of(settings.at("key")), 0x30,
                                    Personalization::identity_for(settings.at("se_id"))};
    auto se = must(SecureElement::create(std::make_unique<MemoryNvmFile>(std::make_shared<MemoryMedium>()),
                                         must(load_profile(kFolder + settings.at("profile") + ".toml")),
                                         personalization, random));
    Transmission card(se);
    for (const auto& step : recording.steps) {
        if (step.is_reset) {
            card.reset();
            continue;
        }
        Exchange exchange;
        // What comes after the first difference has another state to begin with, and says nothing.
        ASSERT_EQ(to_hex(card.process(step.command, exchange)), to_hex(step.response))
            << GetParam() << ".txt, line " << step.line << ": " << step.of << "\n"
            << to_hex(step.command);
    }
}

INSTANTIATE_TEST_SUITE_P(Peers, Replay, ::testing::ValuesIn(recordings()), [](const auto& info) {
    auto name = info.param;
    std::ranges::replace_if(
        name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
});

}  // namespace
}  // namespace oti::card
