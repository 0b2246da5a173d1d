// SPDX-License-Identifier: Apache-2.0
// The three programs as processes, with their real sockets and files, killed at any step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include "base/hex.h"
#include "card/disk_nvm_file.h"
#include "card/secure_element.h"
#include "cli/demo_site.h"
#include "cli/files.h"
#include "crypto/jwe.h"

namespace oti::cli {
namespace {

using namespace std::chrono_literals;

/// The program is beside the test.
std::filesystem::path program() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "oti";
}

class ProcessesTest : public testing::Test {
  protected:
    void SetUp() override {
        const std::string applets = OTI_SOURCE_DIR "/applets/";
        auto site = Site::create({applets + "transit-1.0.cap", applets + "transit-1.1.cap"}, program());
        ASSERT_TRUE(site) << site.error().message;
        site_ = std::move(*site);
    }

    Phone phone(const std::string& name, const std::string& binding = "stream") {
        auto phone = site_->add_phone({.name = name, .binding = binding});
        if (!phone) throw std::runtime_error(phone.error().message);
        return std::move(*phone);
    }

    // Each on a connection of its own, since the provider may be another process than before.
    Result<std::int64_t> begin(const Phone& device, std::string_view action, std::string_view version,
                               bool lockstep) {
        OTI_TRY(auto provider, site_->ask_provider());
        return site_->begin_job(provider, device, action, version, lockstep);
    }
    Result<Measured> run(const Phone& device, std::string_view action, std::string_view version,
                         bool lockstep) {
        OTI_TRY(auto provider, site_->ask_provider());
        return site_->run_job(provider, device, action, version, lockstep, quiet_);
    }

    /// The job as the provider tells it; nothing while it is not there.
    std::optional<json::object> job(std::int64_t id) {
        auto provider = site_->ask_provider();
        auto answer = provider ? provider->call("GET", "/api/v1/jobs/" + std::to_string(id))
                               : std::unexpected(provider.error());
        if (!answer) return std::nullopt;
        return std::move(*answer);
    }
    static std::int64_t done(const json::object& job) {
        const auto* progress = job.if_contains("progress");
        return progress == nullptr ? 0 : progress->as_object().at("done").to_number<std::int64_t>();
    }
    /// Waits until so many steps of the job are done, or all.
    void wait_for_step(std::int64_t id, std::int64_t step) {
        while (true) {
            auto now = job(id);
            if (!now) throw std::runtime_error("the provider does not answer");
            auto state = std::string(now->at("state").as_string());
            if (state == "done" || state == "failed" || done(*now) >= step) return;
            std::this_thread::sleep_for(2ms);
        }
    }
    std::string end_of(std::int64_t id) {
        for (auto deadline = std::chrono::steady_clock::now() + 60s;
             std::chrono::steady_clock::now() < deadline;) {
            auto now = job(id);
            if (now) {
                auto state = std::string(now->at("state").as_string());
                if (state == "done") return state;
                if (state == "failed") return json::serialize(now->at("error"));
            }
            std::this_thread::sleep_for(10ms);
        }
        return "no end";
    }
    void wait_until(std::int64_t id, const std::function<bool(const json::object&)>& condition) {
        for (auto deadline = std::chrono::steady_clock::now() + 60s;;) {
            auto now = job(id);
            if (now && condition(*now)) return;
            if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("nothing happens");
            std::this_thread::sleep_for(2ms);
        }
    }
    /// Security domains on the secure element beside the issuer's; its SE Manager is ended for the look.
    std::size_t domains_on(Phone& phone) {
        phone.agent.reset();
        crypto::SystemRandom random;
        auto file = card::DiskNvmFile::open(phone.se_file);
        if (!file) throw std::runtime_error(file.error().message);
        auto se = card::SecureElement::open(std::move(*file), random);
        if (!se) throw std::runtime_error(se.error().message);
        return se->registry().applications().size() - 1;
    }
    /// The version of the applet that is on the secure element and selectable; its SE Manager is ended for
    /// the look.
    std::string applet_on(Phone& phone) {
        phone.agent.reset();
        crypto::SystemRandom random;
        auto file = card::DiskNvmFile::open(phone.se_file);
        if (!file) return file.error().message;
        auto se = card::SecureElement::open(std::move(*file), random);
        if (!se) return se.error().message;
        auto load_file = se->registry().load_file(iso7816::Aid::constant("F04F544902"));
        auto instance = se->registry().application(iso7816::Aid::constant("F04F54490201"));
        if (!load_file || !instance) return load_file || instance ? "half of it" : "nothing";
        if (instance->life_cycle != 0x07) return "not selectable";
        return std::to_string(load_file->version.major) + "." + std::to_string(load_file->version.minor);
    }

