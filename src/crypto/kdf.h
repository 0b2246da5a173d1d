// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/aes.h"
#include "crypto/digest.h"

namespace oti::crypto {

/// KDF in counter mode (NIST SP 800-108r1, 4.1) with CMAC-AES as PRF and a one-byte counter that stands in
/// the middle: each block is CMAC(key, before | counter | after), counter from 1. Returns `size` bytes, at
/// most 255 blocks. Error `key.length` for a key that is no AES key.
Result<SecretBytes> kdf_counter_cmac(const SecretBytes& key, BytesView before, BytesView after,
                                     std::size_t size);

/// The X9.63 key derivation function (BSI TR-03111, 4.3.3): as many blocks as `size` needs of
/// hash(secret | 4-byte counter from 1 | shared_info).
SecretBytes kdf_x963(Hash hash, const SecretBytes& secret, BytesView shared_info, std::size_t size);

}  // namespace oti::crypto
