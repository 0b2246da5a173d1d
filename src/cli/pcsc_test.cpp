// SPDX-License-Identifier: Apache-2.0
// The virtual secure element in a reader of Debian's pcscd: other people's programs see it there, and `oti
// card` manages it as it would a card of plastic. The daemon is a private one, with a socket of its own, so
// that it meets neither the machine's nor that of another run.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/descriptor.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/process.h"

namespace oti::cli {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view kDriver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

struct Outcome {
    int status = -1;
    std::string text;    ///< standard output
    json::object data;   ///< of the result, of `oti … --json`
    json::object error;  ///< the same
    std::string code() const {
        return error.contains("code") ? std::string(error.at("code").as_string()) : "none: " + text;
    }
};

/// Lines of JSON as every command promises them: progress any number of times, then one result.
void read_json(Outcome& outcome) {
    std::istringstream lines(outcome.text);
    bool ended = false;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_FALSE(ended) << "after the result: " << line;
        boost::system::error_code error;
        auto value = json::parse(line, error);
        ASSERT_FALSE(error) << line;
        auto& object = value.as_object();
        ended = object.at("type").as_string() == "result";
        if (!ended) {
            EXPECT_EQ(object.at("type").as_string(), "progress") << line;
            EXPECT_LE(object.at("done").to_number<int>(), object.at("total").to_number<int>());
            EXPECT_TRUE(object.at("step").is_string());
            continue;
        }
        bool ok = object.at("ok").as_bool();
        EXPECT_EQ(ok, outcome.status == 0) << line;
        (ok ? outcome.data : outcome.error) = object.at(ok ? "data" : "error").as_object();
        if (ok) continue;
        for (const char* member : {"code", "message"}) EXPECT_TRUE(outcome.error.contains(member)) << line;
    }
    EXPECT_TRUE(ended) << outcome.text;
}

/// Two free ports, one after the other: vpcd makes a reader of two slots.
std::uint16_t free_ports() {
    while (true) {
        std::uint16_t first = 0;
        std::array<Descriptor, 2> sockets;
        bool bound = true;
        for (auto& socket : sockets) {
            socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = first == 0 ? 0 : htons(static_cast<std::uint16_t>(first + 1));
            socklen_t size = sizeof address;
            bound = bound && ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0;
            ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
            if (first == 0) first = ntohs(address.sin_port);
        }
        if (bound && first < 65535) return first;
    }
}

class PcscTest : public testing::Test {
  protected:
    void SetUp() override {
        // A run in which this is not tested must not look as if it were.
        for (std::string program : {"pcscd", "opensc-tool", "pcsc_scan"}) {
            ASSERT_EQ(sh("command -v " + program).status, 0) << program << " is missing: './dev setup'";
        }
        ASSERT_TRUE(fs::exists(kDriver)) << "vsmartcard-vpcd is missing: './dev setup'";
        std::string pattern = fs::temp_directory_path() / "oti-pcsc-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        auto programs = fs::read_symlink("/proc/self/exe").parent_path();
        oti_ = programs / "oti";
        setenv("PATH", (programs.string() + ":" + std::getenv("PATH")).c_str(), 1);
        setenv("PCSCLITE_CSOCK_NAME", socket_name().c_str(), 1);
        setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
        setenv("OTI_READER", "oti test", 1);
        setenv("OTI_KEY", "404142434445464748494A4B4C4D4E4F", 1);
        setenv("TRANSIT", OTI_SOURCE_DIR "/applets/transit-1.0.cap", 1);
        setenv("TRANSIT_NEXT", OTI_SOURCE_DIR "/applets/transit-1.1.cap", 1);
    }
    void TearDown() override {
        server_.reset();
        daemon_.reset();
        unsetenv("OTI_READER");
        unsetenv("OTI_KEY");
        fs::remove_all(folder_);
    }

    std::string socket_name() const { return folder_ / "pcscd.comm"; }

