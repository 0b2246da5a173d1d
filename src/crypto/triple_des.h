// SPDX-License-Identifier: Apache-2.0
// Triple DES and the MACs made of it (GPCS 2.3.1, B.1), for cards that know nothing newer.
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

inline constexpr std::size_t kDesBlock = 8;
using DesBlock = std::array<std::uint8_t, kDesBlock>;

/// A key of 8, 16 or 24 bytes as one of three parts. Error `key.length`.
Result<SecretBytes> triple_des_key(const SecretBytes& key);

/// Triple DES with a key of two parts (16 bytes) or three (24); with a key of 8 bytes it is single DES, which
/// is triple DES with three equal parts. Parity bits are ignored. Inputs are whole blocks; `out` is as long
/// as `in` and may be the same memory.
class TripleDes {
  public:
    /// Error `key.length` unless 8, 16 or 24 bytes.
    static Result<TripleDes> create(const SecretBytes& key);

    void ecb_encrypt(BytesView in, std::span<std::uint8_t> out) const;
    void ecb_decrypt(BytesView in, std::span<std::uint8_t> out) const;
    void cbc_encrypt(const DesBlock& iv, BytesView in, std::span<std::uint8_t> out) const;
    void cbc_decrypt(const DesBlock& iv, BytesView in, std::span<std::uint8_t> out) const;

    /// Full triple DES MAC (B.1.2.1; ISO/IEC 9797-1 algorithm 1): the last block of CBC over the padded
    /// message.
    DesBlock mac(const DesBlock& iv, BytesView message) const;

  private:
    TripleDes() = default;
    EvpCipherCtx ecb_encrypt_;
    EvpCipherCtx ecb_decrypt_;
    EvpCipherCtx cbc_encrypt_;
    EvpCipherCtx cbc_decrypt_;
};

/// "Single DES plus final triple DES" (B.1.2.2; ISO/IEC 9797-1 algorithm 3), also called retail MAC: CBC with
/// the first part of the key, and triple DES for the last block.
class RetailMac {
  public:
    /// Error `key.length` unless 16 bytes.
    static Result<RetailMac> create(const SecretBytes& key);

    /// Over the message, which is padded here.
    DesBlock mac(const DesBlock& iv, BytesView message) const;
    /// Single DES of one block with the first part of the key, as SCP02 encrypts its ICV (E.3.4).
    DesBlock encrypt_block(const DesBlock& block) const;

  private:
    RetailMac(TripleDes single, TripleDes final) : single_(std::move(single)), final_(std::move(final)) {}
    TripleDes single_;
    TripleDes final_;
};

/// Padding of B.1.3: `80`, then zeros up to the end of a block.
Bytes des_padded(BytesView message);
/// The message without that padding; nothing, if there is none or the length is not of whole blocks.
std::optional<Bytes> des_unpadded(BytesView padded);

/// Two-key or three-key triple DES in ECB mode; `in` is whole blocks. Error `key.length`.
Result<Bytes> triple_des_ecb_encrypt(const SecretBytes& key, BytesView in);

}  // namespace oti::crypto
