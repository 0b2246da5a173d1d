// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/openssl.h"

namespace oti::crypto {

/// How a signature is made (GPCS 2.3.1, B.3 and B.4.3).
enum class SignatureScheme : std::uint8_t {
    kRsaPkcs1,  ///< RSASSA-PKCS1-v1_5
    kRsaPss,    ///< RSASSA-PSS, MGF1 with the same hash, salt as long as the hash
    kEcdsa,     ///< r and s of equal length, one after another
};

struct SignatureAlgorithm {
    SignatureScheme scheme;
    Hash hash;

    bool operator==(const SignatureAlgorithm&) const = default;
};

/// An RSA or EC public key.
class PublicKey {
  public:
    /// Big-endian; leading zeros are allowed. Error `key.invalid` unless the modulus has 1024 to 4096 bits,
    /// and the exponent is odd, at least 3 and at most 64 bits.
    static Result<PublicKey> rsa(BytesView modulus, BytesView exponent);
    /// An uncompressed point: `04`, X, Y. Error `key.invalid` unless it is one of the curve.
    static Result<PublicKey> ec(Curve curve, BytesView point);
    /// SubjectPublicKeyInfo, or the subject's key of an X.509 certificate. Error `key.invalid`.
    static Result<PublicKey> from_pem(std::string_view pem);

    /// Whether it is this key's signature of the message; false too where scheme and key do not fit.
    bool verify(SignatureAlgorithm algorithm, BytesView message, BytesView signature) const;

    /// The scheme that GPCS table C-1 gives a key of this kind and length: RSA up to 1024 bits
    /// PKCS1-v1_5 with SHA-1, longer RSA PSS with SHA-256, EC ECDSA with the hash of table B-3.
    SignatureAlgorithm card_algorithm() const;
    /// Nothing: an RSA key.
    std::optional<Curve> curve() const { return curve_; }
    /// The uncompressed point of an EC key; empty for RSA.
    Bytes point() const;
    /// Of an RSA key, without leading zeros; empty for EC.
    Bytes modulus() const;
    Bytes exponent() const;
    std::size_t bits() const;
    std::string to_pem() const;

    PublicKey clone() const;
    bool operator==(const PublicKey& other) const;

  private:
    friend class PrivateKey;
    PublicKey(EvpPkey key, std::optional<Curve> curve) : key_(std::move(key)), curve_(curve) {}

    EvpPkey key_;
    std::optional<Curve> curve_;
};

}  // namespace oti::crypto
