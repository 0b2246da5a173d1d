// SPDX-License-Identifier: Apache-2.0
// Elliptic curves over prime fields with whatever parameters somebody gives; for the curves that have names,
// `PrivateKey` and `PublicKey` do more.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "crypto/random.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// Big-endian; `generator` is a point of ANSI X9.62.
struct EcParameters {
    BytesView prime;
    BytesView a;
    BytesView b;
    BytesView generator;
    BytesView order;
    unsigned cofactor = 1;
};

class EcDomain {
  public:
    /// Error `key.invalid` unless prime and order are prime numbers of at most 521 bits (the order is of more
    /// than half as many bits as the prime), and the generator is a point of the curve of that order.
    static Result<EcDomain> create(const EcParameters& parameters);
    EcDomain(EcDomain&&) noexcept;
    EcDomain& operator=(EcDomain&&) noexcept;
    ~EcDomain();

    std::size_t field_size() const;
    std::size_t order_size() const;
    /// A number from 1 to the order, as long as the order.
    SecretBytes random_number(Random& random) const;
    /// number * generator, uncompressed. Error `key.invalid` unless the number is from 1 to the order.
    Result<Bytes> public_point(const SecretBytes& number) const;
    /// number * point, uncompressed; with the cofactor, number * cofactor * point. Error `key.invalid` for a
    /// number or point that is none, or at infinity as the result.
    Result<SecretBytes> multiply(const SecretBytes& number, BytesView point,
                                 bool with_cofactor = false) const;
    /// number * generator + point (the mapping of PACE, ICAO 9303-11, 4.4.3.3.1), uncompressed.
    Result<Bytes> mapped_generator(const SecretBytes& number, BytesView point) const;

    /// ECDSA of a digest, as DER. Error `key.invalid` for a number that is no key.
    Result<Bytes> sign(const SecretBytes& number, BytesView digest) const;
    bool verify(BytesView point, BytesView digest, BytesView der) const;
    /// r | s, each as long as the order, from DER and back; empty where the input is none.
    Bytes plain_signature(BytesView der) const;
    Bytes der_signature(BytesView plain) const;

  private:
    struct Group;
    explicit EcDomain(std::unique_ptr<Group> group);
    std::unique_ptr<Group> group_;
};

/// The same with bytes of its own.
struct OwnEcParameters {
    Bytes prime, a, b, generator, order;
};
/// SEC 2's secp…r1 over a prime of so many bits (112, 128, 160, 192, 224, 256, 384, 521), if there is one.
/// All have the cofactor 1.
std::optional<OwnEcParameters> sec2_parameters(std::size_t bits);

}  // namespace oti::crypto
