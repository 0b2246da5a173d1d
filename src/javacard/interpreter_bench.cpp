// SPDX-License-Identifier: Apache-2.0
// Bytecodes a second, and how many times as long a loop takes as the same one in C++ in the same run.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

constexpr int kRounds = 10'000;

using Clock = std::chrono::steady_clock;

/// Of one run; the shortest of all is what the machine takes when nothing else disturbs it.
template <typename Run>
double seconds_of(const Run& run) {
    auto begin = Clock::now();
    run();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <typename Loop>
double floor_of(const Loop& loop) {
    constexpr int kRuns = 200;
    auto best = std::numeric_limits<double>::max();
    for (int i = 0; i < kRuns; ++i) {
        best = std::min(best, seconds_of([&] {
                            for (std::int16_t round = 0; round < kRounds; ++round) loop(round);
                        }));
    }
    return best;
}

/// `bytecodes` of one round of the loop; `loop` does the same for a round, given its number.
template <typename Loop>
void run(benchmark::State& state, const TestProgram& program, int bytecodes, const Loop& loop) {
    TestMachine machine(program);
    auto best = std::numeric_limits<double>::max();
    for (auto _ : state) {
        machine.machine.refill();
        best = std::min(best, seconds_of([&] {
                            auto result = machine.run();
                            if (!result) state.SkipWithError(result.error().why);
                            benchmark::DoNotOptimize(result);
                        }));
    }
    state.counters["bytecodes_per_second"] = kRounds * bytecodes / best;
    state.counters["times_floor"] = best / floor_of(loop);
}

// short a = 0; for (short i = 0; i < 10000; i++) a = (short) ((a ^ i) + 3);
void arithmetic(benchmark::State& state) {
    std::int16_t a = 0;
    run(state,
        TestProgram().main(
            4, 0, 2,
            "sconst_0 sstore_0 sconst_0 sstore_1 again: sload_0 sload_1 sxor sconst_3 sadd sstore_0 "
            "sinc 1 1 sload_1 sspush 10000 if_scmplt again sload_0 sreturn"),
        10, [&](std::int16_t i) {
            a = static_cast<std::int16_t>((a ^ i) + 3);
            benchmark::DoNotOptimize(a);
        });
}
BENCHMARK(arithmetic);

// for (…) object.s = (short) (object.s + 1);
void field(benchmark::State& state) {
    struct Fields {
        std::int16_t other = 0, s = 0;
    };
    auto object = std::make_unique<Fields>();
    run(state,
        TestProgram().main(
            4, 0, 2,
            "new 1 astore_0 sconst_0 sstore_1 again: aload_0 dup getfield_s 5 sconst_1 sadd putfield_s "
            "5 sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10, [&](std::int16_t) {
            object->s = static_cast<std::int16_t>(object->s + 1);
            benchmark::ClobberMemory();
        });
}
BENCHMARK(field);

[[gnu::noinline]] std::int16_t helper(std::int16_t value) {
    benchmark::DoNotOptimize(value);
    return value;
}

// for (…) helper(i);
void invoke(benchmark::State& state) {
    run(state,
        TestProgram()
            .main(4, 0, 1,
                  "sconst_0 sstore_0 again: sload_0 invokestatic 14 pop sinc 0 1 sload_0 sspush 10000 "
                  "if_scmplt again "
                  "return")
            .helper(2, 1, 0, "sload_0 sreturn"),
        9, [](std::int16_t i) { benchmark::DoNotOptimize(helper(i)); });
}
BENCHMARK(invoke);

// for (…) bytes[1] = bytes[0];
void array_copy(benchmark::State& state) {
    std::array<std::uint8_t, 2> bytes{};
    benchmark::DoNotOptimize(bytes.data());
    run(state,
        TestProgram().main(
            6, 0, 2,
            "sconst_2 newarray 11 astore_0 sconst_0 sstore_1 again: aload_0 sconst_1 aload_0 sconst_0 "
            "baload bastore sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10, [&](std::int16_t) {
            bytes[1] = bytes[0];
            benchmark::ClobberMemory();
        });
}
BENCHMARK(array_copy);

}  // namespace
}  // namespace oti::javacard
