// SPDX-License-Identifier: Apache-2.0
// Real packets between real processes: namespaces, TUN devices, and that nothing of them stays behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <set>

#include "cli/process.h"
#include "cli/shaped_way.h"

namespace oti::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The program is beside the test.
fs::path program() {
    return fs::read_symlink("/proc/self/exe").parent_path() / "oti";
}

/// Why there cannot be a shaped way here; empty if there can.
std::string what_is_missing() {
    auto servers = NetworkNamespace::create();
    if (!servers) return servers.error().message;
    auto stay = servers->enter();
    auto way = ShapedWay::open(compare::Network{.name = "any"}, 0, 1);
    return way ? std::string() : way.error().message;
}

/// All network devices of this process's network, with what they have carried left out.
std::set<std::string> devices() {
    std::set<std::string> names;
    std::ifstream table("/proc/thread-self/net/dev");
    for (std::string line; std::getline(table, line);) {
        if (auto colon = line.find(':'); colon != std::string::npos) names.insert(line.substr(0, colon));
    }
    return names;
}

/// Of each process that can be looked at: its network.
std::set<fs::path> networks_in_use() {
    std::set<fs::path> networks;
    for (const auto& process : fs::directory_iterator("/proc")) {
        std::error_code gone;
        auto network = fs::read_symlink(process.path() / "ns/net", gone);
        if (!gone) networks.insert(network);
    }
    return networks;
}

std::set<fs::path> folders_of_sites() {
    std::set<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) {
        if (entry.path().filename().string().starts_with("oti-demo-")) folders.insert(entry.path());
    }
    return folders;
}

std::vector<std::string> arguments(std::vector<std::string> more = {}) {
    std::vector<std::string> all{
        "compare",  "--real-time", "--json", "--applet", OTI_SOURCE_DIR "/applets/hello.cap",
        "--bearer", "oti",         "--se",   "ese-2024"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

class RealTimeTest : public testing::Test {
  protected:
    void SetUp() override {
        if (auto missing = what_is_missing(); !missing.empty()) GTEST_SKIP() << missing;
    }
};

TEST_F(RealTimeTest, MakesDevicesInNamespacesOfTheirOwn) {
    auto here = devices();
    {
        auto servers = NetworkNamespace::create().value();
        auto stay = servers.enter().value();
        auto way =
            ShapedWay::open({.name = "any", .down_bytes_per_second = 1e6, .up_bytes_per_second = 1e6}, 0, 1)
                .value();
        EXPECT_THAT(devices(), testing::ElementsAre(HasSubstr("lo"), HasSubstr("oti0")));
        {
            auto at_phone = way->phone().enter().value();
            EXPECT_THAT(devices(), testing::ElementsAre(HasSubstr("lo"), HasSubstr("oti0")));
        }
    }
    EXPECT_EQ(devices(), here);
}

TEST_F(RealTimeTest, InstallsOverAShapedNetworkAndLeavesNothing) {
    auto devices_before = devices();
    auto oti = Process::start(program(), arguments({"--network", "wifi", "--runs", "1"}), "/dev/null");
    ASSERT_TRUE(oti);
    std::string last;
    while (auto line = oti->read_line()) last = *line;
    ASSERT_TRUE(oti->wait()) << last;
    EXPECT_THAT(last, HasSubstr(R"("ok":true)"));
    EXPECT_THAT(last, HasSubstr(R"("network":"wifi","runs":1,"real":{"seconds":)"));
    EXPECT_EQ(devices(), devices_before);
}

TEST_F(RealTimeTest, LeavesNothingWhenItIsEnded) {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // what the program leaves alive becomes ours
    auto devices_before = devices();
    auto networks_before = networks_in_use();
    auto folders_before = folders_of_sites();
    auto oti = Process::start(program(), arguments({"--network", "wifi,4g", "--runs", "20"}), "/dev/null");
    ASSERT_TRUE(oti);
    std::string line;
    while (!line.contains(R"("done":1,)")) {  // one phone is there, one is being made
        auto next = oti->read_line();
        ASSERT_TRUE(next);
        line = *next;
    }
    auto networks_during = networks_in_use();
    auto folders_during = folders_of_sites();
    EXPECT_FALSE(oti->terminate(SIGTERM));
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    EXPECT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 0), 0);

    // Other programs may begin and end meanwhile; of what was new during the run nothing is left.
    auto networks_after = networks_in_use();
    auto folders_after = folders_of_sites();
    EXPECT_EQ(devices(), devices_before);
    std::size_t made = 0;
    for (const auto& network : networks_during) {
        if (networks_before.contains(network)) continue;
        ++made;
        EXPECT_FALSE(networks_after.contains(network)) << network;
    }
    EXPECT_GE(made, 2U) << "the servers' and a phone's";
    EXPECT_GT(folders_during.size(), folders_before.size());
    for (const auto& folder : folders_during) {
        if (!folders_before.contains(folder)) EXPECT_FALSE(folders_after.contains(folder)) << folder;
    }
}

TEST(RealTime, SaysWhatItNeeds) {
    // Without the right to make networks, also as root.
    std::vector<std::string> all{"--bounding-set=-sys_admin", program().string()};
    auto more = arguments();
    all.insert(all.end(), more.begin(), more.end());
    bool root = ::geteuid() == 0;
    auto oti = root ? Process::start("/usr/bin/setpriv", all, "/dev/null")
                    : Process::start(program(), arguments(), "/dev/null");
    ASSERT_TRUE(oti);
    auto line = oti->read_line();
    ASSERT_TRUE(line);
    EXPECT_THAT(*line, HasSubstr(R"("code":"network.namespace")"));
    EXPECT_THAT(*line, HasSubstr("as root"));
    EXPECT_EQ(oti->exit_status(), 5);
}

}  // namespace
}  // namespace oti::cli
