// SPDX-License-Identifier: Apache-2.0
// For benchmarks: the least that SCP03 can cost.
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/bytes.h"

namespace oti::scp::testing {

/// One full LOAD by raw EVP calls with contexts that live on: AES-128-CBC over 240 bytes, CMAC over
/// 16 + 5 + 240 bytes.
class Floor {
  public:
    Floor() {
        EVP_EncryptInit_ex(cipher_, EVP_aes_128_cbc(), nullptr, key_.data(), iv_.data());
        EVP_CIPHER_CTX_set_padding(cipher_, 0);
        char name[] = "AES-128-CBC";
        std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                              OSSL_PARAM_construct_end()};
        EVP_MAC_init(mac_, key_.data(), key_.size(), parameters.data());
    }
    ~Floor() {
        EVP_MAC_CTX_free(mac_);
        EVP_MAC_free(algorithm_);
        EVP_CIPHER_CTX_free(cipher_);
    }
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;

    void wrap() {
        int written = 0;
        std::size_t size = 0;
        EVP_EncryptInit_ex(cipher_, nullptr, nullptr, nullptr, iv_.data());
        EVP_EncryptUpdate(cipher_, command_.data() + kHeader, &written, data_.data(), kPadded);
        EVP_MAC_update(mac_, chaining_.data(), chaining_.size());
        EVP_MAC_update(mac_, command_.data(), command_.size());
        EVP_MAC_final(mac_, chaining_.data(), &size, chaining_.size());
        EVP_MAC_init(mac_, nullptr, 0, nullptr);
    }
    const std::uint8_t* result() const { return chaining_.data(); }

    /// What so many take here and now: the best of several runs.
    std::chrono::duration<double> time_of(std::size_t commands) {
        auto best = std::chrono::duration<double>::max();
        for (int run = 0; run < 200; ++run) {
            auto start = std::chrono::steady_clock::now();
            for (std::size_t n = 0; n < commands; ++n) wrap();
            best = std::min<std::chrono::duration<double>>(best, std::chrono::steady_clock::now() - start);
        }
        return best;
    }

  private:
    static constexpr std::size_t kPadded = 240, kHeader = 5;

    Bytes key_ = Bytes(16, 0x40), iv_ = Bytes(16), data_ = Bytes(kPadded), chaining_ = Bytes(16);
    Bytes command_ = Bytes(kHeader + kPadded);
    EVP_CIPHER_CTX* cipher_ = EVP_CIPHER_CTX_new();
    EVP_MAC* algorithm_ = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_MAC_CTX* mac_ = EVP_MAC_CTX_new(algorithm_);
};

}  // namespace oti::scp::testing
