// SPDX-License-Identifier: Apache-2.0
#include "javacard/key_numbers.h"

#include "javacard/machine.h"

namespace oti::javacard {
namespace {

/// Bytecodes in the time of one operation, in the order of what it takes here: a private operation grows with
/// the third power of the size, 2048 bits take a millisecond, a point of 256 bits on a curve without a name
/// 1/4.
constexpr std::uint64_t kRsaBitsCubed = 100'000;
constexpr std::uint64_t kEcBits = 200;

}  // namespace

bool is_rsa(KeyFamily family) {
    return family == KeyFamily::kRsaPublic || is_rsa_private(family);
}

bool is_rsa_private(KeyFamily family) {
    return family == KeyFamily::kRsaPrivate || family == KeyFamily::kRsaCrt;
}

Guest<crypto::RsaNumber> rsa_number(NativeCall& call, const KeyObject& key) {
    auto bits = std::uint64_t{key.bits()};
    OTI_CHECK(call.machine().charge(bits * bits * bits / kRsaBitsCubed));
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

}  // namespace oti::javacard
