// SPDX-License-Identifier: Apache-2.0
#include "javacard/key_numbers.h"

#include <algorithm>

#include "javacard/machine.h"

namespace oti::javacard {
namespace {

/// Bytecodes in the time of one operation, in the order of what it takes here: a private operation grows with
/// the third power of the size, 2048 bits take a millisecond, a point of 256 bits on a curve without a name
/// 1/4.
constexpr std::uint64_t kRsaBitsCubed = 100'000;
constexpr std::uint64_t kEcBits = 1000;
/// Bytes of a private number of Diffie-Hellman where the order is not known.
constexpr std::size_t kDhNumber = 64;

Guest<void> charge_modular(NativeCall& call, const KeyObject& key) {
    auto bits = std::uint64_t{key.bits()};
    return call.machine().charge(bits * bits * bits / kRsaBitsCubed);
}

}  // namespace

bool is_rsa(KeyFamily family) {
    return family == KeyFamily::kRsaPublic || is_rsa_private(family);
}

bool is_rsa_private(KeyFamily family) {
    return family == KeyFamily::kRsaPrivate || family == KeyFamily::kRsaCrt;
}

Guest<void> check_rsa(const KeyObject& key) {
    if (!is_rsa(key.family())) return {};
    auto is_odd = [&](KeyPart part) {
        return (key.secret(part).view(crypto::SecretAccess::granted()).back() & 1U) != 0;
    };
    bool fits = key.family() == KeyFamily::kRsaCrt ? is_odd(KeyPart::kP) && is_odd(KeyPart::kQ)
                                                   : is_odd(KeyPart::kModulus);
    if (!fits) return crypto_exception(CryptoReason::kIllegalValue);
    return {};
}

Guest<crypto::RsaNumber> rsa_number(NativeCall& call, const KeyObject& key) {
    OTI_CHECK(charge_modular(call, key));
    auto number = key.family() == KeyFamily::kRsaCrt
                      ? crypto::RsaNumber::create(key.secret(KeyPart::kP), key.secret(KeyPart::kQ),
                                                  key.secret(KeyPart::kDp1), key.secret(KeyPart::kDq1),
                                                  key.secret(KeyPart::kPq))
                      : crypto::RsaNumber::create(key.get(KeyPart::kModulus), key.secret(KeyPart::kExponent));
    if (!number) return crypto_exception(CryptoReason::kIllegalValue);
    return std::move(*number);
}

Guest<crypto::EcDomain> ec_domain(NativeCall& call, const KeyObject& key) {
    OTI_CHECK(call.machine().charge(key.bits() * kEcBits));
    auto cofactor = key.get(KeyPart::kK);
    auto domain = crypto::EcDomain::create(
        {.prime = key.get(KeyPart::kField),
         .a = key.get(KeyPart::kA),
         .b = key.get(KeyPart::kB),
         .generator = key.get(KeyPart::kG),
         .order = key.get(KeyPart::kR),
         .cofactor = cofactor.size() == 2 ? static_cast<unsigned>(cofactor[0] << 8U | cofactor[1]) : 1U});
    if (!domain) return crypto_exception(CryptoReason::kIllegalValue);
    return std::move(*domain);
}

Guest<DhKeyPair> dh_key_pair(NativeCall& call, const KeyObject& key) {
    OTI_CHECK(charge_modular(call, key));
    auto q = key.get(KeyPart::kQ);
    auto size = std::min(q.empty() ? kDhNumber : q.size(), key.size() - 1);
    auto number = call.machine().random().secret(size);
    // Below Q, which is a prime: less than a byte shorter than that, and not zero.
    auto bytes = number.writable(crypto::SecretAccess::granted());
    bytes.front() =
        q.empty() ? bytes.front() : static_cast<std::uint8_t>(bytes.front() % std::max<unsigned>(q[0], 1U));
    bytes.back() |= 1U;
    auto modulus = crypto::RsaNumber::create(key.get(KeyPart::kP), number);
    if (!modulus) return crypto_exception(CryptoReason::kIllegalValue);
    auto made = modulus->raise(key.get(KeyPart::kG));
    if (!made) return crypto_exception(CryptoReason::kIllegalValue);
    return DhKeyPair{to_bytes(made->view(crypto::SecretAccess::granted())), std::move(number)};
}

Guest<crypto::SecretBytes> dh_agree(NativeCall& call, const KeyObject& key, BytesView other) {
    OTI_CHECK(charge_modular(call, key));
    auto first = std::ranges::find_if(other, [](std::uint8_t byte) { return byte != 0; });
    auto number = BytesView(first, other.end());
    // The prime less 1 differs from the prime in its last bit.
    auto last = to_bytes(key.get(KeyPart::kP));
    last.back() &= 0xFEU;
    bool is_trivial = number.empty() || (number.size() == 1 && number[0] == 1) || same(number, last);
    auto modulus = crypto::RsaNumber::create(key.get(KeyPart::kP), key.secret(KeyPart::kPrivate));
    if (!modulus || is_trivial) return crypto_exception(CryptoReason::kIllegalValue);
    auto secret = modulus->raise(number);
    if (!secret) return crypto_exception(CryptoReason::kIllegalValue);
    return std::move(*secret);
}

}  // namespace oti::javacard