    std::unique_ptr<Site> site_;
    Output quiet_{true, nullptr};
};

TEST_F(ProcessesTest, InstallUpdateAndDeleteOverBothBindings) {
    for (const std::string binding : {"stream", "json"}) {
        auto device = phone(binding, binding);
        auto install = run(device, "install", "1.0", false);
        ASSERT_TRUE(install) << install.error().message;
        EXPECT_EQ(install->apdus, 50) << "49, and PUT KEY in the first session";
        EXPECT_EQ(install->round_trips, binding == "stream" ? 1 : 5);
        EXPECT_EQ(applet_on(device), "1.0");
        ASSERT_TRUE(site_->start_agent(device));
        auto update = run(device, "update", "", false);
        ASSERT_TRUE(update) << update.error().message;
        EXPECT_EQ(applet_on(device), "1.1");
        ASSERT_TRUE(site_->start_agent(device));
        auto remove = run(device, "delete", "", false);
        ASSERT_TRUE(remove) << remove.error().message;
        EXPECT_EQ(applet_on(device), "nothing");
    }
}

TEST_F(ProcessesTest, LockstepTakesARoundTripForEachApdu) {
    auto device = phone("lockstep");
    auto install = run(device, "install", "1.0", true);
    ASSERT_TRUE(install) << install.error().message;
    EXPECT_EQ(install->round_trips, install->apdus);
}

TEST_F(ProcessesTest, TheSeManagerKilledAtAnyStep) {
    auto device = phone("killed-agent");
    std::string wanted = "1.0";
    for (std::int64_t step : {0, 1, 3, 5, 9, 25, 44, 47, 49}) {
        auto id = begin(device, "install", wanted, false);
        ASSERT_TRUE(id) << id.error().message;
        wait_for_step(*id, step);
        device.agent->kill();
        ASSERT_TRUE(site_->start_agent(device));
        EXPECT_EQ(end_of(*id), "done") << "killed at step " << step;
        EXPECT_EQ(applet_on(device), wanted) << "killed at step " << step;
        ASSERT_TRUE(site_->start_agent(device));
        wanted = wanted == "1.0" ? "1.1" : "1.0";
    }
}

TEST_F(ProcessesTest, TheProviderKilledAtAnyStep) {
    auto device = phone("killed-provider");
    std::string wanted = "1.0";
    for (std::int64_t step : {0, 1, 4, 9, 25, 47, 49}) {
        auto id = begin(device, "install", wanted, false);
        ASSERT_TRUE(id) << id.error().message;
        wait_for_step(*id, step);
        site_->provider().kill();
        ASSERT_TRUE(site_->start_provider());
        EXPECT_EQ(end_of(*id), "done") << "killed at step " << step;
        EXPECT_EQ(applet_on(device), wanted) << "killed at step " << step;
        ASSERT_TRUE(site_->start_agent(device));
        wanted = wanted == "1.0" ? "1.1" : "1.0";
    }
}

TEST_F(ProcessesTest, TheTsmKilledWhileItMakesADomain) {
    int number = 0;
    for (auto pause : {0ms, 50ms, 100ms, 200ms, 300ms, 400ms, 500ms, 600ms}) {
        auto device = phone("killed-tsm-" + std::to_string(number++));
        auto id = begin(device, "install", "1.0", false);
        ASSERT_TRUE(id) << id.error().message;
        std::this_thread::sleep_for(pause);
        site_->tsm().kill();
        ASSERT_TRUE(site_->start_tsm());
        EXPECT_EQ(end_of(*id), "done") << "killed after " << pause.count() << " ms";
        EXPECT_EQ(applet_on(device), "1.0");
    }
}

TEST_F(ProcessesTest, AJobWaitsForItsPhone) {
    auto device = phone("offline");
    device.agent.reset();
    auto id = begin(device, "install", "1.0", false);
    ASSERT_TRUE(id) << id.error().message;
    auto before = job(*id);
    ASSERT_TRUE(before);
    EXPECT_NE(before->at("state").as_string(), "done");
    ASSERT_TRUE(site_->start_agent(device));
    EXPECT_EQ(end_of(*id), "done");
}

TEST_F(ProcessesTest, AJobWaitsForTheTsm) {
    auto device = phone("tsm-away");
    site_->tsm().kill();
    auto id = begin(device, "install", "1.0", false);
    ASSERT_TRUE(id) << id.error().message;
    wait_until(*id, [](const json::object& job) { return job.contains("waiting"); });
    ASSERT_TRUE(site_->start_tsm());
    EXPECT_EQ(end_of(*id), "done");
    EXPECT_EQ(applet_on(device), "1.0");
}

TEST_F(ProcessesTest, ADomainThatTheTsmHasDeletedIsMadeAgain) {
    auto device = phone("deleted-domain");
    ASSERT_TRUE(run(device, "install", "1.0", false));
    auto tsm = site_->ask_tsm();
    ASSERT_TRUE(tsm);
    ASSERT_TRUE(
        tsm->call("DELETE", "/api/v1/security-domains/" + device.se_id + "/" + std::string(kProviderName)));
    auto again = run(device, "install", "1.1", false);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(applet_on(device), "1.1");
}

// A phone that says that the domain is gone makes the provider ask for another; its keys must survive that.
TEST_F(ProcessesTest, ADomainThatIsThereIsNotMadeAgain) {
    auto device = phone("kept-domain");
    ASSERT_TRUE(run(device, "install", "1.0", false));
    auto tsm = site_->ask_tsm(std::string(kProviderName));
    ASSERT_TRUE(tsm);
    auto jwk = crypto::make_jwk();
    ASSERT_TRUE(jwk);
    auto public_jwk = crypto::public_jwk(*jwk);
    ASSERT_TRUE(public_jwk);
    for (int attempt = 0; attempt < 2; ++attempt) {
        auto refused = tsm->call("PUT", "/api/v1/security-domains/" + device.se_id,
                                 json::object{{"jwk", json::parse(*public_jwk)}});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, "domain.exists");
    }
    ASSERT_TRUE(run(device, "update", "1.1", false));
    EXPECT_EQ(applet_on(device), "1.1");
}

