// SPDX-License-Identifier: Apache-2.0
// Commands per second of the bare card: no reader, the memory's file in memory. Beside each its floor: the
// same bytes through AES-CBC and CMAC by raw EVP calls, with contexts that live on.
#include <benchmark/benchmark.h>

#include <chrono>

#include "base/byte_writer.h"
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
        return oti::testing::best_time(kCommands, [&] { run(command_data, response_data); }) / kCommands;
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

}  // namespace
}  // namespace oti::card