    /// A daemon with one reader that has the card of a new image file.
    void put_card_into_reader(const std::string& profile) {
        ASSERT_EQ(
            sh(fmt::format("oti se new {}/card.se --profile {} --id card-1 2>&1", folder_.string(), profile))
                .status,
            0);
        // Somebody may take a port between our look and vpcd's.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = free_ports();
            start_daemon();
            start_server();
            if (wait_for_card()) return;
        }
        FAIL() << "no card in the reader: " << read_text(folder_ / "pcscd.log").value_or("no log");
    }

    /// As systemd would start it: the socket is there already, and its file is ours.
    void start_daemon() {
        daemon_.reset();
        auto reader = fmt::format(
            "FRIENDLYNAME \"OTI test\"\nDEVICENAME /dev/null:0x{0:X}\nLIBPATH {1}\nCHANNELID 0x{0:X}\n",
            port_, kDriver);
        fs::create_directories(folder_ / "readers");
        ASSERT_TRUE(write_text(folder_ / "readers" / "vpcd", reader, fs::perms::owner_all));
        fs::remove(socket_name());
        // Inherited on purpose.
        Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        ASSERT_LT(socket_name().size(), sizeof address.sun_path);
        socket_name().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(socket.get(), 16), 0);
        auto command = fmt::format(
            "exec 3<&{}; LISTEN_PID=$$ LISTEN_FDS=1 exec pcscd --foreground --config {}/readers "
            ">>{}/pcscd.log 2>&1",
            socket.get(), folder_.string(), folder_.string());
        auto daemon = Process::start("/bin/bash", {"-c", command}, folder_ / "pcscd.log");
        ASSERT_TRUE(daemon);
        daemon_ = std::move(*daemon);
    }

    void start_server() {
        auto server = Process::start(
            oti_,
            {"se", "serve", folder_ / "card.se", "--vpcd", fmt::format("127.0.0.1:{}", port_), "--json"},
            folder_ / "serve.log");
        ASSERT_TRUE(server);
        server_ = std::move(*server);
    }

    bool reader_has_card() const { return sh("opensc-tool -l").text.contains(" Yes "); }
    bool wait_for_card(bool wanted = true) const {
        for (auto deadline = std::chrono::steady_clock::now() + 10s;
             std::chrono::steady_clock::now() < deadline;) {
            if (reader_has_card() == wanted) return true;
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }

    /// A line as a person types it.
    static Outcome sh(const std::string& line) {
        Outcome outcome;
        auto process = Process::start("/bin/bash", {"-c", line}, "/dev/null");
        if (!process) return outcome;
        while (auto read = process->read_line()) outcome.text += *read + "\n";
        outcome.status = process->exit_status().value_or(-1);
        return outcome;
    }
    static Outcome card(const std::string& words) {
        auto outcome = sh("timeout 60 oti card " + words + " --json");
        read_json(outcome);
        return outcome;
    }
    static void expect_done(const std::string& words) {
        auto outcome = card(words);
        EXPECT_EQ(outcome.status, 0) << words << ": " << outcome.text;
    }
    static std::string list() { return sh("oti card list 2>&1").text; }

    fs::path folder_, oti_;
    std::uint16_t port_ = 0;
    std::optional<Process> daemon_, server_;
};

TEST_F(PcscTest, OtherProgramsSeeTheCard) {
    put_card_into_reader("uicc-2024");
    EXPECT_THAT(sh("opensc-tool -l").text, HasSubstr("OTI test 00 00"));
    auto atr = sh("opensc-tool -a 2>&1").text;
    EXPECT_THAT(atr, HasSubstr("3b:"));
    auto select = sh("opensc-tool -s 00A4040000 2>&1").text;
    EXPECT_THAT(select, HasSubstr("SW1=0x90, SW2=0x00"));
    EXPECT_THAT(select, HasSubstr("84 08 A0 00 00 01 51 00 00 00")) << "the issuer's domain, in its FCI";
    EXPECT_THAT(sh("opensc-tool -s 80CA006600 2>&1").text, HasSubstr("2A 86 48 86 FC 6B"))
        << "Card Recognition Data, by GlobalPlatform's object identifier";
    EXPECT_THAT(sh("timeout 5 pcsc_scan -r").text, HasSubstr("0: OTI test 00 00"));
    auto scan = sh("timeout 5 pcsc_scan -n -c").text;
    EXPECT_THAT(scan, HasSubstr("Card inserted"));
    EXPECT_THAT(scan, HasSubstr("ATR: 3B"));

    // All of them read the same answer to reset.
    auto ours = std::string(card("info").data["atr"].as_string());
    auto letters = [](std::string_view text) {
        std::string hex;
        for (char c : text) {
            if (std::isxdigit(static_cast<unsigned char>(c))) hex += static_cast<char>(std::toupper(c));
        }
        return hex;
    };
    EXPECT_THAT(letters(atr), HasSubstr(ours));
    EXPECT_THAT(letters(scan.substr(scan.find("ATR:"))), HasSubstr(ours));
}

class PcscProfiles : public PcscTest, public testing::WithParamInterface<const char*> {};

// T=0 and short commands; T=1, extended length and S16.
INSTANTIATE_TEST_SUITE_P(Profiles, PcscProfiles, testing::Values("uicc-2024", "ese-2024"),
                         [](const auto& info) { return std::string(info.param).substr(0, 3); });

