// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "crypto/random.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// Encrypts secrets for storage: AES-256-GCM under one master key, a random 12-byte nonce before each
/// ciphertext, and a context (such as the row's name) that must be the same on opening, so that rows cannot
/// be exchanged.
class Sealer {
  public:
    /// Error `key.length` unless 32 bytes.
    static Result<Sealer> create(SecretBytes master_key, Random& random);
    /// Reads the 32-byte key from a file, or makes the file (mode 0600) with a random key.
    static Result<Sealer> open_or_create(const std::filesystem::path& key_file, Random& random);

    /// nonce(12) | ciphertext | tag(16)
    Bytes seal(BytesView secret, std::string_view context) const;
    /// Error `seal.broken` for another key, another context or changed bytes.
    Result<SecretBytes> open(BytesView sealed, std::string_view context) const;

  private:
    Sealer(SecretBytes key, Random& random) : key_(std::move(key)), random_(&random) {}
    SecretBytes key_;
    Random* random_;
};

}  // namespace oti::crypto
