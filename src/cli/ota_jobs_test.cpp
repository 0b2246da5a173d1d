// SPDX-License-Identifier: Apache-2.0
// Jobs by short messages: TSM, provider and message centre as processes, and no SE Manager anywhere.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "base/hex.h"
#include "bearer/sockets.h"
#include "card/disk_nvm_file.h"
#include "card/secure_element.h"
#include "cli/demo_site.h"
#include "cli/files.h"

namespace oti::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view kNumber = "491701234567", kSeId = "89330011223344556677",
                           kKey = "404142434445464748494A4B4C4D4E4F",
                           kKic = "200102030405060708090A0B0C0D0E0F",
                           kKid = "201102030405060708090A0B0C0D0E0F",
                           kDek = "202102030405060708090A0B0C0D0E0F";

class OtaJobsTest : public testing::Test {
  protected:
    void SetUp() override {
        crypto::SystemRandom random;
        folder_ = std::filesystem::temp_directory_path() / ("oti-test-" + to_hex(random.bytes(6)));
        std::filesystem::create_directories(folder_);
        auto made = Process::start(program(),
                                   {"se", "new", se(), "--profile", "uicc-2024", "--id", std::string(kSeId),
                                    "--key", std::string(kKey), "--ota-kic", std::string(kKic), "--ota-kid",
                                    std::string(kKid), "--ota-dek", std::string(kDek), "--json"},
                                   folder_ / "se.log");
        ASSERT_TRUE(made && made->wait());
        start_centre();
        const std::string applets = OTI_SOURCE_DIR "/applets/";
        auto site = Site::create({applets + "transit-1.0.cap", applets + "transit-1.1.cap"}, program(),
                                 {.smsc = address(), .administration = free_address()});
        ASSERT_TRUE(site) << site.error().message;
        site_ = std::move(*site);
    }
    void TearDown() override {
        site_.reset();
        centre_.reset();
        std::filesystem::remove_all(folder_);
    }

