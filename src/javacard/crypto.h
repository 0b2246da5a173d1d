// SPDX-License-Identifier: Apache-2.0
// javacardx.crypto; tokens as its export file of version 1.6 has them. The classes behind the key interfaces
// of javacard.security stand here too, since they implement KeyEncryption.
#pragma once

#include "javacard/security.h"

namespace oti::javacard {

const NativePackage& crypto_package();

inline constexpr PackageId kCryptoPackage = 4;

namespace crypto_class {
inline constexpr ClassId kKeyEncryption{kCryptoPackage, 0}, kCipher{kCryptoPackage, 1},
    kCipherOneShot{kCryptoPackage, 2}, kAeadCipher{kCryptoPackage, 3};
/// Not of the API: what all keys are, and which they can be.
inline constexpr ClassId kKeyObject{kCryptoPackage, 4}, kDesKey{kCryptoPackage, 5},
    kAesKey{kCryptoPackage, 6}, kHmacKey{kCryptoPackage, 7}, kRsaPublicKey{kCryptoPackage, 8},
    kRsaPrivateKey{kCryptoPackage, 9}, kRsaPrivateCrtKey{kCryptoPackage, 10},
    kEcPublicKey{kCryptoPackage, 11}, kEcPrivateKey{kCryptoPackage, 12}, kEcParameters{kCryptoPackage, 13},
    kDhPublicKey{kCryptoPackage, 14}, kDhPrivateKey{kCryptoPackage, 15}, kDhParameters{kCryptoPackage, 16};
}  // namespace crypto_class

std::span<const NativeMethod> key_encryption_methods();
std::span<const NativeMethod> cipher_methods();
std::span<const NativeMethod> cipher_one_shot_methods();
std::span<const NativeMethod> aead_cipher_methods();
/// Of kKeyObject, and of the classes below it.
std::span<const NativeMethod> key_object_methods();
std::span<const NativeMethod> key_methods(ClassId type);

/// Decrypts what a key is set to with the Cipher object of its KeyEncryption.
Guest<Bytes> decrypt_key_data(NativeCall& call, Ref cipher, BytesView data);

}  // namespace oti::javacard
