// SPDX-License-Identifier: Apache-2.0
// javacard.security.KeyPair: two cells, the keys.
#include <array>

#include "javacard/key_numbers.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using crypto::SecretAccess;
using crypto::SecretBytes;
using security_class::kKeyPair;

constexpr std::size_t kPublicCell = 0, kPrivateCell = 1;
/// Bytecodes in the time of looking for primes, which grows with the fourth power of their length; 2048 bits
/// take some 100 ms.
constexpr std::uint64_t kRsaBitsToTheFourth = 8'000'000;

struct Sort {
    std::int8_t algorithm;  ///< an ALG_ constant
    KeyFamily public_family;
    std::uint8_t public_type;
    KeyFamily private_family;
    std::uint8_t private_type;
};
/// DSA and fields of characteristic 2 are not there.
constexpr Sort kSorts[] = {
    {1, KeyFamily::kRsaPublic, 4, KeyFamily::kRsaPrivate, 5},
    {2, KeyFamily::kRsaPublic, 4, KeyFamily::kRsaCrt, 6},
    {5, KeyFamily::kEcPublic, 11, KeyFamily::kEcPrivate, 12},
    {6, KeyFamily::kDhPublic, 32, KeyFamily::kDhPrivate, 35},
};

/// (algorithm, keyLength)
Guest<Value> construct(NativeCall& call) {
    for (const auto& sort : kSorts) {
        if (sort.algorithm != call.byte_at(1)) continue;
        OTI_TRY(auto public_key, KeyObject::make(call, sort.public_family, sort.public_type,
                                                 Persistence::kPersistent, call.short_at(2)));
        OTI_TRY(auto private_key, KeyObject::make(call, sort.private_family, sort.private_type,
                                                  Persistence::kPersistent, call.short_at(2)));
        OTI_CHECK(call.set_cell(kKeyPair, kPublicCell, public_key));
        OTI_CHECK(call.set_cell(kKeyPair, kPrivateCell, private_key));
        return Value{};
    }
    return crypto_exception(CryptoReason::kNoSuchAlgorithm);
}

bool is_pair(const KeyObject& first, const KeyObject& second) {
    if (first.bits() != second.bits()) return false;
    for (const auto& sort : kSorts) {
        if (sort.public_family == first.family() && sort.private_family == second.family()) return true;
    }
    return false;
}

/// (publicKey, privateKey)
Guest<Value> construct_from_keys(NativeCall& call) {
    OTI_TRY(auto public_key, KeyObject::argument(call, 1));
    OTI_TRY(auto private_key, KeyObject::argument(call, 2));
    if (!is_pair(public_key, private_key)) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(call.set_cell(kKeyPair, kPublicCell, public_key.ref()));
    OTI_CHECK(call.set_cell(kKeyPair, kPrivateCell, private_key.ref()));
    return Value{};
}

Guest<void> set(KeyObject& key, KeyPart part, const SecretBytes& value) {
    return key.set(part, value.view(SecretAccess::granted()));
}

Guest<void> generate_rsa(NativeCall& call, KeyObject& public_key, KeyObject& private_key) {
    auto bits = std::uint64_t{public_key.bits()};
    OTI_CHECK(call.machine().charge(bits * bits * bits * bits / kRsaBitsToTheFourth));
    constexpr std::array<std::uint8_t, 3> k65537{0x01, 0x00, 0x01};
    auto preset = to_bytes(public_key.get(KeyPart::kExponent));
    auto exponent = preset.empty() ? to_bytes(k65537) : preset;
    auto made = crypto::generate_rsa_numbers(public_key.bits(), exponent);
    if (!made) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(public_key.set(KeyPart::kModulus, made->modulus));
    OTI_CHECK(public_key.set(KeyPart::kExponent, exponent));
    if (private_key.family() == KeyFamily::kRsaPrivate) {
        OTI_CHECK(private_key.set(KeyPart::kModulus, made->modulus));
        return set(private_key, KeyPart::kExponent, made->private_exponent);
    }
    OTI_CHECK(set(private_key, KeyPart::kP, made->p));
    OTI_CHECK(set(private_key, KeyPart::kQ, made->q));
    OTI_CHECK(set(private_key, KeyPart::kDp1, made->dp));
    OTI_CHECK(set(private_key, KeyPart::kDq1, made->dq));
    return set(private_key, KeyPart::kPq, made->q_inverse);
}

