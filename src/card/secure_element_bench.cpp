// SPDX-License-Identifier: Apache-2.0
// Commands per second of the bare card: no reader, the memory's file in memory. Beside each its floor: the
// same bytes through AES-CBC and CMAC by raw EVP calls, with contexts that live on.
#include <benchmark/benchmark.h>

#include <chrono>

#include "base/byte_writer.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"
#include "scp/floor_bench.h"

namespace oti::card {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t kBlock = 16, kHeader = 5;

/// What SCP03 at its highest level needs of a card for one command and its response (Amendment D 1.2, 6.2).
class Floor {
  public:
    void run(std::size_t command_data, std::size_t response_data) {
        auto ciphered = padded(command_data), answered = padded(response_data);
        mac(kBlock + kHeader + ciphered);
        encrypt(kBlock);  // the counter as ICV
        raw_.decrypt(BytesView(buffer_).first(ciphered), buffer_.data());
        encrypt(kBlock);
        encrypt(answered);
        mac(kBlock + answered + 2);
    }
    /// Of one such command.
    Seconds time_of(std::size_t command_data, std::size_t response_data) {
        constexpr std::size_t kCommands = 100;
        return scp::testing::best_time(kCommands, [&] { run(command_data, response_data); }) / kCommands;
    }

  private:
    static std::size_t padded(std::size_t size) { return size / kBlock * kBlock + kBlock; }
    void encrypt(std::size_t size) { raw_.encrypt(BytesView(buffer_).first(size), buffer_.data()); }
    void mac(std::size_t size) { raw_.mac({BytesView(buffer_).first(size)}, value_.data()); }

    scp::testing::RawCrypto raw_;
    Bytes value_ = Bytes(kBlock), buffer_ = Bytes(512);
};

/// A session with the issuer's domain, in which many commands are wrapped before the clock runs.
class Session {
  public:
    Session() { terminal_.open(kIssuerDomainAid, testing::keys_of(testing::kTestKey)); }

    SecureElement& se() { return se_; }
    ResponseApdu send(const CommandApdu& command) { return terminal_.send(command); }
    /// Time for all of them; the responses are verified afterwards.
    Seconds time_of(std::span<const CommandApdu> commands, std::size_t& response_data, bool& valid) {
        std::vector<Bytes> wrapped, responses;
        for (const auto& command : commands) wrapped.push_back(testing::must(terminal_.host_->wrap(command)));
        responses.reserve(commands.size());
        Exchange exchange;
        auto begin = std::chrono::steady_clock::now();
        for (const auto& command : wrapped) responses.push_back(se_.process(command, exchange));
        auto time = std::chrono::steady_clock::now() - begin;
        for (const auto& response : responses) {
            auto plain = terminal_.host_->unwrap(response);
            valid = valid && plain && is_success_or_warning(plain->sw);
            if (plain) response_data = plain->data.size();
        }
        return time;
    }

