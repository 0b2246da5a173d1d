// SPDX-License-Identifier: Apache-2.0
// The methods behind the key interfaces of javacard.security, and javacardx.crypto.KeyEncryption.
#include <algorithm>
#include <array>

#include "javacard/key_object.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using enum KeyPart;

KeyObject own_key(NativeCall& call) {
    return *KeyObject::find(call.machine(), call.self());
}

/// The data of a setter, decrypted if the key has a cipher (KeyEncryption).
Guest<Bytes> incoming(NativeCall& call, const KeyObject& key, std::int32_t length) {
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), length));
    if (key.cipher() == kNull) return to_bytes(range.view());
    return decrypt_key_data(call, key.cipher(), range.view());
}

Guest<Value> outgoing(NativeCall& call, BytesView value) {
    if (value.empty()) return crypto_exception(CryptoReason::kUninitializedKey);
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), static_cast<std::int32_t>(value.size())));
    OTI_CHECK(call.write(range, value));
    return Value::of_short(static_cast<int>(value.size()));
}

BytesView without_leading_zeros(BytesView number) {
    auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
    return {first, number.end()};
}

// Key -------------------------------------------------------------------------------------------------------

Guest<Value> clear_key(NativeCall& call) {
    OTI_CHECK(own_key(call).clear());
    return Value{};
}
Guest<Value> get_size(NativeCall& call) {
    return Value::of_short(static_cast<int>(own_key(call).bits()));
}
Guest<Value> get_type(NativeCall& call) {
    return Value::of_short(own_key(call).type());
}
Guest<Value> is_initialized(NativeCall& call) {
    return Value::of_bool(own_key(call).is_initialized());
}

// KeyEncryption ---------------------------------------------------------------------------------------------

Guest<Value> get_key_cipher(NativeCall& call) {
    return Value::of_ref(own_key(call).cipher());
}
Guest<Value> set_key_cipher(NativeCall& call) {
    if (call.ref_at(1) != kNull) {
        OTI_CHECK(call.instance_at(1, crypto_class::kCipher));
        if (!call.machine().may_store(call.ref_at(1))) return throw_(exception::kSecurity);
    }
    OTI_CHECK(own_key(call).set_cipher(call.ref_at(1)));
    return Value{};
}

// DESKey, AESKey: setKey(keyData, kOff) ---------------------------------------------------------------------

Guest<Value> set_fixed(NativeCall& call) {
    auto key = own_key(call);
    OTI_TRY(auto data, incoming(call, key, static_cast<std::int32_t>(key.size())));
    auto secret = crypto::SecretBytes::take(std::move(data));
    if (secret.size() != key.size()) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(key.set(kSecret, secret.view(crypto::SecretAccess::granted())));
    return Value{};
}

template <KeyPart part>
Guest<Value> get_part(NativeCall& call) {
    return outgoing(call, own_key(call).get(part));
}

/// A value that may have any length up to the part's.
template <KeyPart part>
Guest<Value> set_part(NativeCall& call) {
    auto key = own_key(call);
    OTI_TRY(auto data, incoming(call, key, call.short_at(3)));
    auto secret = crypto::SecretBytes::take(std::move(data));
    OTI_CHECK(key.set(part, secret.view(crypto::SecretAccess::granted())));
    return Value{};
}

/// A number that is not zero; leading zeros do not count.
template <KeyPart part>
Guest<Value> set_number(NativeCall& call) {
    auto key = own_key(call);
    OTI_TRY(auto data, incoming(call, key, call.short_at(3)));
    auto secret = crypto::SecretBytes::take(std::move(data));
    OTI_CHECK(key.set(part, without_leading_zeros(secret.view(crypto::SecretAccess::granted()))));
    return Value{};
}

