// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "crypto/openssl.h"
#include "crypto/random.h"

namespace oti::crypto {
namespace {

using Certificate = OpensslPtr<X509, X509_free>;
using Bio = OpensslPtr<BIO, BIO_free_all>;
using Extension = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using AltNames = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using AltName = OpensslPtr<GENERAL_NAME, GENERAL_NAME_free>;
using Integer = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using BigNumber = OpensslPtr<BIGNUM, BN_free>;
using OctetString = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using Ia5String = OpensslPtr<ASN1_IA5STRING, ASN1_IA5STRING_free>;

constexpr std::size_t kMaxName = 64;  ///< ub-common-name, ub-organizational-unit-name (RFC 5280, A.1)
constexpr std::size_t kMaxPem = 1U << 20;
constexpr std::size_t kMaxDnsName = 253;
constexpr std::chrono::days kMaxValidity{36500};
constexpr std::chrono::seconds kClockDifference = std::chrono::minutes(5);
constexpr std::size_t kSerialSize = 16;

std::unexpected<Error> invalid(std::string message) {
    ERR_clear_error();
    return fail(ErrorKind::kUsage, "certificate.invalid", std::move(message));
}

/// Without this OpenSSL would ask the terminal for the password of an encrypted file.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

/// OpenSSL takes no null pointer and an `int`; a text of more than kMaxPem is no certificate anyway.
Bio reader_of(BytesView pem) {
    Bio bio(BIO_new_mem_buf(pem.empty() ? "" : static_cast<const void*>(pem.data()),
                            static_cast<int>(std::min(pem.size(), kMaxPem))));
    must(bio != nullptr);
    return bio;
}

Result<Certificate> read_certificate(std::string_view pem) {
    Certificate certificate(PEM_read_bio_X509(reader_of(as_bytes(pem)).get(), nullptr, no_password, nullptr));
    if (!certificate) return invalid("the text is no PEM certificate");
    return certificate;
}

Result<EvpPkey> read_key(const SecretBytes& pem) {
    auto bio = reader_of(pem.view(SecretAccess::granted()));
    EvpPkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key) return invalid("the authority's key is no PEM private key");
    return key;
}

BytesView content_of(const Bio& bio) {
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio.get(), &data);
    return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

Identity identity_of(X509* certificate, EVP_PKEY* key) {
    Bio text(BIO_new(BIO_s_mem()));
    must(text != nullptr && PEM_write_bio_X509(text.get(), certificate) == 1);
    Bio secret(BIO_new(BIO_s_secmem()));
    must(secret != nullptr &&
         PEM_write_bio_PKCS8PrivateKey(secret.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return {as_text(content_of(text)), SecretBytes::copy_of(content_of(secret))};
}

Status check_name(std::string_view what, std::string_view name) {
    if (!name.empty() && name.size() <= kMaxName && name.find('\0') == std::string_view::npos) return {};
    return fail(ErrorKind::kUsage, "certificate.name",
                fmt::format("the {} needs 1 to {} bytes", what, kMaxName));
}

Status check_validity(std::chrono::days validity) {
    if (validity >= std::chrono::days(1) && validity <= kMaxValidity) return {};
    return fail(ErrorKind::kUsage, "certificate.validity",
                fmt::format("a certificate is valid for 1 to {} days", kMaxValidity.count()));
}

/// Error `certificate.name` for what is not UTF-8.
Status add_to_subject(X509* certificate, int field, std::string_view text) {
    auto bytes = as_bytes(text);
    if (X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), field, MBSTRING_UTF8, bytes.data(),
                                   static_cast<int>(bytes.size()), -1, 0) == 1) {
        return {};
    }
    ERR_clear_error();
    return fail(ErrorKind::kUsage, "certificate.name", "the name is no text in UTF-8");
}

/// Extensions whose value is a constant of ours, in OpenSSL's configuration syntax.
void add_extension(X509* certificate, X509* issuer, int field, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    Extension extension(X509V3_EXT_conf_nid(nullptr, &context, field, value));
    must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

bool is_dns_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";
    return !name.empty() && name.size() <= kMaxDnsName &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<AltName> alt_name(const std::string& name) {
    AltName entry(GENERAL_NAME_new());
    must(entry != nullptr);
    if (OctetString address(a2i_IPADDRESS(name.c_str())); address) {
        GENERAL_NAME_set0_value(entry.get(), GEN_IPADD, address.release());
        return entry;
    }
    ERR_clear_error();
    if (!is_dns_name(name)) {
        return fail(ErrorKind::kUsage, "certificate.name",
                    fmt::format("'{}' is neither a DNS name nor an IP address", name));
    }
    Ia5String dns(ASN1_IA5STRING_new());
    must(dns != nullptr && ASN1_STRING_set(dns.get(), name.data(), static_cast<int>(name.size())) == 1);
    GENERAL_NAME_set0_value(entry.get(), GEN_DNS, dns.release());
    return entry;
}

Status add_alt_names(X509* certificate, const std::vector<std::string>& names) {
    AltNames entries(GENERAL_NAMES_new());
    must(entries != nullptr);
    for (const auto& name : names) {
        OTI_TRY(auto entry, alt_name(name));
        must(sk_GENERAL_NAME_push(entries.get(), entry.release()) > 0);
    }
    must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, entries.get(), 0, X509V3_ADD_DEFAULT) == 1);
    return {};
}

