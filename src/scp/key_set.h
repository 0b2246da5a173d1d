// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "crypto/secret_bytes.h"

namespace oti::scp {

/// The three static keys of a key version: Key-ENC, Key-MAC, Key-DEK; all of one length (AES: 16, 24 or 32
/// bytes).
struct KeySet {
    crypto::SecretBytes enc;
    crypto::SecretBytes mac;
    crypto::SecretBytes dek;

    KeySet clone() const { return {enc.clone(), mac.clone(), dek.clone()}; }

    /// Three random keys of `size` bytes.
    static KeySet random(crypto::Random& random, std::size_t size = 16);
    /// ENC, MAC and DEK one after another.
    crypto::SecretBytes joined() const;
    /// Error `key.length` unless three keys of 16, 24 or 32 bytes.
    static Result<KeySet> split(const crypto::SecretBytes& joined);
};

}  // namespace oti::scp