/// RSAPublicKey.setModulus: right-aligned, and refused if its length does not fit. It is the length of the
/// data that counts: applets that need x^e mod n for a small n give it as many zeros as the key has room for.
Guest<Value> set_modulus(NativeCall& call) {
    auto key = own_key(call);
    OTI_TRY(auto data, incoming(call, key, call.short_at(3)));
    auto number = without_leading_zeros(data);
    if (number.empty() || number.size() > key.size() || data.size() < key.size()) {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    OTI_CHECK(key.set(kModulus, BytesView(data).last(key.size())));
    return Value{};
}

/// A point of ANSI X9.62: 04 X Y, or 02 or 03 and X.
template <KeyPart part>
Guest<Value> set_point(NativeCall& call) {
    auto key = own_key(call);
    OTI_TRY(auto data, incoming(call, key, call.short_at(3)));
    bool whole = !data.empty() && data[0] == 0x04 && data.size() == 1 + 2 * key.size();
    bool compressed = !data.empty() && (data[0] | 1U) == 0x03 && data.size() == 1 + key.size();
    if (!whole && !compressed) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(key.set(part, data));
    return Value{};
}

// ECKey -----------------------------------------------------------------------------------------------------

/// For keys over fields of characteristic 2, which these are not (API, ECKey.setFieldF2M).
Guest<Value> set_field_f2m(NativeCall&) {
    return crypto_exception(CryptoReason::kNoSuchAlgorithm);
}
Guest<Value> set_k(NativeCall& call) {
    auto k = static_cast<std::uint16_t>(call.short_at(1));
    OTI_CHECK(
        own_key(call).set(kK, std::array{static_cast<std::uint8_t>(k >> 8U), static_cast<std::uint8_t>(k)}));
    return Value{};
}
Guest<Value> get_k(NativeCall& call) {
    auto k = own_key(call).get(kK);
    if (k.size() != 2) return crypto_exception(CryptoReason::kUninitializedKey);
    return Value::of_short(k[0] << 8U | k[1]);
}
Guest<Value> copy_domain_parameters(NativeCall& call) {
    OTI_CHECK(call.instance_at(1, security_class::kEcKey));
    auto key = own_key(call);
    auto from = KeyObject::find(call.machine(), call.ref_at(1));
    if (!from || from->bits() != key.bits()) return crypto_exception(CryptoReason::kIllegalValue);
    for (auto part : domain_parts(key.family())) {
        if (!from->has(part) && part != kK) return crypto_exception(CryptoReason::kUninitializedKey);
    }
    for (auto part : domain_parts(key.family())) {
        auto value = to_bytes(from->get(part));
        if (!value.empty()) OTI_CHECK(key.set(part, value));
    }
    return Value{};
}

// The methods of each class; the first tokens are equals and those of all keys.
constexpr NativeMethod kKeyObject[] = {
    {kConstructor, 0, "<init>", "()V", [](NativeCall&) -> Guest<Value> { return Value{}; }},
    {kVirtual, 1, "clearKey", "()V", clear_key},
    {kVirtual, 2, "getSize", "()S", get_size},
    {kVirtual, 3, "getType", "()B", get_type},
    {kVirtual, 4, "isInitialized", "()Z", is_initialized},
    {kVirtual, 5, "getKeyCipher", "()Ljavacardx/crypto/Cipher;", get_key_cipher},
    {kVirtual, 6, "setKeyCipher", "(Ljavacardx/crypto/Cipher;)V", set_key_cipher},
};

constexpr NativeMethod setter(std::uint8_t token, const char* name, NativeFunction function) {
    return {kVirtual, token, name, "([BSS)V", function};
}
constexpr NativeMethod getter(std::uint8_t token, const char* name, NativeFunction function) {
    return {kVirtual, token, name, "([BS)S", function};
}

constexpr NativeMethod kSymmetric[] = {
    {kVirtual, 7, "getKey", "([BS)B", get_part<kSecret>},
    {kVirtual, 8, "setKey", "([BS)V", set_fixed},
};
constexpr NativeMethod kHmac[] = {
    {kVirtual, 7, "getKey", "([BS)B", get_part<kSecret>},
    setter(8, "setKey", set_part<kSecret>),
};
constexpr NativeMethod kRsa[] = {
    getter(7, "getExponent", get_part<kExponent>),
    getter(8, "getModulus", get_part<kModulus>),
    setter(9, "setExponent", set_number<kExponent>),
    setter(10, "setModulus", set_modulus),
};
constexpr NativeMethod kRsaCrt[] = {
    getter(7, "getDP1", get_part<kDp1>),    getter(8, "getDQ1", get_part<kDq1>),
    getter(9, "getP", get_part<kP>),        getter(10, "getPQ", get_part<kPq>),
    getter(11, "getQ", get_part<kQ>),       setter(12, "setDP1", set_number<kDp1>),
    setter(13, "setDQ1", set_number<kDq1>), setter(14, "setP", set_number<kP>),
    setter(15, "setPQ", set_number<kPq>),   setter(16, "setQ", set_number<kQ>),
};

#define OTI_EC_METHODS                                                                                   \
    setter(7, "setFieldFP", set_part<kField>), {kVirtual, 8, "setFieldF2M", "(S)V", set_field_f2m},      \
        {kVirtual, 9, "setFieldF2M", "(SSS)V", set_field_f2m}, setter(10, "setA", set_part<kA>),         \
        setter(11, "setB", set_part<kB>), setter(12, "setG", set_point<kG>),                             \
        setter(13, "setR", set_part<kR>), {kVirtual, 14, "setK", "(S)V", set_k},                         \
        getter(15, "getField", get_part<kField>), getter(16, "getA", get_part<kA>),                      \
        getter(17, "getB", get_part<kB>), getter(18, "getG", get_part<kG>),                              \
        getter(19, "getR", get_part<kR>), {kVirtual, 20, "getK", "()S", get_k}, {                        \
        kVirtual, 21, "copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V", copy_domain_parameters \
    }
#define OTI_DH_METHODS                                                                                       \
    setter(7, "setP", set_number<kP>), setter(8, "setQ", set_number<kQ>), setter(9, "setG", set_number<kG>), \
        getter(10, "getP", get_part<kP>), getter(11, "getQ", get_part<kQ>), getter(12, "getG", get_part<kG>)

constexpr NativeMethod kEcParameters[] = {OTI_EC_METHODS};
constexpr NativeMethod kEcPublic[] = {
    OTI_EC_METHODS,
    setter(22, "setW", set_point<kPublic>),
    getter(23, "getW", get_part<kPublic>),
};
constexpr NativeMethod kEcPrivate[] = {
    OTI_EC_METHODS,
    setter(22, "setS", set_part<kPrivate>),
    getter(23, "getS", get_part<kPrivate>),
};
constexpr NativeMethod kDhParameters[] = {OTI_DH_METHODS};
constexpr NativeMethod kDhPublic[] = {
    OTI_DH_METHODS,
    setter(13, "setY", set_number<kPublic>),
    getter(14, "getY", get_part<kPublic>),
};
constexpr NativeMethod kDhPrivate[] = {
    OTI_DH_METHODS,
    setter(13, "setX", set_number<kPrivate>),
    getter(14, "getX", get_part<kPrivate>),
};

}  // namespace

std::span<const NativeMethod> key_object_methods() {
    return kKeyObject;
}

std::span<const NativeMethod> key_methods(ClassId type) {
    if (type == crypto_class::kDesKey || type == crypto_class::kAesKey) return kSymmetric;
    if (type == crypto_class::kHmacKey) return kHmac;
    if (type == crypto_class::kRsaPublicKey || type == crypto_class::kRsaPrivateKey) return kRsa;
    if (type == crypto_class::kRsaPrivateCrtKey) return kRsaCrt;
    if (type == crypto_class::kEcPublicKey) return kEcPublic;
    if (type == crypto_class::kEcPrivateKey) return kEcPrivate;
    if (type == crypto_class::kEcParameters) return kEcParameters;
    if (type == crypto_class::kDhPublicKey) return kDhPublic;
    if (type == crypto_class::kDhPrivateKey) return kDhPrivate;
    return kDhParameters;
}

}  // namespace oti::javacard