TEST_F(ProcessesTest, NoDomainIsMadeForAnApplicationThatCannotRun) {
    auto profile = site_->folder() / "old.toml";
    auto text = read_text(OTI_SOURCE_DIR "/profiles/uicc-2024.toml");
    ASSERT_TRUE(text);
    auto crypto = text->find("A0000000620201");
    ASSERT_NE(crypto, std::string::npos);
    std::ofstream(profile) << text->erase(crypto, text->find('\n', crypto) - crypto);
    auto device = site_->add_phone({.name = "old", .profile = profile.string()});
    ASSERT_TRUE(device) << device.error().message;
    auto refused = run(*device, "install", "1.0", false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "cap.missing_import");
    EXPECT_THAT(refused.error().message, testing::HasSubstr("A0000000620201 (javacardx.crypto)"));
    EXPECT_EQ(domains_on(*device), 0);
}

TEST_F(ProcessesTest, ServersEndInOrderWhileWorkWaits) {
    auto device = phone("waiting");
    device.agent.reset();
    ASSERT_TRUE(begin(device, "install", "1.0", false));
    auto deletion = std::async(std::launch::async, [&]() -> Result<json::object> {
        OTI_TRY(auto tsm, site_->ask_tsm());
        return tsm.call("DELETE",
                        "/api/v1/security-domains/" + device.se_id + "/" + std::string(kProviderName));
    });
    std::this_thread::sleep_for(300ms);  // no interface tells that a deletion waits
    for (auto* server : {&site_->provider(), &site_->tsm()}) {
        auto ended = server->terminate(SIGTERM);
        EXPECT_TRUE(ended) << ended.error().message;
    }
    EXPECT_FALSE(deletion.get());
}

TEST_F(ProcessesTest, ADemonstrationThatIsInterruptedLeavesNothing) {
    auto folder = site_->folder() / "temporary";
    std::filesystem::create_directory(folder);
    ::setenv("TMPDIR", folder.c_str(), 1);
    auto demo =
        Process::start(program(), {"demo", "--applets", OTI_SOURCE_DIR "/applets", "--no-table", "--json"},
                       site_->folder() / "demo.log");
    ::unsetenv("TMPDIR");
    ASSERT_TRUE(demo);
    ASSERT_TRUE(demo->read_line());
    EXPECT_FALSE(std::filesystem::is_empty(folder));
    EXPECT_FALSE(demo->terminate(SIGTERM)) << "the signal ends it";
    EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(ProcessesTest, WhatCannotBeDoneIsRefusedBeforeAnythingIsSent) {
    auto device = phone("refused");
    EXPECT_EQ(begin(device, "install", "9.9", false).error().code, "app.unknown");
    EXPECT_EQ(
        begin({.se_id = "nobody", .se_file = {}, .arguments = {}, .log = {}, .network = nullptr, .agent = {}},
              "install", "1.0", false)
            .error()
            .code,
        "device.unknown");
    EXPECT_EQ(begin(device, "explode", "1.0", false).error().code, "api.invalid");
    auto provider = site_->ask_provider();
    ASSERT_TRUE(provider);
    auto damaged = provider->send("POST", "/api/v1/applications?name=broken", Bytes{1, 2, 3});
    EXPECT_EQ(damaged.error().code, "cap.archive");
    EXPECT_EQ(damaged.error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace oti::cli
