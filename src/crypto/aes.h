// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/result.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

inline constexpr std::size_t kAesBlock = 16;
using AesBlock = std::array<std::uint8_t, kAesBlock>;

/// AES-128, -192 or -256 with one key; the key schedule is computed once and reused by every call.
/// Inputs are whole blocks; `out` is as long as `in` and may be the same memory.
class Aes {
  public:
    /// Error `key.length` unless 16, 24 or 32 bytes.
    static Result<Aes> create(const SecretBytes& key);

    void ecb_encrypt(BytesView in, std::span<std::uint8_t> out) const;
    void cbc_encrypt(const AesBlock& iv, BytesView in, std::span<std::uint8_t> out) const;
    void cbc_decrypt(const AesBlock& iv, BytesView in, std::span<std::uint8_t> out) const;

  private:
    Aes() = default;
    EvpCipherCtx ecb_;
    EvpCipherCtx cbc_encrypt_;
    EvpCipherCtx cbc_decrypt_;
};

/// AES-CMAC (NIST SP 800-38B, RFC 4493) with one key; one message after another.
class Cmac {
  public:
    /// Error `key.length` unless 16, 24 or 32 bytes.
    static Result<Cmac> create(const SecretBytes& key);

    void update(BytesView part);
    /// The 16-byte MAC of all parts since the last call; the next message begins.
    AesBlock finish();

  private:
    Cmac() = default;
    EvpMacCtx context_;
};

/// One message, one call.
Result<AesBlock> cmac(const SecretBytes& key, BytesView message);

}  // namespace oti::crypto
