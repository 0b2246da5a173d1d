// SPDX-License-Identifier: Apache-2.0
// What SCP03 costs beside the floor: the same AES-CBC and CMAC by raw EVP calls with contexts reused.
#include <benchmark/benchmark.h>

#include "scp/floor_bench.h"
#include "scp/scp03_host.h"

namespace oti::scp {
namespace {

constexpr std::size_t kLoadData = 239;

Scp03Host session() {
    auto key = [] { return crypto::SecretBytes::copy_of(Bytes(16, 0x40)); };
    KeySet keys{key(), key(), key()};
    Bytes challenge(8);
    auto card =
        InitializeUpdateResponse::predict(keys, Bytes(10), KeyVersion(0x30), Scp03Options::from_i(0x70), 1,
                                          iso7816::Aid::constant("A000000151000000"), challenge)
            .value();
    return Scp03Host::open(keys, challenge, card, SecurityLevel::kFull).value();
}

void BM_Floor(benchmark::State& state) {
    testing::Floor floor;
    for (auto _ : state) {
        floor.wrap();
        benchmark::DoNotOptimize(floor.result());
    }
}
BENCHMARK(BM_Floor);

void BM_WrapLoad239(benchmark::State& state) {
    auto host = session();
    iso7816::CommandApdu load{0x80, 0xE8, 0x00, 0x00, Bytes(kLoadData)};
    std::size_t wrapped = 0;
    for (auto _ : state) {
        auto bytes = host.wrap(load);
        benchmark::DoNotOptimize(bytes->data());
        if (++wrapped % 1024 == 0) {  // nobody answers here: keep the queue of outstanding responses short
            state.PauseTiming();
            host = session();
            state.ResumeTiming();
        }
    }
}
BENCHMARK(BM_WrapLoad239);

/// A whole installation of 9 KB, 39 LOADs, wrapped ahead, and the 39 responses verified.
void BM_Installation9K(benchmark::State& state) {
    iso7816::CommandApdu load{0x80, 0xE8, 0x00, 0x00, Bytes(kLoadData)};
    for (auto _ : state) {
        state.PauseTiming();
        auto host = session();
        std::vector<Bytes> responses;
        auto card = session();
        for (int i = 0; i < 39; ++i) {
            (void)card.wrap(load);
            responses.push_back(card.predict({{0x00}}));
        }
        state.ResumeTiming();
        for (int i = 0; i < 39; ++i) benchmark::DoNotOptimize(host.wrap(load));
        for (const auto& response : responses) {
            if (!host.unwrap(response)) state.SkipWithError("a response did not verify");
        }
    }
}
BENCHMARK(BM_Installation9K);

}  // namespace
}  // namespace oti::scp
