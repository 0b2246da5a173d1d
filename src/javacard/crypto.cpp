// SPDX-License-Identifier: Apache-2.0
#include "javacard/crypto.h"

#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

constexpr ClassId kObject{kJavaLang, 0};

NativeClass key(ClassId type, const char* name, std::span<const ClassId> interfaces) {
    return {.token = type.index,
            .name = name,
            .super = crypto_class::kKeyObject,
            .interfaces = interfaces,
            .methods = key_methods(type)};
}

}  // namespace

const NativePackage& crypto_package() {
    namespace api = security_class;
    using namespace crypto_class;
    static const ClassId kDes[] = {api::kKey, api::kSecretKey, api::kDesKey, kKeyEncryption};
    static const ClassId kAes[] = {api::kKey, api::kSecretKey, api::kAesKey, kKeyEncryption};
    static const ClassId kHmac[] = {api::kKey, api::kSecretKey, api::kHmacKey, kKeyEncryption};
    static const ClassId kRsaPublic[] = {api::kKey, api::kPublicKey, api::kRsaPublicKey, kKeyEncryption};
    static const ClassId kRsaPrivate[] = {api::kKey, api::kPrivateKey, api::kRsaPrivateKey, kKeyEncryption};
    static const ClassId kRsaCrt[] = {api::kKey, api::kPrivateKey, api::kRsaPrivateCrtKey, kKeyEncryption};
    static const ClassId kEcPublic[] = {api::kKey, api::kPublicKey, api::kEcKey, api::kEcPublicKey,
                                        kKeyEncryption};
    static const ClassId kEcPrivate[] = {api::kKey, api::kPrivateKey, api::kEcKey, api::kEcPrivateKey,
                                         kKeyEncryption};
    static const ClassId kEcDomain[] = {api::kKey, api::kEcKey, kKeyEncryption};
    static const ClassId kDhPublic[] = {api::kKey, api::kPublicKey, api::kDhKey, api::kDhPublicKey,
                                        kKeyEncryption};
    static const ClassId kDhPrivate[] = {api::kKey, api::kPrivateKey, api::kDhKey, api::kDhPrivateKey,
                                         kKeyEncryption};
    static const ClassId kDhDomain[] = {api::kKey, api::kDhKey, kKeyEncryption};
    static const NativeClass kClasses[] = {
        {.token = 0, .name = "KeyEncryption", .is_interface = true, .methods = key_encryption_methods()},
        {.token = 1,
         .name = "Cipher",
         .super = kObject,
         .cells = InitializedObject::kCells,
         .references = 1,
         .methods = cipher_methods()},
        {.token = 2, .name = "Cipher$OneShot", .super = kCipher, .methods = cipher_one_shot_methods()},
        {.token = 3, .name = "AEADCipher", .super = kCipher, .methods = aead_cipher_methods()},
        {.token = 4,
         .name = "KeyObject",
         .super = kObject,
         .cells = 5,
         .references = 3,
         .methods = key_object_methods()},
        key(kDesKey, "DESKeyObject", kDes),
        key(kAesKey, "AESKeyObject", kAes),
        key(kHmacKey, "HMACKeyObject", kHmac),
        key(kRsaPublicKey, "RSAPublicKeyObject", kRsaPublic),
        key(kRsaPrivateKey, "RSAPrivateKeyObject", kRsaPrivate),
        key(kRsaPrivateCrtKey, "RSAPrivateCrtKeyObject", kRsaCrt),
        key(kEcPublicKey, "ECPublicKeyObject", kEcPublic),
        key(kEcPrivateKey, "ECPrivateKeyObject", kEcPrivate),
        key(kEcParameters, "ECParametersObject", kEcDomain),
        key(kDhPublicKey, "DHPublicKeyObject", kDhPublic),
        key(kDhPrivateKey, "DHPrivateKeyObject", kDhPrivate),
        key(kDhParameters, "DHParametersObject", kDhDomain),
    };
    static const NativePackage kPackage{
        kCryptoPackage, "javacardx.crypto", "A0000000620201", {1, 6}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
