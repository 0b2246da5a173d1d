// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret_bytes.h"

namespace oti::scp {

/// The three static keys of a key version: Key-ENC, Key-MAC, Key-DEK; all of one length (AES: 16, 24 or 32
/// bytes).
struct KeySet {
    crypto::SecretBytes enc;
    crypto::SecretBytes mac;
    crypto::SecretBytes dek;

    KeySet clone() const { return {enc.clone(), mac.clone(), dek.clone()}; }
};

}  // namespace oti::scp
