// SPDX-License-Identifier: Apache-2.0
// Applets in the bare card: exchanges per second, how long a package takes to be loaded, and what an applet
// takes of the card's memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>

#include "card/applet_card.h"
#include "crypto/digest.h"

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

struct NamedPackage {
    const char* cap;
    const char* aid;
};
constexpr NamedPackage kPackages[] = {
    {"transit-1.1.cap", "F04F544902"},    {"tests/support.cap", "F04F54491F"},
    {"tests/shelf.cap", "F04F54492A"},    {"tests/objects.cap", "F04F544922"},
    {"tests/client.cap", "F04F544928"},   {"tests/crypto.cap", "F04F544929"},
    {"tests/memory.cap", "F04F544923"},   {"tests/system.cap", "F04F544926"},
    {"tests/exchange.cap", "F04F544925"},
};

/// About 24 KB of packages, LOAD commands included: parsed, linked, verified, initialized, stored. The floor
/// is SHA-256 of the same bytes.
void load(benchmark::State& state) {
    std::vector<Bytes> blocks;
    for (const auto& package : kPackages) blocks.push_back(block_of(package.cap));
    auto size = std::accumulate(blocks.begin(), blocks.end(), std::size_t{0},
                                [](std::size_t sum, const Bytes& block) { return sum + block.size(); });
    auto best = kNever, floor = kNever;
    for (auto _ : state) {
        crypto::SystemRandom random;
        AppletCard card(random);
        bool loaded = true;
        auto seconds = seconds_of([&] {
            for (std::size_t i = 0; i < blocks.size(); ++i) {
                loaded = loaded && card.load(kPackages[i].aid, blocks[i]);
            }
        });
        if (!loaded) return state.SkipWithError("a package was refused");
        state.SetIterationTime(seconds);
        best = std::min(best, seconds);
        floor = std::min(floor, seconds_of([&] {
                             for (const auto& block : blocks) benchmark::DoNotOptimize(crypto::sha256(block));
                         }));
    }
    state.counters["bytes"] = static_cast<double>(size);
    state.counters["seconds"] = best;
    state.counters["times_floor"] = best / floor;
}
BENCHMARK(load)->UseManualTime();

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
