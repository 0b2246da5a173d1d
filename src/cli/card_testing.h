// SPDX-License-Identifier: Apache-2.0
// For tests: `oti card` on an image file, the whole program in this process.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include <cstdlib>
#include <filesystem>

#include "cli/cli.h"
#include "cli/files.h"

namespace oti::cli {

inline constexpr std::string_view kTransit = "F04F54490201", kPackage = "F04F544902", kDomain = "F04F544900",
                                  kOtherKey = "000102030405060708090A0B0C0D0E0F";

struct Outcome {
    int status = 0;
    std::string text;
    json::object data;   ///< of the result
    json::object error;  ///< of the result
};

class CardCommandsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "oti-card-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        for (const char* name :
             {"OTI_SE", "OTI_READER", "OTI_KEY", "OTI_SD", "OTI_KDF", "OTI_LEVEL", "OTI_SCP"})
            unsetenv(name);
        setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
        make("uicc-2024");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void make(const std::string& profile) {
        ASSERT_EQ(run_program({"se", "new", se(), "--profile", profile, "--id", "card-1"}).status, 0);
    }
    /// Another card in the place of the one there is: a profile of which a line reads otherwise.
    void make_with(const std::string& profile, const std::string& line, const std::string& instead) {
        auto text = read_text(OTI_SOURCE_DIR "/profiles/" + profile + ".toml").value();
        ASSERT_NE(text.find(line), std::string::npos);
        text.replace(text.find(line), line.size(), instead);
        std::string path = folder_ / "other.toml";
        ASSERT_TRUE(write_text(path, text, kPublicFile));
        std::filesystem::remove(se());
        make(path);
    }
    std::string se() const { return folder_ / "card.se"; }
    static std::string cap(const std::string& name) { return OTI_SOURCE_DIR "/applets/" + name + ".cap"; }

    static Outcome run_program(std::vector<std::string> words) {
        words.insert(words.begin(), {"oti", "--log", "off"});
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        Outcome outcome;
        outcome.status = run(static_cast<int>(arguments.size()), arguments.data());
        outcome.text = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
        return outcome;
    }
    /// `oti card` as a person calls it.
    Outcome say(std::vector<std::string> words) const {
        words.insert(words.begin(), "card");
        words.insert(words.end(), {"--se", se()});
        return run_program(std::move(words));
    }
    /// `oti card` as a program calls it.
    Outcome card(std::vector<std::string> words) const {
        words.emplace_back("--json");
        auto outcome = say(std::move(words));
        std::size_t at = outcome.text.rfind("{\"type\":\"result\"");
        if (at == std::string::npos) return outcome;
        auto line = outcome.text.substr(at, outcome.text.find('\n', at) - at);
        auto result = json::parse(line).as_object();
        if (result.contains("data")) outcome.data = result["data"].as_object();
        if (result.contains("error")) outcome.error = result["error"].as_object();
        return outcome;
    }
    std::string error_of(const Outcome& outcome) const {
        return outcome.error.contains("code") ? std::string(outcome.error.at("code").as_string())
                                              : "none: " + outcome.text;
    }
    /// All that is on the card but for the counters that each session moves.
    std::string inspection() const {
        static const std::regex counter(R"("sequence_counter":\d+)");
        return std::regex_replace(run_program({"se", "inspect", se(), "--json"}).text, counter, "");
    }
    /// The life cycle of an application as `list` gives it; empty if it is not there.
    std::string state_of(std::string_view aid) const {
        auto list = card({"list"});
        for (const auto& entry : list.data["applications"].as_array()) {
            if (entry.at("aid").as_string() == aid) return std::string(entry.at("life_cycle").as_string());
        }
        return {};
    }

    std::filesystem::path folder_;
};

}  // namespace oti::cli