bool has_domain(const KeyObject& key) {
    for (auto part : domain_parts(key.family())) {
        bool is_optional = part == KeyPart::kK || part == KeyPart::kQ;
        if (!is_optional && !key.has(part)) return false;
    }
    return true;
}

Guest<void> copy_domain(const KeyObject& from, KeyObject& to) {
    for (auto part : domain_parts(from.family())) {
        auto value = to_bytes(from.get(part));
        if (!value.empty() && !same(value, to.get(part))) OTI_CHECK(to.set(part, value));
    }
    return {};
}

/// What was set of the domain stays; a curve that nobody gave is SEC 2's of that size.
Guest<void> settle_curve(KeyObject& public_key, KeyObject& private_key) {
    if (has_domain(public_key)) return copy_domain(public_key, private_key);
    if (has_domain(private_key)) return copy_domain(private_key, public_key);
    auto curve = crypto::sec2_parameters(public_key.bits());
    if (!curve) return crypto_exception(CryptoReason::kIllegalValue);
    for (auto* key : {&public_key, &private_key}) {
        OTI_CHECK(key->set(KeyPart::kField, curve->prime));
        OTI_CHECK(key->set(KeyPart::kA, curve->a));
        OTI_CHECK(key->set(KeyPart::kB, curve->b));
        OTI_CHECK(key->set(KeyPart::kG, curve->generator));
        OTI_CHECK(key->set(KeyPart::kR, curve->order));
        OTI_CHECK(key->set(KeyPart::kK, std::array<std::uint8_t, 2>{0, 1}));
    }
    return {};
}

Guest<void> generate_ec(NativeCall& call, KeyObject& public_key, KeyObject& private_key) {
    OTI_CHECK(settle_curve(public_key, private_key));
    OTI_TRY(auto domain, ec_domain(call, public_key));
    auto number = domain.random_number(call.machine().random());
    auto point = domain.public_point(number);
    if (!point) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(public_key.set(KeyPart::kPublic, *point));
    return set(private_key, KeyPart::kPrivate, number);
}

Guest<void> generate_dh(NativeCall& call, KeyObject& public_key, KeyObject& private_key) {
    if (has_domain(public_key)) {
        OTI_CHECK(copy_domain(public_key, private_key));
    } else if (has_domain(private_key)) {
        OTI_CHECK(copy_domain(private_key, public_key));
    } else {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    OTI_TRY(auto made, dh_key_pair(call, public_key));
    OTI_CHECK(public_key.set(KeyPart::kPublic, made.public_number));
    return set(private_key, KeyPart::kPrivate, made.private_number);
}

Guest<Value> generate(NativeCall& call) {
    auto public_key = KeyObject::find(call.machine(), call.cell(kKeyPair, kPublicCell));
    auto private_key = KeyObject::find(call.machine(), call.cell(kKeyPair, kPrivateCell));
    if (!public_key || !private_key) return crypto_exception(CryptoReason::kIllegalUse);
    if (public_key->family() == KeyFamily::kRsaPublic) {
        OTI_CHECK(generate_rsa(call, *public_key, *private_key));
    } else if (public_key->family() == KeyFamily::kEcPublic) {
        OTI_CHECK(generate_ec(call, *public_key, *private_key));
    } else {
        OTI_CHECK(generate_dh(call, *public_key, *private_key));
    }
    return Value{};
}

Guest<Value> get_public(NativeCall& call) {
    return Value::of_ref(call.cell(kKeyPair, kPublicCell));
}
Guest<Value> get_private(NativeCall& call) {
    return Value::of_ref(call.cell(kKeyPair, kPrivateCell));
}

constexpr NativeMethod kMethods[] = {
    {kConstructor, 0, "<init>", "(BS)V", construct},
    {kConstructor, 1, "<init>", "(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V",
     construct_from_keys},
    {kVirtual, 1, "genKeyPair", "()V", generate},
    {kVirtual, 2, "getPrivate", "()Ljavacard/security/PrivateKey;", get_private},
    {kVirtual, 3, "getPublic", "()Ljavacard/security/PublicKey;", get_public},
};

}  // namespace

std::span<const NativeMethod> key_pair_methods() {
    return kMethods;
}

}  // namespace oti::javacard
