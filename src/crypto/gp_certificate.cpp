// SPDX-License-Identifier: Apache-2.0
#include "crypto/gp_certificate.h"

#include <fmt/format.h>

#include <set>

#include "base/tlv.h"

namespace oti::crypto {
namespace {

constexpr Tag kCertificate = 0x7F21, kSerialNumber = 0x93, kCaIdentifier = 0x42, kSubjectIdentifier = 0x5F20,
              kKeyUsage = 0x95, kEffective = 0x5F25, kExpires = 0x5F24, kDiscretionary = 0x53,
              kDiscretionaryTemplate = 0x73, kAuthorizations = 0xBF20, kPublicKey = 0x7F49,
              kSignature = 0x5F37, kPoint = 0xB0, kCurve = 0xF0;
constexpr std::size_t kMaxChain = 8, kMaxIdentifier = 20, kDateSize = 4;

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorKind::kUsage, "certificate.invalid", std::move(message));
}

std::unexpected<Error> untrusted(std::string message) {
    return fail(ErrorKind::kAuthentication, "certificate.untrusted", std::move(message));
}

std::uint8_t bcd(unsigned two_digits) {
    return static_cast<std::uint8_t>(two_digits / 10 << 4 | two_digits % 10);
}

/// YYYYMMDD in BCD.
Bytes encode_date(std::chrono::year_month_day date) {
    auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    return {bcd(year / 100), bcd(year % 100), bcd(static_cast<unsigned>(date.month())),
            bcd(static_cast<unsigned>(date.day()))};
}

Result<std::chrono::year_month_day> parse_date(BytesView bytes) {
    unsigned digits = 0;
    bool decimal = bytes.size() == kDateSize;
    for (auto byte : bytes) {
        decimal = decimal && byte >> 4 < 10 && (byte & 0x0F) < 10;
        digits = digits * 100 + (byte >> 4) * 10 + (byte & 0x0F);
    }
    using namespace std::chrono;
    auto date = year(static_cast<int>(digits / 10000)) / month(digits / 100 % 100) / day(digits % 100);
    if (!decimal || !date.ok()) return invalid("a date of the certificate is none");
    return date;
}

/// A second byte that is absent is 00 (GPCS 2.3.1, 11.1.9).
Result<GpKeyUsage> parse_usage(BytesView bytes) {
    if (same(bytes, Bytes{0x82}) || same(bytes, Bytes{0x82, 0x00})) return GpKeyUsage::kVerification;
    if (same(bytes, Bytes{0x00, 0x80})) return GpKeyUsage::kKeyAgreement;
    return invalid("the certificate's key usage is unknown");
}

Bytes encode_usage(GpKeyUsage usage) {
    return usage == GpKeyUsage::kVerification ? Bytes{0x82} : Bytes{0x00, 0x80};
}

Status check_identifier(std::string_view what, BytesView bytes) {
    if (!bytes.empty() && bytes.size() <= kMaxIdentifier) return {};
    return invalid(fmt::format("the {} has {} bytes, not 1 to {}", what, bytes.size(), kMaxIdentifier));
}

/// Every field at most once, and the signature last: it covers all that stands before it, so fields that are
/// unknown here (of the CASD's certificates, or proprietary) are as trustworthy as the others.
Status check_fields(const std::vector<Tlv>& fields) {
    std::set<Tag> seen;
    for (const auto& field : fields) {
        if (!seen.insert(field.tag).second) {
            return invalid(fmt::format("the certificate has two fields {:X}", field.tag));
        }
    }
    for (auto tag : {kSerialNumber, kCaIdentifier, kSubjectIdentifier, kKeyUsage, kExpires, kPublicKey}) {
        if (!seen.contains(tag)) return invalid(fmt::format("the certificate has no field {:X}", tag));
    }
    if (seen.contains(kDiscretionary) && seen.contains(kDiscretionaryTemplate)) {
        return invalid("the certificate has discretionary data of two forms");
    }
    if (fields.back().tag != kSignature) return invalid("the certificate does not end in a signature");
    return {};
}

Result<Tlv> only_certificate(BytesView bytes) {
    ByteReader reader(bytes, "certificate");
    OTI_TRY(auto object, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (object.tag != kCertificate) return invalid("the bytes are no certificate of GlobalPlatform's format");
    return object;
}

}  // namespace

Result<Bytes> encode_gp_public_key(const PublicKey& key) {
    if (!key.curve()) return fail(ErrorKind::kUsage, "key.invalid", "only an EC key can be certified");
    return concat(encode_tlv(kPoint, key.point()),
                  encode_tlv(kCurve, Bytes{static_cast<std::uint8_t>(*key.curve())}));
}

Result<PublicKey> parse_gp_public_key(BytesView value) {
    OTI_TRY(auto objects, read_all_tlv(value, "public key"));
    auto point = find(objects, kPoint), reference = find(objects, kCurve);
    auto curve = reference && reference->size() == 1 ? curve_of_reference(reference->front()) : std::nullopt;
    if (objects.size() != 2 || !point || !curve) {
        return fail(ErrorKind::kUsage, "key.invalid", "the key is no point of a known curve");
    }
    return PublicKey::ec(*curve, *point);
}

