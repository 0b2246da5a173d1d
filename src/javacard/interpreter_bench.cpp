// SPDX-License-Identifier: Apache-2.0
// Bytecodes a second, each loop beside the same one in C++.
#include <benchmark/benchmark.h>

#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

constexpr int kRounds = 10'000;

/// `bytecodes` of one round of the loop.
void run(benchmark::State& state, TestProgram program, int bytecodes) {
    TestMachine machine(program);
    for (auto _ : state) {
        machine.machine.refill();
        auto result = machine.run();
        if (!result) state.SkipWithError(result.error().why);
        benchmark::DoNotOptimize(result);
    }
    state.counters["bytecodes"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * kRounds * bytecodes, benchmark::Counter::kIsRate);
}

// short a = 0; for (short i = 0; i < 10000; i++) a = (short) ((a ^ i) + 3);
void arithmetic(benchmark::State& state) {
    run(state,
        TestProgram().main(
            4, 0, 2,
            "sconst_0 sstore_0 sconst_0 sstore_1 again: sload_0 sload_1 sxor sconst_3 sadd sstore_0 "
            "sinc 1 1 sload_1 sspush 10000 if_scmplt again sload_0 sreturn"),
        10);
}
BENCHMARK(arithmetic);

void arithmetic_floor(benchmark::State& state) {
    for (auto _ : state) {
        std::int16_t a = 0;
        for (std::int16_t i = 0; i < kRounds; ++i) {
            a = static_cast<std::int16_t>((a ^ i) + 3);
            benchmark::DoNotOptimize(a);
        }
    }
    state.SetItemsProcessed(state.iterations() * kRounds);
}
BENCHMARK(arithmetic_floor);

// for (…) object.s = (short) (object.s + 1);
void field(benchmark::State& state) {
    run(state,
        TestProgram().main(
            4, 0, 2,
            "new 1 astore_0 sconst_0 sstore_1 again: aload_0 dup getfield_s 5 sconst_1 sadd putfield_s "
            "5 sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10);
}
BENCHMARK(field);

// for (…) helper(i);
void invoke(benchmark::State& state) {
    run(state,
        TestProgram()
            .main(4, 0, 1,
                  "sconst_0 sstore_0 again: sload_0 invokestatic 14 pop sinc 0 1 sload_0 sspush 10000 "
                  "if_scmplt again "
                  "return")
            .helper(2, 1, 0, "sload_0 sreturn"),
        9);
}
BENCHMARK(invoke);

// for (…) to[1] = from[0];
void array_copy(benchmark::State& state) {
    run(state,
        TestProgram().main(
            6, 0, 2,
            "sconst_2 newarray 11 astore_0 sconst_0 sstore_1 again: aload_0 sconst_1 aload_0 sconst_0 "
            "baload bastore sinc 1 1 sload_1 sspush 10000 if_scmplt again return"),
        10);
}
BENCHMARK(array_copy);

}  // namespace
}  // namespace oti::javacard
