// SPDX-License-Identifier: Apache-2.0
// Commands per second of the bare card: no reader, the memory's file in memory. Beside each its floor: the
// same bytes through AES-CBC and CMAC by raw EVP calls, with contexts that live on.
#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/byte_writer.h"
#include "card/testing.h"

namespace oti::card {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t kBlock = 16, kHeader = 5;

/// What SCP03 at its highest level needs of a card for one command and its response (Amendment D 1.2, 6.2).
class Floor {
  public:
    Floor() {
        EVP_EncryptInit_ex(encrypt_, EVP_aes_128_cbc(), nullptr, key_.data(), iv_.data());
        EVP_DecryptInit_ex(decrypt_, EVP_aes_128_cbc(), nullptr, key_.data(), iv_.data());
        EVP_CIPHER_CTX_set_padding(encrypt_, 0);
        EVP_CIPHER_CTX_set_padding(decrypt_, 0);
        char name[] = "AES-128-CBC";
        std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                              OSSL_PARAM_construct_end()};
        EVP_MAC_init(mac_, key_.data(), key_.size(), parameters.data());
    }
    ~Floor() {
        EVP_MAC_CTX_free(mac_);
        EVP_MAC_free(algorithm_);
        EVP_CIPHER_CTX_free(decrypt_);
        EVP_CIPHER_CTX_free(encrypt_);
    }
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;

    void run(std::size_t command_data, std::size_t response_data) {
        auto ciphered = padded(command_data), answered = padded(response_data);
        mac(kBlock + kHeader + ciphered);
        encrypt(kBlock);  // the counter as ICV
        int written = 0;
        EVP_DecryptInit_ex(decrypt_, nullptr, nullptr, nullptr, iv_.data());
        EVP_DecryptUpdate(decrypt_, buffer_.data(), &written, buffer_.data(), static_cast<int>(ciphered));
        encrypt(kBlock);
        encrypt(answered);
        mac(kBlock + answered + 2);
    }
    /// Of one such command: the best of many runs.
    Seconds time_of(std::size_t command_data, std::size_t response_data) {
        constexpr int kCommands = 100, kRuns = 200;
        auto best = Seconds::max();
        for (int n = 0; n < kRuns; ++n) {
            auto begin = std::chrono::steady_clock::now();
            for (int i = 0; i < kCommands; ++i) run(command_data, response_data);
            best = std::min<Seconds>(best, std::chrono::steady_clock::now() - begin);
        }
        return best / kCommands;
    }

  private:
    static std::size_t padded(std::size_t size) { return size / kBlock * kBlock + kBlock; }
    void encrypt(std::size_t size) {
        int written = 0;
        EVP_EncryptInit_ex(encrypt_, nullptr, nullptr, nullptr, iv_.data());
        EVP_EncryptUpdate(encrypt_, buffer_.data(), &written, buffer_.data(), static_cast<int>(size));
    }
    void mac(std::size_t size) {
        std::size_t written = 0;
        EVP_MAC_update(mac_, buffer_.data(), size);
        EVP_MAC_final(mac_, value_.data(), &written, value_.size());
        EVP_MAC_init(mac_, nullptr, 0, nullptr);
    }

    Bytes key_ = Bytes(kBlock, 0x40), iv_ = Bytes(kBlock), value_ = Bytes(kBlock), buffer_ = Bytes(512);
    EVP_CIPHER_CTX* encrypt_ = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX* decrypt_ = EVP_CIPHER_CTX_new();
    EVP_MAC* algorithm_ = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_MAC_CTX* mac_ = EVP_MAC_CTX_new(algorithm_);
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
