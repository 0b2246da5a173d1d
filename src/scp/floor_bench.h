// SPDX-License-Identifier: Apache-2.0
// For benchmarks: the least that SCP03 can cost.
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <initializer_list>

#include "base/best_time.h"
#include "base/bytes.h"

namespace oti::scp::testing {

/// AES-128-CBC with a zero ICV and CMAC by raw EVP calls, with contexts that live on.
class RawCrypto {
  public:
    RawCrypto() {
        for (auto [context, begin] :
             {std::pair(encrypt_, &EVP_EncryptInit_ex), {decrypt_, &EVP_DecryptInit_ex}}) {
            begin(context, EVP_aes_128_cbc(), nullptr, key_.data(), iv_.data());
            EVP_CIPHER_CTX_set_padding(context, 0);
        }
        char name[] = "AES-128-CBC";
        std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                              OSSL_PARAM_construct_end()};
        EVP_MAC_init(mac_, key_.data(), key_.size(), parameters.data());
    }
    ~RawCrypto() {
        EVP_MAC_CTX_free(mac_);
        EVP_MAC_free(algorithm_);
        EVP_CIPHER_CTX_free(decrypt_);
        EVP_CIPHER_CTX_free(encrypt_);
    }
    RawCrypto(const RawCrypto&) = delete;
    RawCrypto& operator=(const RawCrypto&) = delete;

    /// Whole blocks; `out` has as much room as `in` is long, and may be the same.
    void encrypt(BytesView in, std::uint8_t* out) {
        int written = 0;
        EVP_EncryptInit_ex(encrypt_, nullptr, nullptr, nullptr, iv_.data());
        EVP_EncryptUpdate(encrypt_, out, &written, in.data(), static_cast<int>(in.size()));
    }
    void decrypt(BytesView in, std::uint8_t* out) {
        int written = 0;
        EVP_DecryptInit_ex(decrypt_, nullptr, nullptr, nullptr, iv_.data());
        EVP_DecryptUpdate(decrypt_, out, &written, in.data(), static_cast<int>(in.size()));
    }
    /// Of the parts one after another; `out` has 16 bytes.
    void mac(std::initializer_list<BytesView> parts, std::uint8_t* out) {
        std::size_t size = 0;
        for (auto part : parts) EVP_MAC_update(mac_, part.data(), part.size());
        EVP_MAC_final(mac_, out, &size, 16);
        EVP_MAC_init(mac_, nullptr, 0, nullptr);
    }

  private:
    Bytes key_ = Bytes(16, 0x40), iv_ = Bytes(16);
    EVP_CIPHER_CTX* encrypt_ = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX* decrypt_ = EVP_CIPHER_CTX_new();
    EVP_MAC* algorithm_ = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_MAC_CTX* mac_ = EVP_MAC_CTX_new(algorithm_);
};

/// One full LOAD: AES-128-CBC over 240 bytes, CMAC over 16 + 5 + 240 bytes.
class Floor {
  public:
    void wrap() {
        raw_.encrypt(data_, command_.data() + kHeader);
        raw_.mac({chaining_, command_}, chaining_.data());
    }
    const std::uint8_t* result() const { return chaining_.data(); }

    std::chrono::duration<double> time_of(std::size_t commands) {
        return oti::testing::best_time(commands, [this] { wrap(); });
    }

  private:
    static constexpr std::size_t kPadded = 240, kHeader = 5;

    RawCrypto raw_;
    Bytes data_ = Bytes(kPadded), chaining_ = Bytes(16), command_ = Bytes(kHeader + kPadded);
};

}  // namespace oti::scp::testing