  private:
    crypto::SystemRandom random_;
    SecureElement se_ = testing::make_se(random_, "uicc-2024");
    testing::Terminal terminal_{se_};
};

void report(benchmark::State& state, Seconds spent, std::size_t commands, std::size_t command_data,
            std::size_t response_data) {
    auto each = spent / static_cast<double>(commands);
    state.counters["commands_per_second"] = 1 / each.count();
    state.counters["times_floor"] = each / Floor().time_of(command_data, response_data);
}

/// All applications of a card with ten domains, as data objects with tags.
void BM_GetStatus(benchmark::State& state) {
    Session session;
    for (unsigned n = 0; n < 10; ++n) {
        ByteWriter data;
        data.lv(from_hex("A0000001515350")).lv(from_hex("A000000151535041"));
        data.lv(concat(from_hex("F04F5449A0"), Bytes{static_cast<std::uint8_t>(n)}));
        data.put(from_hex("0180 06C90481020370 00"));
        if (session.send({0x80, 0xE6, 0x0C, 0x00, data.take(), 256}).sw != StatusWord::kOk) {
            return state.SkipWithError("the domains could not be made");
        }
    }
    const std::vector<CommandApdu> lists(100, {0x80, 0xF2, 0x40, 0x02, from_hex("4F00"), 256});
    Seconds spent{};
    std::size_t commands = 0, response_data = 0;
    bool valid = true;
    for (auto _ : state) {
        auto time = session.time_of(lists, response_data, valid);
        state.SetIterationTime(time.count());
        spent += time;
        commands += lists.size();
    }
    if (!valid) return state.SkipWithError("a response was wrong");
    report(state, spent, commands, 2, response_data);
}
BENCHMARK(BM_GetStatus)->UseManualTime();

/// LOADs of 239 bytes, 24 KB of them.
void BM_Load239(benchmark::State& state) {
    constexpr std::size_t kLoadData = 239;
    Session session;
    constexpr unsigned kLoads = 100;
    std::vector<CommandApdu> loads;
    loads.reserve(kLoads);
    for (unsigned n = 0; n < kLoads; ++n) {
        loads.push_back({0x80, 0xE8, 0x00, static_cast<std::uint8_t>(n), Bytes(kLoadData, 0x55), 256});
    }
    Seconds spent{};
    std::size_t commands = 0, response_data = 0;
    bool valid = true;
    for (auto _ : state) {
        auto announced = session.send({0x80, 0xE6, 0x02, 0x00, from_hex("05F04F54490100000000"), 256});
        if (announced.sw != StatusWord::kOk) return state.SkipWithError("a load was not accepted");
        auto time = session.time_of(loads, response_data, valid);
        state.SetIterationTime(time.count());
        spent += time;
        commands += loads.size();
    }
    if (!valid) return state.SkipWithError("a response was wrong");
    report(state, spent, commands, kLoadData, response_data);
}
BENCHMARK(BM_Load239)->UseManualTime();

/// A command that an applet answers without writing anything: in a card, whole, with selection, transaction
/// and all. Its floor is a command that the card itself answers. `image_bytes` is what the applet takes of
/// the image, its package and its objects.
void BM_AppletCommand(benchmark::State& state) {
    Session session;
    auto before = session.se().bytes_used();
    auto block =
        testing::must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/hello.cap")).load_file_data_block();
    auto file = cap::load_file(block);
    bool made =
        session.send({0x80, 0xE6, 0x02, 0x00, from_hex("05F04F54490100000000"), 256}).sw == StatusWord::kOk;
    for (std::size_t at = 0; at < file.size(); at += 200) {
        auto part = to_bytes(BytesView(file).subspan(at, std::min<std::size_t>(200, file.size() - at)));
        auto p1 = static_cast<std::uint8_t>(at + 200 >= file.size() ? 0x80 : 0);
        made = made && session.send({0x80, 0xE8, p1, static_cast<std::uint8_t>(at / 200), part, 256}).sw ==
                           StatusWord::kOk;
    }
    made = made && session.send({0x80, 0xE6, 0x0C, 0x00,
                                 from_hex("05F04F544901 06F04F54490101 06F04F54490101 0100 02C900 00"), 256})
                           .sw == StatusWord::kOk;
    state.counters["image_bytes"] = static_cast<double>(session.se().bytes_used() - before);
    Exchange exchange;
    auto own = from_hex("80CA004200"), applets = from_hex("8020000000");
    constexpr std::size_t kCommands = 1'000;
    auto time_of = [&](BytesView command) {
        return scp::testing::best_time(
                   kCommands, [&] { benchmark::DoNotOptimize(session.se().process(command, exchange)); }) /
               kCommands;
    };
    auto floor = time_of(own);
    made = made && session.se().process(from_hex("00A4040006F04F54490101"), exchange) == from_hex("9000");
    if (!made) return state.SkipWithError("the applet could not be made");
    for (auto _ : state) benchmark::DoNotOptimize(session.se().process(applets, exchange));
    state.counters["commands_per_second"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["times_floor"] = time_of(applets) / floor;
}
BENCHMARK(BM_AppletCommand);

}  // namespace
}  // namespace oti::card