Result<GpCertificate> GpCertificate::parse(BytesView bytes) {
    OTI_TRY(auto object, only_certificate(bytes));
    OTI_TRY(auto fields, read_all_tlv(object.value, "certificate"));
    OTI_CHECK(check_fields(fields));
    OTI_TRY(auto key, parse_gp_public_key(*find(fields, kPublicKey)));

    GpCertificate certificate(std::move(key));
    certificate.encoded_ = to_bytes(bytes);
    certificate.signature_ = to_bytes(fields.back().value);
    const auto& last_signed = fields[fields.size() - 2].value;
    certificate.signed_data_.assign(object.value.begin(), last_signed.end());
    certificate.serial_number_ = to_bytes(*find(fields, kSerialNumber));
    certificate.ca_identifier_ = to_bytes(*find(fields, kCaIdentifier));
    certificate.subject_identifier_ = to_bytes(*find(fields, kSubjectIdentifier));
    OTI_CHECK(check_identifier("serial number", certificate.serial_number_));
    OTI_CHECK(check_identifier("CA identifier", certificate.ca_identifier_));
    OTI_TRY(certificate.usage_, parse_usage(*find(fields, kKeyUsage)));
    if (auto effective = find(fields, kEffective)) certificate.effective_ = to_bytes(*effective);
    certificate.expires_ = to_bytes(*find(fields, kExpires));
    if (auto rules = find(fields, kAuthorizations)) certificate.authorizations_ = to_bytes(*rules);
    return certificate;
}

Result<std::vector<GpCertificate>> GpCertificate::parse_all(BytesView bytes) {
    std::vector<GpCertificate> chain;
    ByteReader reader(bytes, "certificates");
    while (!reader.empty()) {
        if (chain.size() == kMaxChain) return invalid("the chain of certificates is too long");
        auto from = reader.offset();
        OTI_CHECK(read_tlv(reader));
        OTI_TRY(auto certificate, parse(bytes.subspan(from, reader.offset() - from)));
        chain.push_back(std::move(certificate));
    }
    if (chain.empty()) return invalid("there is no certificate");
    return chain;
}

Result<GpCertificate> GpCertificate::sign(const GpCertificateFields& fields, const PublicKey& key,
                                          const PrivateKey& issuer) {
    OTI_CHECK(check_identifier("serial number", fields.serial_number));
    OTI_CHECK(check_identifier("CA identifier", fields.ca_identifier));
    OTI_TRY(auto encoded_key, encode_gp_public_key(key));
    if (!issuer.curve()) return fail(ErrorKind::kUsage, "key.invalid", "only an EC key can certify");
    auto content = concat(encode_tlv(kSerialNumber, fields.serial_number),
                          encode_tlv(kCaIdentifier, fields.ca_identifier),
                          encode_tlv(kSubjectIdentifier, fields.subject_identifier),
                          encode_tlv(kKeyUsage, encode_usage(fields.usage)));
    if (fields.effective) append(content, encode_tlv(kEffective, encode_date(*fields.effective)));
    append(content, encode_tlv(kExpires, encode_date(fields.expires)));
    append(content, fields.discretionary_data);
    if (fields.authorizations) append(content, encode_tlv(kAuthorizations, *fields.authorizations));
    append(content, encode_tlv(kPublicKey, encoded_key));
    OTI_TRY(auto signature, issuer.sign(issuer.public_key().card_algorithm(), content));
    append(content, encode_tlv(kSignature, signature));
    // Who holds one holds one that can be read.
    return parse(encode_tlv(kCertificate, content));
}

bool GpCertificate::verify(const PublicKey& issuer) const {
    return issuer.curve() && issuer.verify(issuer.card_algorithm(), signed_data_, signature_);
}

Result<bool> GpCertificate::is_valid_on(std::chrono::year_month_day day) const {
    OTI_TRY(auto expires, parse_date(expires_));
    if (day > expires) return false;
    if (effective_.empty()) return true;
    OTI_TRY(auto effective, parse_date(effective_));
    return day >= effective;
}

Result<PublicKey> verify_chain(const std::vector<GpCertificate>& chain, const PublicKey& ca,
                               std::chrono::year_month_day today) {
    const auto* issuer = &ca;
    for (const auto& certificate : chain) {
        bool last = &certificate == &chain.back();
        if (!certificate.verify(*issuer)) return untrusted("a certificate's signature does not verify");
        if ((certificate.usage() == GpKeyUsage::kKeyAgreement) != last) {
            return untrusted("a certificate's key is not for the place where it stands");
        }
        OTI_TRY(auto valid, certificate.is_valid_on(today));
        if (!valid) {
            return fail(ErrorKind::kAuthentication, "certificate.expired",
                        "a certificate is not valid today");
        }
        issuer = &certificate.key();
    }
    if (chain.empty()) return untrusted("there is no certificate");
    return *issuer;
}

}  // namespace oti::crypto
