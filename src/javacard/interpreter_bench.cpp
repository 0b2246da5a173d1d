// SPDX-License-Identifier: Apache-2.0
// Bytecodes a second, each loop beside the same one in C++ in the same run: `times_floor` is the ratio of
// their times. And how long it takes to load 24 KB of code.
#include <benchmark/benchmark.h>

#include "base/best_time.h"
#include "crypto/digest.h"
#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

using oti::testing::best_time;

constexpr int kRounds = 10'000;

/// `bytecodes` of one round of the loop; `floor` is the whole of it in C++.
template <typename Floor>
void run(benchmark::State& state, TestProgram program, int bytecodes, const Floor& floor) {
    TestMachine machine(program);
    auto once = [&] {
        machine.machine.refill();
        auto result = machine.run();
        if (!result) state.SkipWithError(result.error().why);
        benchmark::DoNotOptimize(result);
    };
    for (auto _ : state) once();
    state.counters["bytecodes"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * kRounds * bytecodes, benchmark::Counter::kIsRate);
    state.counters["times_floor"] = best_time(1, once) / best_time(1, floor);
}

// short a = 0; for (short i = 0; i < 10000; i++) a = (short) ((a ^ i) + 3);
void arithmetic(benchmark::State& state) {
    run(state,
        TestProgram().main(
            4, 0, 2,
            "sconst_0 sstore_0 sconst_0 sstore_1 again: sload_0 sload_1 sxor sconst_3 sadd sstore_0 "
            "sinc 1 1 sload_1 sspush 10000 if_scmplt again sload_0 sreturn"),
        10, [] {
            std::int16_t a = 0;
            for (std::int16_t i = 0; i < kRounds; ++i) {
                a = static_cast<std::int16_t>((a ^ i) + 3);
                benchmark::DoNotOptimize(a);
            }
        });
}
BENCHMARK(arithmetic);

// for (…) object.s = (short) (object.s + 1);
void field(benchmark::State& state) {
    run(state,
        TestProgram().main(
            4, 0, 2,
            "new 1 astore_0 sconst_0 sstore_1 again: aload_0 dup getfield_s 5 sconst_1 sadd putfield_s "
            "5 sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10, [] {
            struct {
                std::int16_t s = 0;
            } object;
            for (std::int16_t i = 0; i < kRounds; ++i) {
                object.s = static_cast<std::int16_t>(object.s + 1);
                benchmark::DoNotOptimize(object);
            }
        });
}
BENCHMARK(field);

[[gnu::noinline]] std::int16_t same(std::int16_t value) {
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
        9, [] {
            for (std::int16_t i = 0; i < kRounds; ++i) benchmark::DoNotOptimize(same(i));
        });
}
BENCHMARK(invoke);

// for (…) to[1] = from[0];
void array_copy(benchmark::State& state) {
    run(state,
        TestProgram().main(
            6, 0, 2,
            "sconst_2 newarray 11 astore_0 sconst_0 sstore_1 again: aload_0 sconst_1 aload_0 sconst_0 "
            "baload bastore sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10, [] {
            std::array<std::int8_t, 2> array{};
            for (std::int16_t i = 0; i < kRounds; ++i) {
                array[1] = array[0];
                benchmark::DoNotOptimize(array);
            }
        });
}
BENCHMARK(array_copy);

// Parsing, linking and verifying a load file data block of 24 KB; its floor is the SHA-256 of it, which a
// card computes, too.
void load_24k(benchmark::State& state) {
    std::string code;
    constexpr int kInstructions = 6'000;
    for (int n = 0; n < kInstructions; ++n) code += "sspush 1234 sstore_0 ";
    auto block = TestProgram().main(2, 0, 1, code + "return").block();
    PackageTable packages;
    for (const auto* native : api_packages()) packages.add(link_native(*native, packages).value());
    auto once = [&] {
        auto parsed = cap::Package::parse_load_file_data_block(block);
        auto linked = link(std::move(*parsed), kFirstLoadedPackage, packages);
        if (!linked || !verify(**linked)) state.SkipWithError("it was refused");
    };
    for (auto _ : state) once();
    state.counters["bytes"] = static_cast<double>(block.size());
    state.counters["times_floor"] =
        best_time(1, once) / best_time(1, [&] { benchmark::DoNotOptimize(crypto::sha256(block)); });
}
BENCHMARK(load_24k);

}  // namespace
}  // namespace oti::javacard
