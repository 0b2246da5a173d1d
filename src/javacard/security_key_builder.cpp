// SPDX-License-Identifier: Apache-2.0
// javacard.security.KeyBuilder
#include <algorithm>

#include "javacard/key_object.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using enum KeyFamily;
using enum Persistence;

struct KeyType {
    std::uint8_t type;  ///< a TYPE_ constant
    KeyFamily family;
    Persistence persistence;
};

/// DSA, EC over fields of characteristic 2 and Korean SEED are not there.
constexpr KeyType kTypes[] = {
    {1, kDes, kClearOnReset},
    {2, kDes, kClearOnDeselect},
    {3, kDes, kPersistent},
    {4, kRsaPublic, kPersistent},
    {5, kRsaPrivate, kPersistent},
    {6, kRsaCrt, kPersistent},
    {11, kEcPublic, kPersistent},
    {12, kEcPrivate, kPersistent},
    {13, kAes, kClearOnReset},
    {14, kAes, kClearOnDeselect},
    {15, kAes, kPersistent},
    {19, kHmac, kClearOnReset},
    {20, kHmac, kClearOnDeselect},
    {21, kHmac, kPersistent},
    {22, kRsaPrivate, kClearOnReset},
    {23, kRsaPrivate, kClearOnDeselect},
    {24, kRsaCrt, kClearOnReset},
    {25, kRsaCrt, kClearOnDeselect},
    {30, kEcPrivate, kClearOnReset},
    {31, kEcPrivate, kClearOnDeselect},
    {32, kDhPublic, kPersistent},
    {33, kDhPublic, kClearOnDeselect},
    {34, kDhPublic, kClearOnReset},
    {35, kDhPrivate, kPersistent},
    {36, kDhPrivate, kClearOnDeselect},
    {37, kDhPrivate, kClearOnReset},
    // What getType returns of domain parameters has a name from version 3.1 on.
    {38, kDhParameters, kPersistent},
    {41, kEcParameters, kPersistent},
};

KeyFamily family_of_algorithm(int algorithm) {
    switch (algorithm) {
        case 1:
            return kDes;
        case 2:
            return kAes;
        case 7:
            return kEcPublic;
        case 8:
            return kEcPrivate;
        case 9:
            return kHmac;
        case 11:
            return kRsaPublic;
        case 12:
            return kRsaPrivate;
        case 13:
            return kRsaCrt;
        case 14:
            return kDhPublic;
        case 15:
            return kDhPrivate;
        case 17:
            return kEcParameters;
        case 19:
            return kDhParameters;
        default:
            return kNone;
    }
}

/// The constant of a family in that memory; that of the persistent one where there is no other.
std::uint8_t type_of(KeyFamily family, Persistence persistence) {
    std::uint8_t type = 0;
    for (const auto& known : kTypes) {
        if (known.family != family) continue;
        if (known.persistence == persistence) return known.type;
        if (known.persistence == kPersistent) type = known.type;
    }
    return type;
}

/// (keyType, keyLength, keyEncryption): all keys implement KeyEncryption.
Guest<Value> build_key(NativeCall& call) {
    auto known = std::ranges::find(kTypes, static_cast<std::uint8_t>(call.byte_at(0)), &KeyType::type);
    bool is_type =
        known != std::end(kTypes) && known->family != kEcParameters && known->family != kDhParameters;
    if (!is_type) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto key,
            KeyObject::make(call, known->family, known->type, known->persistence, call.short_at(1)));
    return Value::of_ref(key);
}

Guest<Persistence> memory_at(NativeCall& call, std::size_t index) {
    auto memory = call.byte_at(index);
    if (memory < 0 || memory > static_cast<int>(kClearOnDeselect)) {
        return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    }
    return static_cast<Persistence>(memory);
}

/// (algorithmicKeyType, keyMemoryType, keyLength, keyEncryption)
Guest<Value> build_key_in_memory(NativeCall& call) {
    auto family = family_of_algorithm(call.byte_at(0));
    OTI_TRY(auto memory, memory_at(call, 1));
    OTI_TRY(auto key, KeyObject::make(call, family, type_of(family, memory), memory, call.short_at(2)));
    return Value::of_ref(key);
}

/// (algorithmicKeyType, keyMemoryType, domainParameters, keyEncryption)
Guest<Value> build_key_with_shared_domain(NativeCall& call) {
    auto family = family_of_algorithm(call.byte_at(0));
    OTI_TRY(auto memory, memory_at(call, 1));
    OTI_TRY(auto domain, KeyObject::argument(call, 2));
    if (domain_parts(family).empty()) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    bool fits = domain_parts(family).data() == domain_parts(domain.family()).data();
    // Sharing with a key that itself shares is sharing with whose the parameters are.
    auto owner = domain.domain();
    if (!fits || (owner.ref() != domain.ref() && owner.domain().ref() != owner.ref())) {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    OTI_TRY(auto key, KeyObject::make(call, family, type_of(family, memory), memory,
                                      static_cast<std::int16_t>(domain.bits()), owner.ref()));
    return Value::of_ref(key);
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "buildKey", "(BSZ)Ljavacard/security/Key;", build_key},
    {kStatic, 1, "buildKey", "(BBSZ)Ljavacard/security/Key;", build_key_in_memory},
    {kStatic, 2, "buildKeyWithSharedDomain", "(BBLjavacard/security/Key;Z)Ljavacard/security/Key;",
     build_key_with_shared_domain},
};

}  // namespace

std::span<const NativeMethod> key_builder_methods() {
    return kMethods;
}

}  // namespace oti::javacard
