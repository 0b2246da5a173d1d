// SPDX-License-Identifier: Apache-2.0
// The interfaces of javacard.security: what their methods' tokens are.
#include "javacard/security.h"

namespace oti::javacard {
namespace {

constexpr NativeMethod method(std::uint8_t token, const char* name, const char* signature) {
    return {MethodSort::kVirtual, token, name, signature, nullptr};
}
constexpr NativeMethod getter(std::uint8_t token, const char* name) {
    return method(token, name, "([BS)S");
}
constexpr NativeMethod setter(std::uint8_t token, const char* name) {
    return method(token, name, "([BSS)V");
}

constexpr NativeMethod kKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
};
constexpr NativeMethod kDSAKey[] = {
    getter(0, "getG"), getter(1, "getP"), getter(2, "getQ"),
    setter(3, "setG"), setter(4, "setP"), setter(5, "setQ"),
};
constexpr NativeMethod kDSAPrivateKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    getter(4, "getG"),
    getter(5, "getP"),
    getter(6, "getQ"),
    setter(7, "setG"),
    setter(8, "setP"),
    setter(9, "setQ"),
    getter(10, "getX"),
    setter(11, "setX"),
};
constexpr NativeMethod kDSAPublicKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    getter(4, "getG"),
    getter(5, "getP"),
    getter(6, "getQ"),
    setter(7, "setG"),
    setter(8, "setP"),
    setter(9, "setQ"),
    getter(10, "getY"),
    setter(11, "setY"),
};
constexpr NativeMethod kRSAPrivateCrtKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    getter(4, "getDP1"),
    getter(5, "getDQ1"),
    getter(6, "getP"),
    getter(7, "getPQ"),
    getter(8, "getQ"),
    setter(9, "setDP1"),
    setter(10, "setDQ1"),
    setter(11, "setP"),
    setter(12, "setPQ"),
    setter(13, "setQ"),
};
constexpr NativeMethod kRSAPrivateKey[] = {
    method(0, "clearKey", "()V"),      method(1, "getSize", "()S"), method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"), getter(4, "getExponent"),    getter(5, "getModulus"),
    setter(6, "setExponent"),          setter(7, "setModulus"),
};
constexpr NativeMethod kDESKey[] = {
    method(0, "clearKey", "()V"),      method(1, "getSize", "()S"),   method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"), method(4, "getKey", "([BS)B"), method(5, "setKey", "([BS)V"),
};
constexpr NativeMethod kECKey[] = {
    setter(0, "setFieldFP"),
    method(1, "setFieldF2M", "(S)V"),
    method(2, "setFieldF2M", "(SSS)V"),
    setter(3, "setA"),
    setter(4, "setB"),
    setter(5, "setG"),
    setter(6, "setR"),
    method(7, "setK", "(S)V"),
    getter(8, "getField"),
    getter(9, "getA"),
    getter(10, "getB"),
    getter(11, "getG"),
    getter(12, "getR"),
    method(13, "getK", "()S"),
    method(14, "copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V"),
};
constexpr NativeMethod kECPrivateKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    setter(4, "setFieldFP"),
    method(5, "setFieldF2M", "(S)V"),
    method(6, "setFieldF2M", "(SSS)V"),
    setter(7, "setA"),
    setter(8, "setB"),
    setter(9, "setG"),
    setter(10, "setR"),
    method(11, "setK", "(S)V"),
    getter(12, "getField"),
    getter(13, "getA"),
    getter(14, "getB"),
    getter(15, "getG"),
    getter(16, "getR"),
    method(17, "getK", "()S"),
    setter(18, "setS"),
    getter(19, "getS"),
    method(20, "copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V"),
};
constexpr NativeMethod kECPublicKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    setter(4, "setFieldFP"),
    method(5, "setFieldF2M", "(S)V"),
    method(6, "setFieldF2M", "(SSS)V"),
    setter(7, "setA"),
    setter(8, "setB"),
    setter(9, "setG"),
    setter(10, "setR"),
    method(11, "setK", "(S)V"),
    getter(12, "getField"),
    getter(13, "getA"),
    getter(14, "getB"),
    getter(15, "getG"),
    getter(16, "getR"),
    method(17, "getK", "()S"),
    setter(18, "setW"),
    getter(19, "getW"),
    method(20, "copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V"),
};
constexpr NativeMethod kAESKey[] = {
    method(0, "clearKey", "()V"),      method(1, "getSize", "()S"),   method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"), method(4, "setKey", "([BS)V"), method(5, "getKey", "([BS)B"),
};
constexpr NativeMethod kHMACKey[] = {
    method(0, "clearKey", "()V"),      method(1, "getSize", "()S"), method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"), setter(4, "setKey"),         method(5, "getKey", "([BS)B"),
};
constexpr NativeMethod kSignatureMessageRecovery[] = {
    method(0, "init", "(Ljavacard/security/Key;B)V"),
    method(1, "beginVerify", "([BSS)S"),
    method(2, "sign", "([BSS[BS[SS)S"),
    method(3, "verify", "([BSS)Z"),
    method(4, "getAlgorithm", "()B"),
    method(5, "getLength", "()S"),
    setter(6, "update"),
};
constexpr NativeMethod kDHKey[] = {
    setter(0, "setP"), setter(1, "setQ"), setter(2, "setG"),
    getter(3, "getP"), getter(4, "getQ"), getter(5, "getG"),
};
constexpr NativeMethod kDHPrivateKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    setter(4, "setP"),
    setter(5, "setQ"),
    setter(6, "setG"),
    getter(7, "getP"),
    getter(8, "getQ"),
    getter(9, "getG"),
    setter(10, "setX"),
    getter(11, "getX"),
};
constexpr NativeMethod kDHPublicKey[] = {
    method(0, "clearKey", "()V"),
    method(1, "getSize", "()S"),
    method(2, "getType", "()B"),
    method(3, "isInitialized", "()Z"),
    setter(4, "setP"),
    setter(5, "setQ"),
    setter(6, "setG"),
    getter(7, "getP"),
    getter(8, "getQ"),
    getter(9, "getG"),
    setter(10, "setY"),
    getter(11, "getY"),
};

}  // namespace

std::span<const NativeMethod> key_interface_methods(std::uint8_t token) {
    switch (token) {
        case 0:  // Key
        case 2:  // PrivateKey
        case 3:  // PublicKey
        case 4:  // SecretKey
            return kKey;
        case 1:  // DSAKey
            return kDSAKey;
        case 5:  // DSAPrivateKey
            return kDSAPrivateKey;
        case 6:  // DSAPublicKey
            return kDSAPublicKey;
        case 7:  // RSAPrivateCrtKey
            return kRSAPrivateCrtKey;
        case 8:  // RSAPrivateKey
        case 9:  // RSAPublicKey
            return kRSAPrivateKey;
        case 10:  // DESKey
            return kDESKey;
        case 17:  // ECKey
            return kECKey;
        case 18:  // ECPrivateKey
            return kECPrivateKey;
        case 19:  // ECPublicKey
            return kECPublicKey;
        case 20:  // AESKey
        case 24:  // KoreanSEEDKey
            return kAESKey;
        case 23:  // HMACKey
            return kHMACKey;
        case 25:  // SignatureMessageRecovery
            return kSignatureMessageRecovery;
        case 27:  // DHKey
            return kDHKey;
        case 28:  // DHPrivateKey
            return kDHPrivateKey;
        case 29:  // DHPublicKey
            return kDHPublicKey;
        default:
            return {};
    }
}

}  // namespace oti::javacard
