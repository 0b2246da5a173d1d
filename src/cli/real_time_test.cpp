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

/// A folder for temporary files, by which the processes that a test starts, and theirs, are known from
/// others.
class OwnFolder {
  public:
    OwnFolder() {
        ::setenv("TMPDIR", path_.c_str(), 1);
        fs::create_directories(path_);
    }
    OwnFolder(const OwnFolder&) = delete;
    OwnFolder& operator=(const OwnFolder&) = delete;
    ~OwnFolder() {
        ::unsetenv("TMPDIR");
        fs::remove_all(path_);
    }

    bool is_empty() const { return fs::is_empty(path_); }
    /// Of each process that lives: its network.
    std::set<fs::path> networks_in_use() const {
        std::set<fs::path> networks;
        for (const auto& process : fs::directory_iterator("/proc")) {
            std::ifstream file(process.path() / "environ");
            std::string environment{std::istreambuf_iterator<char>(file), {}};
            std::error_code gone;
            auto network = fs::read_symlink(process.path() / "ns/net", gone);
            if (!gone && environment.contains(path_.string())) networks.insert(network);
        }
        return networks;
    }

  private:
    fs::path path_ = fs::temp_directory_path() / ("oti-test-" + std::to_string(::getpid()));
};

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
    OwnFolder folder;
    auto oti = Process::start(program(), arguments({"--network", "wifi,4g", "--runs", "20"}), "/dev/null");
    ASSERT_TRUE(oti);
    std::string line;
    while (!line.contains(R"("done":1,)")) {  // one phone is there, one is being made
        auto next = oti->read_line();
        ASSERT_TRUE(next);
        line = *next;
    }
    EXPECT_GE(folder.networks_in_use().size(), 2U) << "its own and the servers'";
    EXPECT_FALSE(folder.is_empty());
    EXPECT_FALSE(oti->terminate(SIGTERM));
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    EXPECT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 0), 0);

    EXPECT_EQ(devices(), devices_before);
    EXPECT_TRUE(folder.networks_in_use().empty());
    EXPECT_TRUE(folder.is_empty());
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