/// Positive and always of the same length, as some peers expect.
void set_random_serial(X509* certificate) {
    auto bytes = SystemRandom().bytes(kSerialSize);
    bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x3F) | 0x40);
    BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    must(number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

/// Version, serial number, validity and public key.
Certificate new_certificate(EVP_PKEY* key, std::chrono::days validity) {
    Certificate certificate(X509_new());
    must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    set_random_serial(certificate.get());
    must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockDifference.count()) != nullptr);
    must(X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(validity.count()), 0,
                          nullptr) != nullptr);
    must(X509_set_pubkey(certificate.get(), key) == 1);
    return certificate;
}

EvpPkey new_key() {
    EvpPkey key(EVP_EC_gen("P-256"));
    must(key != nullptr);
    return key;
}

/// The subject's field, which must be there once: of two, different readers would believe different ones.
Result<std::string> subject_field(std::string_view pem, int field, std::string_view what) {
    OTI_TRY(auto certificate, read_certificate(pem));
    auto* subject = X509_get_subject_name(certificate.get());
    auto at = X509_NAME_get_index_by_NID(subject, field, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, field, at) >= 0) {
        return invalid(fmt::format("the certificate does not have exactly one {}", what));
    }
    unsigned char* utf8 = nullptr;
    auto size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return invalid(fmt::format("the certificate's {} is no text", what));
    auto text = as_text({utf8, static_cast<std::size_t>(size)});
    OPENSSL_free(utf8);
    if (text.find('\0') != std::string::npos)
        return invalid(fmt::format("the certificate's {} is no text", what));
    return text;
}

}  // namespace

Result<Identity> make_ca(std::string_view common_name, std::chrono::days validity) {
    OTI_CHECK(check_name("common name", common_name));
    OTI_CHECK(check_validity(validity));
    auto key = new_key();
    auto certificate = new_certificate(key.get(), validity);
    auto* x509 = certificate.get();
    OTI_CHECK(add_to_subject(x509, NID_commonName, common_name));
    must(X509_set_issuer_name(x509, X509_get_subject_name(x509)) == 1);
    add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(x509, x509, NID_subject_key_identifier, "hash");
    add_extension(x509, x509, NID_authority_key_identifier, "keyid:always");
    must(X509_sign(x509, key.get(), EVP_sha256()) > 0);
    return identity_of(x509, key.get());
}

Result<Identity> issue(const Identity& ca, std::string_view common_name, std::string_view role,
                       const std::vector<std::string>& names, std::chrono::days validity) {
    OTI_CHECK(check_name("common name", common_name));
    OTI_CHECK(check_name("role", role));
    OTI_CHECK(check_validity(validity));
    OTI_TRY(auto issuer, read_certificate(ca.certificate_pem));
    OTI_TRY(auto issuer_key, read_key(ca.private_key_pem));
    if (X509_check_ca(issuer.get()) != 1) return invalid("the certificate is not that of an authority");
    if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
        return invalid("the authority's key and certificate do not belong together");
    }

    auto key = new_key();
    auto certificate = new_certificate(key.get(), validity);
    auto* x509 = certificate.get();
    if (ASN1_TIME_compare(X509_get0_notAfter(x509), X509_get0_notAfter(issuer.get())) > 0) {
        must(X509_set1_notAfter(x509, X509_get0_notAfter(issuer.get())) == 1);
    }
    OTI_CHECK(add_to_subject(x509, NID_organizationalUnitName, role));
    OTI_CHECK(add_to_subject(x509, NID_commonName, common_name));
    must(X509_set_issuer_name(x509, X509_get_subject_name(issuer.get())) == 1);
    add_extension(x509, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, issuer.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(x509, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(x509, issuer.get(), NID_subject_key_identifier, "hash");
    add_extension(x509, issuer.get(), NID_authority_key_identifier, "keyid:always");
    OTI_CHECK(
        add_alt_names(x509, names.empty() ? std::vector<std::string>{"localhost", "127.0.0.1"} : names));
    must(X509_sign(x509, issuer_key.get(), EVP_sha256()) > 0);
    return identity_of(x509, key.get());
}

Result<std::string> common_name(std::string_view certificate_pem) {
    return subject_field(certificate_pem, NID_commonName, "common name");
}

Result<std::string> role(std::string_view certificate_pem) {
    return subject_field(certificate_pem, NID_organizationalUnitName, "organizational unit");
}

Result<std::chrono::sys_seconds> not_after(std::string_view certificate_pem) {
    OTI_TRY(auto certificate, read_certificate(certificate_pem));
    std::tm tm{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &tm) != 1) {
        return invalid("the certificate's end of validity is no time");
    }
    using namespace std::chrono;
    auto day = year(tm.tm_year + 1900) / (tm.tm_mon + 1) / tm.tm_mday;
    return sys_days(day) + hours(tm.tm_hour) + minutes(tm.tm_min) + seconds(tm.tm_sec);
}

}  // namespace oti::crypto
