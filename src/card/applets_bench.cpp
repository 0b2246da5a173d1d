// SPDX-License-Identifier: Apache-2.0
// Applets in the bare card: exchanges per second, and what an applet takes of the card's memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "card/applet_card.h"

namespace oti::card {
namespace {

using testing::AppletCard;
using testing::block_of;
using Seconds = std::chrono::duration<double>;

constexpr auto kNever = std::numeric_limits<double>::max();

template <typename Run>
double seconds_of(const Run& run) {
    auto begin = std::chrono::steady_clock::now();
    run();
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

/// hello: `command` is answered by its process method. The floor: the command is parsed, and a response made.
void exchanges(benchmark::State& state, std::string_view command) {
    crypto::SystemRandom random;
    AppletCard card(random);
    bool ready = card.load("F04F544901", block_of("hello.cap")) &&
                 card.install("F04F544901", "F04F54490101") &&
                 card.terminal.plain("00A4040006F04F54490101").sw == StatusWord::kOk &&
                 card.terminal.plain(command).sw == StatusWord::kOk;
    if (!ready) return state.SkipWithError("the applet does not answer");
    auto bytes = from_hex(command);
    constexpr int kBatch = 100;
    auto floor = kNever, best = kNever;
    for (auto _ : state) {
        best = std::min(best, seconds_of([&] {
                            for (int i = 0; i < kBatch; ++i) {
                                Exchange exchange;
                                benchmark::DoNotOptimize(card.element.process(bytes, exchange));
                            }
                        }));
        floor = std::min(floor, seconds_of([&] {
                             for (int i = 0; i < kBatch; ++i) {
                                 auto parsed = CommandApdu::parse(bytes);
                                 benchmark::DoNotOptimize(parsed);
                                 ResponseApdu response{Bytes(2), StatusWord::kOk};
                                 benchmark::DoNotOptimize(response.encode());
                             }
                         }));
    }
    state.counters["exchanges_per_second"] = kBatch / best;
    state.counters["times_floor"] = best / floor;
}
// A counter that is read, and one that is written: that is a transaction of the card's memory.
BENCHMARK_CAPTURE(exchanges, read, "8020000000");
BENCHMARK_CAPTURE(exchanges, write, "8010000000");

/// What a package and an instance take of the card's memory; the floor is the load file data block.
void image(benchmark::State& state, const char* cap, std::string_view package, std::string_view module) {
    auto block = block_of(cap);
    crypto::SystemRandom random;
    AppletCard card(random);
    bool made = false;
    for (auto _ : state) made = card.load(package, block) && card.install(package, module);
    if (!made) return state.SkipWithError("the applet was refused");
    auto code = card.element.bytes_used_by(Aid::constant(package));
    auto objects = card.element.bytes_used_by(Aid::constant(module));
    state.counters["package_bytes"] = static_cast<double>(code);
    state.counters["instance_bytes"] = static_cast<double>(objects);
    state.counters["times_floor"] = static_cast<double>(code + objects) / static_cast<double>(block.size());
}
BENCHMARK_CAPTURE(image, hello, "hello.cap", "F04F544901", "F04F54490101")->Iterations(1);
BENCHMARK_CAPTURE(image, transit, "transit-1.1.cap", "F04F544902", "F04F54490201")->Iterations(1);

}  // namespace
}  // namespace oti::card
