// SPDX-License-Identifier: Apache-2.0
// What an applet's cipher costs beside the cipher itself.
#include <benchmark/benchmark.h>

#include "crypto/aes.h"
#include "javacard/crypto.h"
#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

constexpr std::size_t kSize = 256;
constexpr auto kKey = "2B7E151628AED2A6ABF7158809CF4F3C";

// for (…) cipher.doFinal(buffer, 0, 256, buffer, 0);
void aes(benchmark::State& state) {
    TestMachine test((TestProgram()));
    auto& machine = test.machine;
    auto method = [&](ClassId type, MethodSort sort, std::uint8_t token) -> const Method& {
        if (sort == MethodSort::kVirtual) return *test.packages.find(type)->virtual_method(token);
        return *test.packages.find(type.package)->exports[type.index].static_methods[token];
    };
    auto number = [](int value) { return Value::of_short(value); };
    auto reference = [](Ref value) { return Value::of_ref(value); };
    auto call = [&](const Method& called, std::vector<Value> arguments) {
        return machine.invoke(called, arguments, TestMachine::kOwner).value();
    };
    auto bytes = [&](BytesView content) {
        auto array = test.heap.make_array(ObjectKind::kBytes, static_cast<std::int32_t>(content.size()),
                                          TestMachine::kOwner);
        (void)test.heap.write(*array, 0, content);
        return *array;
    };
    // TYPE_AES, ALG_AES_BLOCK_128_CBC_NOPAD, MODE_ENCRYPT
    auto key =
        call(method({kSecurityPackage, 13}, MethodSort::kStatic, 0), {number(15), number(128), number(0)})
            .as_ref();
    auto cipher =
        call(method(crypto_class::kCipher, MethodSort::kStatic, 0), {number(13), number(0)}).as_ref();
    call(method(crypto_class::kAesKey, MethodSort::kVirtual, 8),
         {reference(key), reference(bytes(from_hex(kKey))), number(0)});
    call(method(crypto_class::kCipher, MethodSort::kVirtual, 3),
         {reference(cipher), reference(key), number(2)});
    auto buffer = bytes(Bytes(kSize));
    const auto& do_final = method(crypto_class::kCipher, MethodSort::kVirtual, 1);
    const std::array arguments{reference(cipher), reference(buffer), number(0),
                               number(kSize),     reference(buffer), number(0)};
    for (auto _ : state) {
        machine.refill();
        auto done = machine.invoke(do_final, arguments, TestMachine::kOwner);
        if (!done) state.SkipWithError("the cipher threw");
        benchmark::DoNotOptimize(done);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSize));
}
BENCHMARK(aes);

void aes_floor(benchmark::State& state) {
    auto aes = crypto::Aes::create(crypto::SecretBytes::take(from_hex(kKey))).value();
    Bytes buffer(kSize);
    for (auto _ : state) {
        aes.cbc_encrypt({}, buffer, buffer);
        benchmark::DoNotOptimize(buffer.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSize));
}
BENCHMARK(aes_floor);

}  // namespace
}  // namespace oti::javacard
