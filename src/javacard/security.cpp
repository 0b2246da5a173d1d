// SPDX-License-Identifier: Apache-2.0
#include "javacard/security.h"

#include "javacard/exception_methods.h"
#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

constexpr ClassId kObject{kJavaLang, 0};

NativeClass interface(std::uint8_t token, const char* name, std::span<const ClassId> supers = {}) {
    return {.token = token,
            .name = name,
            .is_interface = true,
            .interfaces = supers,
            .methods = key_interface_methods(token)};
}

}  // namespace

const NativePackage& security() {
    using namespace security_class;
    static const ClassId kOfKey[] = {kKey};
    static const ClassId kOfSecret[] = {kKey, kSecretKey};
    static const ClassId kOfPrivate[] = {kKey, kPrivateKey};
    static const ClassId kOfPublic[] = {kKey, kPublicKey};
    static const ClassId kOfDsaPrivate[] = {kKey, kPrivateKey, {kSecurityPackage, 1}};
    static const ClassId kOfDsaPublic[] = {kKey, kPublicKey, {kSecurityPackage, 1}};
    static const ClassId kOfEcPrivate[] = {kKey, kPrivateKey, kEcKey};
    static const ClassId kOfEcPublic[] = {kKey, kPublicKey, kEcKey};
    static const ClassId kOfDhPrivate[] = {kKey, kPrivateKey, kDhKey};
    static const ClassId kOfDhPublic[] = {kKey, kPublicKey, kDhKey};
    static const ClassId kOfRecovering[] = {kSignatureMessageRecovery};
    static const NativeClass kClasses[] = {
        interface(0, "Key"),
        interface(1, "DSAKey"),
        interface(2, "PrivateKey", kOfKey),
        interface(3, "PublicKey", kOfKey),
        interface(4, "SecretKey", kOfKey),
        interface(5, "DSAPrivateKey", kOfDsaPrivate),
        interface(6, "DSAPublicKey", kOfDsaPublic),
        interface(7, "RSAPrivateCrtKey", kOfPrivate),
        interface(8, "RSAPrivateKey", kOfPrivate),
        interface(9, "RSAPublicKey", kOfPublic),
        interface(10, "DESKey", kOfSecret),
        {.token = 11,
         .name = "MessageDigest",
         .super = kObject,
         .cells = 1,
         .methods = message_digest_methods()},
        runtime_exception<exception::kCrypto>("CryptoException"),
        {.token = 13, .name = "KeyBuilder", .super = kObject, .methods = key_builder_methods()},
        {.token = 14, .name = "RandomData", .super = kObject, .cells = 1, .methods = random_data_methods()},
        {.token = 15,
         .name = "Signature",
         .super = kObject,
         .cells = InitializedObject::kCells,
         .references = 1,
         .methods = signature_methods()},
        {.token = 16,
         .name = "KeyPair",
         .super = kObject,
         .cells = 2,
         .references = 2,
         .methods = key_pair_methods()},
        interface(17, "ECKey"),
        interface(18, "ECPrivateKey", kOfEcPrivate),
        interface(19, "ECPublicKey", kOfEcPublic),
        interface(20, "AESKey", kOfSecret),
        {.token = 21, .name = "Checksum", .super = kObject, .cells = 1, .methods = checksum_methods()},
        {.token = 22,
         .name = "KeyAgreement",
         .super = kObject,
         .cells = InitializedObject::kCells,
         .references = 1,
         .methods = key_agreement_methods()},
        interface(23, "HMACKey", kOfSecret),
        interface(24, "KoreanSEEDKey", kOfSecret),
        interface(25, "SignatureMessageRecovery"),
        {.token = 26,
         .name = "InitializedMessageDigest",
         .super = kMessageDigest,
         .methods = initialized_message_digest_methods()},
        interface(27, "DHKey"),
        interface(28, "DHPrivateKey", kOfDhPrivate),
        interface(29, "DHPublicKey", kOfDhPublic),
        {.token = 30,
         .name = "MessageDigest$OneShot",
         .super = kMessageDigest,
         .methods = message_digest_one_shot_methods()},
        {.token = 31,
         .name = "InitializedMessageDigest$OneShot",
         .super = kInitializedMessageDigest,
         .methods = initialized_message_digest_one_shot_methods()},
        {.token = 32,
         .name = "RandomData$OneShot",
         .super = kRandomData,
         .methods = random_data_one_shot_methods()},
        {.token = 33,
         .name = "Signature$OneShot",
         .super = kSignature,
         .methods = signature_one_shot_methods()},
        {.token = 34,
         .name = "RecoveringSignature",
         .super = kSignature,
         .interfaces = kOfRecovering,
         .methods = recovering_signature_methods()},
    };
    static const NativePackage kPackage{
        kSecurityPackage, "javacard.security", "A0000000620102", {1, 6}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
