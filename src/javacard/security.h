// SPDX-License-Identifier: Apache-2.0
// javacard.security; tokens as its export file of version 1.6 has them.
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

const NativePackage& security();

inline constexpr PackageId kSecurityPackage = 3;

namespace security_class {
inline constexpr ClassId kKey{kSecurityPackage, 0}, kPrivateKey{kSecurityPackage, 2},
    kPublicKey{kSecurityPackage, 3}, kSecretKey{kSecurityPackage, 4}, kRsaPrivateCrtKey{kSecurityPackage, 7},
    kRsaPrivateKey{kSecurityPackage, 8}, kRsaPublicKey{kSecurityPackage, 9}, kDesKey{kSecurityPackage, 10},
    kMessageDigest{kSecurityPackage, 11}, kRandomData{kSecurityPackage, 14}, kSignature{kSecurityPackage, 15},
    kKeyPair{kSecurityPackage, 16}, kEcKey{kSecurityPackage, 17}, kEcPrivateKey{kSecurityPackage, 18},
    kEcPublicKey{kSecurityPackage, 19}, kAesKey{kSecurityPackage, 20}, kChecksum{kSecurityPackage, 21},
    kKeyAgreement{kSecurityPackage, 22}, kHmacKey{kSecurityPackage, 23},
    kSignatureMessageRecovery{kSecurityPackage, 25}, kInitializedMessageDigest{kSecurityPackage, 26},
    kDhKey{kSecurityPackage, 27}, kDhPrivateKey{kSecurityPackage, 28}, kDhPublicKey{kSecurityPackage, 29},
    kMessageDigestOneShot{kSecurityPackage, 30}, kInitializedMessageDigestOneShot{kSecurityPackage, 31},
    kRandomDataOneShot{kSecurityPackage, 32}, kSignatureOneShot{kSecurityPackage, 33};
/// Not of the API: what Signature.getInstance gives for algorithms with message recovery.
inline constexpr ClassId kRecoveringSignature{kSecurityPackage, 34};
}  // namespace security_class

namespace exception {
inline constexpr ClassId kCrypto{kSecurityPackage, 12};
}

/// Reasons of CryptoException.
enum class CryptoReason : std::uint16_t {
    kIllegalValue = 1,
    kUninitializedKey = 2,
    kNoSuchAlgorithm = 3,
    kInvalidInit = 4,
    kIllegalUse = 5,
};

inline std::unexpected<Trap> crypto_exception(CryptoReason reason) {
    return throw_(exception::kCrypto, static_cast<std::uint16_t>(reason));
}

// The methods of its classes, each in a file of its own.
std::span<const NativeMethod> crypto_exception_methods();
std::span<const NativeMethod> key_builder_methods();
std::span<const NativeMethod> key_pair_methods();
std::span<const NativeMethod> message_digest_methods();
std::span<const NativeMethod> message_digest_one_shot_methods();
std::span<const NativeMethod> initialized_message_digest_methods();
std::span<const NativeMethod> initialized_message_digest_one_shot_methods();
std::span<const NativeMethod> random_data_methods();
std::span<const NativeMethod> random_data_one_shot_methods();
std::span<const NativeMethod> checksum_methods();
std::span<const NativeMethod> signature_methods();
std::span<const NativeMethod> signature_one_shot_methods();
std::span<const NativeMethod> recovering_signature_methods();
std::span<const NativeMethod> key_agreement_methods();
/// Of an interface, by its class token.
std::span<const NativeMethod> key_interface_methods(std::uint8_t token);

}  // namespace oti::javacard
