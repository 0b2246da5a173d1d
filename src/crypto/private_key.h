// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// An RSA or EC private key.
class PrivateKey {
  public:
    static PrivateKey generate(Curve curve);
    /// Error `key.invalid` unless 1024 to 4096 bits.
    static Result<PrivateKey> generate_rsa(std::size_t bits);
    /// PKCS#8 or the older forms, not encrypted. Error `key.invalid`.
    static Result<PrivateKey> from_pem(const SecretBytes& pem);
    /// The secret number of an EC key, big-endian, as long as a coordinate; the point is computed. Error
    /// `key.invalid` unless it is between 1 and the order.
    static Result<PrivateKey> ec(Curve curve, const SecretBytes& number);
    /// Big-endian. Errors as `PublicKey::rsa`.
    static Result<PrivateKey> rsa(BytesView modulus, BytesView exponent, const SecretBytes& private_exponent);

    /// Error `key.invalid` where scheme and key do not fit.
    Result<Bytes> sign(SignatureAlgorithm algorithm, BytesView message) const;
    /// The X coordinate of the common point, as long as a coordinate (ECKA of BSI TR-03111, 4.3). Error
    /// `key.invalid` unless both keys are of one curve.
    Result<SecretBytes> agree(const PublicKey& other) const;

    PublicKey public_key() const;
    std::optional<Curve> curve() const { return curve_; }
    /// The secret number of an EC key, as long as a coordinate; empty for RSA.
    SecretBytes number() const;
    SecretBytes to_pem() const;

    PrivateKey clone() const;

  private:
    PrivateKey(EvpPkey key, std::optional<Curve> curve) : key_(std::move(key)), curve_(curve) {}

    EvpPkey key_;
    std::optional<Curve> curve_;
};

}  // namespace oti::crypto
