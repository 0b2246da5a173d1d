// SPDX-License-Identifier: Apache-2.0
// What a Signature object can be: a hash function, a cipher and a padding each (API 3.0.5, Signature).
#pragma once

#include <cstdint>
#include <optional>

#include "javacard/padding.h"

namespace oti::javacard {

/// Values as the SIG_CIPHER_ constants. DSA and Korean SEED are not there.
enum class SignatureCipher : std::uint8_t {
    kAbsent = 0,
    kDesMac4 = 1,
    kDesMac8 = 2,
    kRsa = 3,
    kEcdsa = 5,
    kAesMac128 = 6,
    kHmac = 7,
    kEcdsaPlain = 9,
    kAesCmac128 = 10,
};

struct SignatureAlgorithm {
    std::uint8_t algorithm = 0;  ///< the ALG_ constant; 0 if there is none
    std::uint8_t digest = 0;     ///< of MessageDigest; 0: none
    SignatureCipher cipher = SignatureCipher::kAbsent;
    Padding padding = Padding::kNull;
};

std::optional<SignatureAlgorithm> signature_algorithm(std::uint8_t algorithm);
/// Also compositions that have no constant, such as ECDSA with SHA-3.
std::optional<SignatureAlgorithm> signature_composition(std::uint8_t digest, SignatureCipher cipher,
                                                        Padding padding);

}  // namespace oti::javacard
