// SPDX-License-Identifier: Apache-2.0
// `oti ota send` by way of `oti ota smsc`, which is a process of its own, with all that happens to messages.
#include <csignal>

#include "cli/card_testing.h"
#include "cli/process.h"

namespace oti::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kNumber = "+491701234567";

class OtaSmscTest : public CardCommandsTest {
  protected:
    void SetUp() override {
        CardCommandsTest::SetUp();
        std::filesystem::remove(se());
        auto made = run_program({"se", "new", se(), "--profile", "uicc-2024", "--id", "card-1", "--ota-kic",
                                 kKic, "--ota-kid", kKid, "--ota-dek", kKid});
        ASSERT_EQ(made.status, 0) << made.text;
    }
    static std::filesystem::path program() {
        return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "oti";
    }
    /// The message centre, once it listens; `address()` is then its own.
    Process centre(std::vector<std::string> more = {}) {
        std::vector<std::string> words{
            "--json",      "ota", "smsc",       "--listen", address(), "--card", kNumber + ("=" + se()),
            "--system-id", "me",  "--password", "secret"};
        words.insert(words.end(), more.begin(), more.end());
        auto process = Process::start(program(), words, folder_ / "smsc.log").value();
        auto line = process.read_line();
        if (!line) throw std::runtime_error(read_text(folder_ / "smsc.log").value_or("no log"));
        port_ = json::parse(*line).as_object().at("port").to_number<std::uint16_t>();
        return process;
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    std::vector<std::string> send_words(std::vector<std::string> words,
                                        const std::string& password = "secret") const {
        words.insert(words.begin(), {"ota", "send"});
        words.insert(words.end(),
                     {"--smsc", address(), "--msisdn", kNumber, "--system-id", "me", "--password", password,
                      "--kic", kKic, "--kid", kKid, "--counter-file", folder_ / "counter"});
        return words;
    }
    Outcome send(const std::vector<std::string>& words, const std::string& password = "secret") const {
        return run_program(send_words(words, password));
    }

    Outcome send_to(const std::string& number) const {
        auto words = send_words({"80CA004200", "--patience", "0.05"});
        std::ranges::replace(words, kNumber, number);
        return run_program(words);
    }

    std::uint16_t port_ = 0;
    inline static const std::string kKic = "200102030405060708090A0B0C0D0E0F",
                                    kKid = "201102030405060708090A0B0C0D0E0F";
};

TEST_F(OtaSmscTest, InstallsThoughMessagesAreLostDoubledAndOvertaken) {
    auto smsc = centre({"--latency", "1", "--jitter", "2", "--loss", "0.03", "--loss-back", "0",
                        "--duplicate", "0.1", "--reorder", "0.1", "--seed", "7"});
    auto installed = send({"--install", cap("hello"), "--patience", "0.5"});
    EXPECT_EQ(installed.status, 0) << installed.text;
    EXPECT_TRUE(smsc.terminate(SIGTERM));
    EXPECT_THAT(say({"list"}).text, HasSubstr("F04F54490101"));
}

TEST_F(OtaSmscTest, SendsAgainWhatACentreHadInHandWhenItDied) {
    auto smsc = centre({"--latency", "600000"});
    auto words = send_words({"80CA004200", "--patience", "0.5", "--json"});
    auto sender = Process::start(program(), words, folder_ / "send.log").value();
    ASSERT_THAT(sender.read_line().value(), HasSubstr("packet 1"));
    smsc.kill();
    smsc = centre();
    std::string last;
    while (auto line = sender.read_line()) last = *line;
    EXPECT_THAT(last, HasSubstr("\"ok\":true"));
    EXPECT_EQ(sender.exit_status(), 0);
}

TEST_F(OtaSmscTest, SaysWhyNothingArrives) {
    {
        auto smsc = centre({"--validity", "0.001", "--latency", "50"});
        auto expired = send({"80CA004200"});
        EXPECT_EQ(expired.status, 5) << expired.text;
        EXPECT_THAT(expired.text, HasSubstr("smpp.undelivered"));
        auto stranger = send({"80CA004200"}, "wrong");
        EXPECT_EQ(stranger.status, 3) << stranger.text;
        EXPECT_THAT(stranger.text, HasSubstr("smpp.bind"));
        auto nobody = send_to("+491709");
        EXPECT_EQ(nobody.status, 6) << nobody.text;
        EXPECT_THAT(nobody.text, HasSubstr("smpp.refused"));
        auto no_number = send_to("+49x");
        EXPECT_EQ(no_number.status, 2) << no_number.text;
        EXPECT_THAT(no_number.text, HasSubstr("sms.address"));
    }
    auto smsc = centre({"--loss-back", "1"});
    auto silence = send({"80CA004200", "--patience", "0.05"});
    EXPECT_EQ(silence.status, 5) << silence.text;
    EXPECT_THAT(silence.text, HasSubstr("ota.no_answer"));
}

TEST_F(OtaSmscTest, KeepsWhatIsForAPhoneThatIsSomewhereElse) {
    auto smsc = Process::start(program(),
                               {"--json", "ota", "smsc", "--listen", address(), "--phone", "+491703",
                                "--system-id", "me", "--password", "secret"},
                               folder_ / "smsc.log")
                    .value();
    port_ = json::parse(smsc.read_line().value()).as_object().at("port").to_number<std::uint16_t>();
    auto unread = send_to("+491703");
    EXPECT_THAT(unread.text, HasSubstr("ota.no_answer"));
    EXPECT_TRUE(smsc.terminate(SIGTERM));
}

TEST_F(OtaSmscTest, SaysWhatItWasNotTold) {
    EXPECT_EQ(run_program({"ota", "smsc", "--listen", "127.0.0.1:0"}).status, 2);
    EXPECT_EQ(run_program({"ota", "smsc", "--card", se()}).status, 2);
    EXPECT_EQ(run_program({"ota", "smsc", "--card", "1=" + se(), "--listen", "somewhere"}).status, 2);
    auto twice =
        run_program({"ota", "smsc", "--card", "+1=" + se(), "--phone", "1", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(twice.status, 2);
    EXPECT_THAT(twice.text, HasSubstr("two handsets have the number 1"));
    EXPECT_THAT(send({"80CA004200", "--coding", "8-bit"}).text, HasSubstr("usage.coding"));
    EXPECT_THAT(send({"80CA004200"}, "more than 8").text, HasSubstr("smpp.field"));
    for (std::vector<std::string> incomplete :
         {std::vector<std::string>{"ota", "send", "--kic", kKic, "--kid", kKid, "--counter-file", "counter",
                                   "--smsc", "127.0.0.1:1", "80CA004200"},
          {"agent", "run", "--identity", "me", "--se", se(), "--server", "https://sp", "--smsc",
           "127.0.0.1:1"},
          {"agent", "run", "--identity", "me", "--se", se(), "--server", "https://sp", "--msisdn", "1"},
          {"sp", "serve", "--identity", "sp", "--state", "sp", "--tsm", "https://tsm", "--administration",
           "127.0.0.1:0"}}) {
        auto outcome = run_program(incomplete);
        EXPECT_EQ(outcome.status, 2);
        EXPECT_THAT(outcome.text, HasSubstr("requires"));
    }
}

}  // namespace
}  // namespace oti::cli
