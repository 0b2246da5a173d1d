// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "crypto/secret_bytes.h"

namespace oti::scp {

/// What the keys of a version are for (ETSI TS 102 225, A.2: the algorithm is the key's).
enum class Scp80Algorithm : std::uint8_t { kAes, kTripleDes, kDes };

/// The keys of one version, 01 to 0F, of which KIc enciphers and KID authenticates secured packets.
struct Scp80Keys {
    Scp80Algorithm algorithm = Scp80Algorithm::kAes;
    crypto::SecretBytes kic;
    crypto::SecretBytes kid;
    std::size_t mac_size = 8;  ///< of AES: 4 or 8 (TS 102 226, 8.2.1.5.1); else 8

    Scp80Keys clone() const { return {algorithm, kic.clone(), kid.clone(), mac_size}; }
};

/// Greatest value of the 5-byte counter; a key version whose counter has it is blocked.
inline constexpr std::uint64_t kScp80MaxCounter = 0xFF'FFFF'FFFF;

}  // namespace oti::scp
