// SPDX-License-Identifier: Apache-2.0
// RSA as a card's applet sees it: numbers in, numbers out, any size, and formats on top of them. For keys
// that are held as such, `PrivateKey` and `PublicKey` do more.
#pragma once

#include <memory>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// A modulus and how to raise to an exponent by it: RSAEP, RSADP, RSASP1 and RSAVP1 of RFC 8017 alike.
class RsaNumber {
  public:
    /// Big-endian; zeros before the modulus count as bytes of it. Error `key.invalid` for one that is even
    /// or 1.
    static Result<RsaNumber> create(BytesView modulus, const SecretBytes& exponent);
    /// With the Chinese remainder theorem: primes, exponents, and the inverse of q modulo p. Error
    /// `key.invalid` for primes that are even or 1.
    static Result<RsaNumber> create(const SecretBytes& p, const SecretBytes& q, const SecretBytes& dp,
                                    const SecretBytes& dq, const SecretBytes& q_inverse);
    RsaNumber(RsaNumber&&) noexcept;
    RsaNumber& operator=(RsaNumber&&) noexcept;
    ~RsaNumber();

    /// Bytes of the modulus.
    std::size_t size() const;
    Bytes modulus() const;
    /// As long as the modulus. Error `rsa.range` for a number that is not below it.
    Result<SecretBytes> raise(BytesView number) const;

  private:
    struct Numbers;
    explicit RsaNumber(std::unique_ptr<Numbers> numbers);
    std::unique_ptr<Numbers> numbers_;
};

/// A new key; all numbers big-endian, the primes' half as long as the modulus.
struct RsaKeyPair {
    Bytes modulus;
    SecretBytes private_exponent;
    SecretBytes p, q, dp, dq, q_inverse;
};
/// Error `key.invalid` unless 512 to 4096 bits, with an odd exponent of at least 3.
Result<RsaKeyPair> generate_rsa_numbers(std::size_t bits, BytesView public_exponent);

// Formats; `size` is that of the modulus. What they take at random is OpenSSL's own. Error `rsa.format` for a
// message that is too long, or a block that is not of that format.

/// RFC 8017, 9.2: `00 01 FF… 00` and the message; 7.2.1: `00 02`, random bytes that are not zero, `00`.
enum class Pkcs1Block : std::uint8_t { kSignature = 1, kEncryption = 2 };
Result<SecretBytes> pkcs1_padded(Pkcs1Block type, BytesView message, std::size_t size);
Result<SecretBytes> pkcs1_unpadded(Pkcs1Block type, const SecretBytes& block);
/// RFC 8017, 7.1, with an empty label and MGF1 on the same hash function.
Result<SecretBytes> oaep_padded(Hash hash, BytesView message, std::size_t size);
Result<SecretBytes> oaep_unpadded(Hash hash, const SecretBytes& block);
/// RFC 8017, 9.1, with MGF1 on the same hash function, and a salt as long as the digest.
Result<Bytes> pss_encoded(Hash hash, BytesView digest, const RsaNumber& key);
bool pss_fits(Hash hash, BytesView digest, BytesView encoded, const RsaNumber& key);
/// DER of a DigestInfo up to the digest (RFC 8017, 9.2, note 1); empty for a hash function without one.
Bytes digest_info_prefix(Hash hash);

}  // namespace oti::crypto