    static std::filesystem::path program() {
        return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "oti";
    }
    std::string se() const { return folder_ / "phone.se"; }
    /// Nobody listens there, and nobody is given it for a while.
    static std::string free_address() {
        auto socket = bearer::listen_on({"127.0.0.1", 0}).value();
        return "127.0.0.1:" + std::to_string(bearer::port_of(socket.get()));
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    void start_centre(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{
            "--json", "ota", "smsc", "--listen", address(), "--card", std::string(kNumber) + "=" + se()};
        words.insert(words.end(), more.begin(), more.end());
        centre_ = Process::start(program(), words, folder_ / "smsc.log").value();
        auto line = centre_->read_line();
        ASSERT_TRUE(line) << read_text(folder_ / "smsc.log").value_or("no log");
        port_ = json::parse(*line).as_object().at("port").to_number<std::uint16_t>();
    }
    void import_se() {
        auto tsm = site_->ask_tsm();
        std::string key(kKey);
        json::object body{{"se_id", kSeId},
                          {"aid", "A000000151000000"},
                          {"key_version", 0x30},
                          {"kdf", "none"},
                          {"keys", key + key + key},
                          {"packets", json::object{{"msisdn", "+" + std::string(kNumber)},
                                                   {"key_version", 1},
                                                   {"next_counter", 1},
                                                   {"keys", fmt::format("{}{}{}", kKic, kKid, kDek)}}}};
        auto imported = tsm->call("POST", "/api/v1/secure-elements", std::move(body));
        ASSERT_TRUE(imported) << imported.error().message;
    }
    std::int64_t begin(std::string_view action, std::string_view version) {
        auto provider = site_->ask_provider();
        json::object body{{"se_id", kSeId},
                          {"action", action},
                          {"application", "transit"},
                          {"version", version},
                          {"bearer", bearer_}};
        auto job = provider->call("POST", "/api/v1/jobs", std::move(body));
        if (!job) throw std::runtime_error(job.error().message);
        return api::integer(*job, "id").value();
    }
    json::object job(std::int64_t id) {
        auto provider = site_->ask_provider();
        return provider->call("GET", "/api/v1/jobs/" + std::to_string(id)).value_or(json::object{});
    }
    /// "done", or the error.
    std::string end_of(std::int64_t id) {
        for (auto deadline = std::chrono::steady_clock::now() + 90s;
             std::chrono::steady_clock::now() < deadline; std::this_thread::sleep_for(20ms)) {
            auto now = job(id);
            if (!now.contains("state")) continue;
            if (now.at("state") == "done") return "done";
            if (now.at("state") == "failed") return json::serialize(now.at("error"));
        }
        return "no end: " + json::serialize(job(id));
    }
    std::string run(std::string_view action, std::string_view version) {
        return end_of(begin(action, version));
    }
    /// The version of the applet on the card, which the message centre lets go for the look.
    std::string applet() {
        centre_.reset();
        crypto::SystemRandom random;
        auto se = card::SecureElement::open(card::DiskNvmFile::open(this->se()).value(), random).value();
        auto file = se.registry().load_file(iso7816::Aid::constant("F04F544902"));
        auto instance = se.registry().application(iso7816::Aid::constant("F04F54490201"));
        if (!file || !instance) return file || instance ? "half of it" : "nothing";
        return fmt::format("{}.{}", file->version.major, file->version.minor);
    }

    /// Until so many commands of the job are done, or all of it.
    void wait_for(std::int64_t id, std::int64_t commands) {
        for (auto deadline = std::chrono::steady_clock::now() + 60s;
             std::chrono::steady_clock::now() < deadline; std::this_thread::sleep_for(5ms)) {
            auto now = job(id);
            if (!now.contains("state") || now.at("state") == "done") return;
            const auto* progress = now.if_contains("progress");
            if (progress != nullptr && progress->as_object().at("done").to_number<std::int64_t>() >= commands)
                return;
        }
    }

    std::filesystem::path folder_;
    std::string bearer_ = "ota";
    std::optional<Process> centre_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Site> site_;
};

TEST_F(OtaJobsTest, InstallUpdateAndDeleteWithoutADataConnection) {
    import_se();
    auto id = begin("install", "1.0");
    EXPECT_EQ(end_of(id), "done");
    auto done = job(id);
    EXPECT_EQ(done.at("bearer"), "ota");
    EXPECT_GT(done.at("messages").to_number<int>(), 10);
    EXPECT_EQ(applet(), "1.0");
    start_centre();
    EXPECT_EQ(run("update", "1.1"), "done");
    EXPECT_EQ(applet(), "1.1");
    start_centre();
    EXPECT_EQ(run("delete", ""), "done");
    EXPECT_EQ(applet(), "nothing");
}

TEST_F(OtaJobsTest, EndWellThoughEverybodyIsKilledOnTheWay) {
    import_se();
    centre_.reset();
    start_centre({"--latency", "20"});
    auto id = begin("install", "1.0");
    std::this_thread::sleep_for(300ms);
    site_->tsm().kill();
    ASSERT_TRUE(site_->start_tsm());
    wait_for(id, 3);
    site_->provider().kill();
    ASSERT_TRUE(site_->start_provider());
    wait_for(id, 8);
    centre_->kill();
    centre_.reset();
    start_centre();
    EXPECT_EQ(end_of(id), "done");
    EXPECT_EQ(applet(), "1.0");
}

TEST_F(OtaJobsTest, EndWellThoughHalfOfTheMessagesComesTwice) {
    import_se();
    centre_.reset();
    start_centre({"--latency", "5", "--duplicate", "0.5", "--seed", "1"});
    EXPECT_EQ(run("install", "1.0"), "done");
    bearer_ = "bip";
    EXPECT_EQ(run("update", "1.1"), "done");
    EXPECT_EQ(run("delete", ""), "done");
    EXPECT_EQ(run("install", "1.1"), "done");
    EXPECT_EQ(applet(), "1.1");
}

TEST_F(OtaJobsTest, RunInACallOfTheCards) {
    import_se();
    bearer_ = "bip";
    auto id = begin("install", "1.0");
    EXPECT_EQ(end_of(id), "done");
    auto done = job(id);
    EXPECT_EQ(done.at("bearer"), "bip");
    EXPECT_LE(done.at("round_trips").to_number<int>(), 4) << "read, execute, read again";
    EXPECT_GT(done.at("bytes_down").to_number<int>(), 9000);
    EXPECT_EQ(applet(), "1.0");
    start_centre();
    id = begin("update", "1.1");
    EXPECT_EQ(end_of(id), "done");
    EXPECT_LE(job(id).at("messages").to_number<int>(), 3) << "one that tells it to call, and its proof";
    EXPECT_EQ(applet(), "1.1");
    start_centre();
    bearer_ = "ota";
    EXPECT_EQ(run("delete", ""), "done") << "the domain has the same keys";
    EXPECT_EQ(applet(), "nothing");
}

TEST_F(OtaJobsTest, GoOnWhereverACallBreaks) {
    import_se();
    bearer_ = "bip";
    ASSERT_EQ(run("install", "1.0"), "done");
    std::string version = "1.0";
    for (int round = 1; round <= 6; ++round) {
        version = version == "1.0" ? "1.1" : "1.0";
        auto id = begin("install", version);
        std::this_thread::sleep_for(round * 40ms);
        if (round % 2 == 0) {
            site_->provider().kill();
            ASSERT_TRUE(site_->start_provider());
        } else {
            // Phone and card lose their power.
            centre_->kill();
            centre_.reset();
            start_centre();
        }
        EXPECT_EQ(end_of(id), "done") << round;
        EXPECT_EQ(applet(), version) << round;
        start_centre();
    }
}

TEST_F(OtaJobsTest, ReachACardWhosePhoneIsTheSeManager) {
    import_se();
    centre_.reset();
    centre_ =
        Process::start(program(),
                       {"--json", "ota", "smsc", "--listen", address(), "--phone", std::string(kNumber)},
                       folder_ / "smsc.log")
            .value();
    ASSERT_TRUE(centre_->read_line());
    auto start_agent = [&] {
        std::vector<std::string> words{"--json", "agent", "run", "--identity", site_->folder() / "phone"};
        words.insert(words.end(), {"--se", se(), "--server", site_->provider_url(), "--smsc", address(),
                                   "--msisdn", std::string(kNumber), "--no-pacing"});
        auto agent = Process::start(program(), words, folder_ / "agent.log").value();
        EXPECT_TRUE(agent.read_line()) << read_text(folder_ / "agent.log").value_or("no log");
        return agent;
    };
    ASSERT_TRUE(site_->make_identity_of("phone", "agent"));
    std::optional<Process> agent(start_agent());
    bearer_ = "bip";
    ASSERT_EQ(run("install", "1.0"), "done");
    // The TSM has used the keys, and will not again.
    ASSERT_TRUE(write_text(folder_ / "counter", "1000\n",
                           std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    auto sent = Process::start(program(),
                               {"--json", "ota", "send", "--smsc", address(), "--system-id", "me", "--msisdn",
                                std::string(kNumber), "--counter-file", folder_ / "counter", "--kic",
                                std::string(kKic), "--kid", std::string(kKid), "80CA004200"},
                               folder_ / "send.log");
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->wait()) << read_text(folder_ / "send.log").value_or("no log");
    bearer_ = "ota";
    EXPECT_EQ(run("update", "1.1"), "done");
    bearer_ = "bip";
    for (auto version : {"1.0", "1.1"}) {
        auto id = begin("install", version);
        std::this_thread::sleep_for(60ms);
        agent->kill();
        agent.reset();
        agent.emplace(start_agent());
        EXPECT_EQ(end_of(id), "done");
    }
    agent.reset();
    EXPECT_EQ(applet(), "1.1");
}

TEST_F(OtaJobsTest, SayWhatIsMissing) {
    auto id = begin("install", "1.0");
    EXPECT_THAT(end_of(id), HasSubstr("secure_element.unknown"));
    auto provider = site_->ask_provider();
    json::object body{
        {"se_id", kSeId}, {"action", "install"}, {"application", "transit"}, {"bearer", "post"}};
    auto wrong = provider->call("POST", "/api/v1/jobs", std::move(body));
    EXPECT_EQ(wrong.error().code, "api.invalid");
}

}  // namespace
}  // namespace oti::cli
