// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

enum class BlockAlgorithm : std::uint8_t { kAes, kDes };
enum class CipherMode : std::uint8_t { kEcb, kCbc, kCtr };
enum class Direction : std::uint8_t { kDecrypt, kEncrypt };

/// 16 or 8.
std::size_t block_size(BlockAlgorithm algorithm);

/// A block cipher over a message that comes in parts, without padding.
class BlockCipher {
  public:
    /// Key of 16, 24 or 32 bytes for AES; 8, 16 or 24 for DES, where shorter keys are triple DES with parts
    /// that repeat. `iv` is a block (in counter mode, the first counter), or empty in ECB mode. Errors
    /// `key.length`, `cipher.iv`, `cipher.mode` (DES has no counter mode).
    static Result<BlockCipher> create(BlockAlgorithm algorithm, CipherMode mode, Direction direction,
                                      const SecretBytes& key, BytesView iv);

    /// What is complete of the output: whole blocks, or in counter mode as much as came in.
    Bytes update(BytesView part);
    /// Bytes of the last block that wait for the rest of it.
    std::size_t waiting() const { return waiting_; }

  private:
    BlockCipher(EvpCipherCtx context, std::size_t block) : context_(std::move(context)), block_(block) {}

    EvpCipherCtx context_;
    std::size_t block_;  ///< 1 in counter mode
    std::size_t waiting_ = 0;
};

}  // namespace oti::crypto