TEST_P(PcscProfiles, ContentIsManaged) {
    put_card_into_reader(GetParam());
    auto info = card("info");
    EXPECT_EQ(info.data["security_domain"].as_string(), "A000000151000000");
    EXPECT_THAT(std::string(info.data["card"].as_string()), HasSubstr("OTI test 00 00"));
    EXPECT_THAT(list(), HasSubstr("domain   A000000151000000"));

    expect_done("install $TRANSIT");
    EXPECT_THAT(list(), HasSubstr("package  F04F544902  1.0  loaded"));
    EXPECT_EQ(card("install $TRANSIT").code(), "card.exists");
    EXPECT_TRUE(card("update $TRANSIT_NEXT").data["changed"].as_bool());
    EXPECT_THAT(list(), HasSubstr("package  F04F544902  1.1  loaded"));
    EXPECT_FALSE(card("update $TRANSIT_NEXT").data["changed"].as_bool());

    expect_done("lock F04F54490201");
    EXPECT_THAT(list(), HasSubstr("F04F54490201  locked (was selectable)"));
    EXPECT_EQ(card("send --select F04F54490201 0000000000").code(), "card.6a82");
    expect_done("unlock F04F54490201");
    expect_done("lock --card");
    EXPECT_TRUE(card("info").data["card_locked"].as_bool());
    expect_done("unlock --card");

    expect_done("store-data --iin 42424242");
    EXPECT_EQ(card("info").data["iin"].as_string(), "42424242");
    auto sent = card("send 00A4040000 80CA004200");
    EXPECT_EQ(sent.data["responses"].at(1).at("sw").as_string(), "9000");
    EXPECT_EQ(card("send --secure 80F28002024F0000").status, 0);
    expect_done("delete $TRANSIT --related");
    EXPECT_EQ(list().find("F04F544902"), std::string::npos);
}

TEST_P(PcscProfiles, ADomainGetsKeysAndContentOfItsOwn) {
    put_card_into_reader(GetParam());
    expect_done("create-sd F04F544900");
    expect_done("put-key --sd F04F544900 --new-key 000102030405060708090A0B0C0D0E0F --new-key-version 31");
    setenv("OTI_KEY", "000102030405060708090A0B0C0D0E0F", 1);
    expect_done("install $TRANSIT --sd F04F544900");
    EXPECT_EQ(card("list").code(), "scp.card_cryptogram") << "the issuer's domain has other keys";
    EXPECT_EQ(card("list").status, 6) << "and the wrong ones are not tried again";
    expect_done(
        "put-key --sd F04F544900 --new-key 101112131415161718191A1B1C1D1E1F --new-key-version 31 --replace");
    setenv("OTI_KEY", "404142434445464748494A4B4C4D4E4F", 1);
    EXPECT_EQ(card("delete-sd F04F544900").code(), "card.in_use");
    expect_done("delete-sd F04F544900 --related");
}

TEST_F(PcscTest, ACardThatIsPulledInTheMiddleIsGoneOnWith) {
    put_card_into_reader("uicc-2024");
    auto install =
        Process::start(oti_, {"card", "install", OTI_SOURCE_DIR "/applets/transit-1.0.cap", "--json"},
                       folder_ / "install.log");
    ASSERT_TRUE(install);
    Outcome outcome;
    while (auto line = install->read_line()) {
        outcome.text += *line + "\n";
        if (line->contains("load 20 of")) server_->kill();
    }
    outcome.status = install->exit_status().value_or(-1);
    read_json(outcome);
    EXPECT_EQ(outcome.status, 5) << outcome.text;
    EXPECT_THAT(outcome.code(), testing::StartsWith("pcsc."));
    EXPECT_THAT(std::string(outcome.error["message"].as_string()), HasSubstr("load "));

    ASSERT_TRUE(wait_for_card(false));
    auto nobody = card("info");
    EXPECT_EQ(nobody.status, 5);
    EXPECT_EQ(nobody.code(), "pcsc.no_card");
    // pcscd looks for cards now and then: one that is back before it has looked is the old one to it, which
    // it gave up. A reader that is there anew makes that certain.
    start_daemon();
    start_server();
    ASSERT_TRUE(wait_for_card());
    EXPECT_EQ(list().find("F04F544902"), std::string::npos) << "no half of it";
    expect_done("install $TRANSIT");
}

TEST_F(PcscTest, WithoutADaemonTheHintSaysWhatToStart) {
    auto nobody = card("info");
    EXPECT_EQ(nobody.status, 5);
    EXPECT_EQ(nobody.code(), "pcsc.no_service");
    EXPECT_THAT(std::string(nobody.error["hint"].as_string()), HasSubstr("pcscd"));
}

}  // namespace
}  // namespace oti::cli
