// SPDX-License-Identifier: Apache-2.0
// Certificates in GlobalPlatform's own format (Card Specification, Amendment F 1.4, 6.1), with which an
// off-card entity and a security domain prove their keys in SCP11.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "crypto/private_key.h"

namespace oti::crypto {

/// What a certified key is for (tag 95).
enum class GpKeyUsage : std::uint16_t {
    kVerification = 0x82,    ///< verifies further certificates: CERT.KA-KLOC.ECDSA, CERT.KA-KLCC.ECDSA
    kKeyAgreement = 0x0080,  ///< CERT.OCE.ECKA, CERT.SD.ECKA
};

/// The content of a certificate, in the order of table 6-1.
struct GpCertificateFields {
    Bytes serial_number;       ///< 93; 1 to 16 bytes, or 20, which X.509 serial numbers have
    Bytes ca_identifier;       ///< 42; 1 to 16 bytes, or 20 (a key identifier)
    Bytes subject_identifier;  ///< 5F20
    GpKeyUsage usage = GpKeyUsage::kKeyAgreement;
    std::optional<std::chrono::year_month_day> effective = {};  ///< 5F25
    std::chrono::year_month_day expires = {};                   ///< 5F24
    Bytes discretionary_data = {};                              ///< the whole object 53 or 73; may be empty
    std::optional<Bytes> authorizations = {};                   ///< value of BF20 (Amendment F, table B-1)
};

/// A certificate that was read or made; its signature is checked by `verify` only.
class GpCertificate {
  public:
    /// Exactly one object 7F21. Errors `parse.*`, `certificate.invalid` (a mandatory field is missing, one
    /// comes twice, or follows the signature), `key.invalid`.
    static Result<GpCertificate> parse(BytesView bytes);
    /// One or more of them, one after another, as in a certificate store (value of BF21); at most 8.
    static Result<std::vector<GpCertificate>> parse_all(BytesView bytes);
    /// The certificate of `key`, signed by `issuer`. Error `key.invalid` unless both are EC keys.
    static Result<GpCertificate> sign(const GpCertificateFields& fields, const PublicKey& key,
                                      const PrivateKey& issuer);

    /// Whether `issuer` signed it: ECDSA as GPCS 2.3.1, B.4.3, says for its curve.
    bool verify(const PublicKey& issuer) const;
    /// Whether the day is between its dates. Error `certificate.invalid` for dates that are none: a card does
    /// not look at them, so `parse` takes them.
    Result<bool> is_valid_on(std::chrono::year_month_day day) const;

    const Bytes& serial_number() const { return serial_number_; }
    const Bytes& ca_identifier() const { return ca_identifier_; }
    const Bytes& subject_identifier() const { return subject_identifier_; }
    GpKeyUsage usage() const { return usage_; }
    const std::optional<Bytes>& authorizations() const { return authorizations_; }
    const PublicKey& key() const { return key_; }
    /// The whole object 7F21.
    const Bytes& encoded() const { return encoded_; }

  private:
    explicit GpCertificate(PublicKey key) : key_(std::move(key)) {}

    Bytes encoded_;
    Bytes signed_data_;
    Bytes signature_;
    Bytes serial_number_;
    Bytes ca_identifier_;
    Bytes subject_identifier_;
    GpKeyUsage usage_ = GpKeyUsage::kKeyAgreement;
    Bytes effective_;  ///< empty: no such field
    Bytes expires_;
    std::optional<Bytes> authorizations_;
    PublicKey key_;
};

/// Follows a chain from a trusted key down to the last certificate, whose key is for key agreement, and gives
/// that key (Amendment F, 7.2.2). Errors `certificate.untrusted` (a signature does not verify, a key is for
/// something else, or the chain is empty), `certificate.expired`, `certificate.invalid`.
Result<PublicKey> verify_chain(const std::vector<GpCertificate>& chain, const PublicKey& ca,
                               std::chrono::year_month_day today);

/// The key as 7F49 carries it: B0 the point, F0 the curve (table 6-3). Error `key.invalid` for RSA.
Result<Bytes> encode_gp_public_key(const PublicKey& key);
/// The inverse. Errors `parse.*`, `key.invalid`.
Result<PublicKey> parse_gp_public_key(BytesView value);

}  // namespace oti::crypto
