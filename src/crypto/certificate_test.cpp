// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using X509Ptr = OpensslPtr<X509, X509_free>;

X509Ptr load(const std::string& pem) {
    OpensslPtr<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

EvpPkey load_key(const SecretBytes& pem) {
    auto view = pem.view(SecretAccess::granted());
    OpensslPtr<BIO, BIO_free_all> bio(BIO_new_mem_buf(view.data(), static_cast<int>(view.size())));
    return EvpPkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

/// What OpenSSL says of the chain of two, for a server or client of TLS; X509_V_OK is 0.
int verify(const Identity& ca, const Identity& leaf, int purpose) {
    auto root = load(ca.certificate_pem);
    auto end = load(leaf.certificate_pem);
    OpensslPtr<X509_STORE, X509_STORE_free> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), root.get());
    OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), end.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
}

Identity ca() {
    return make_ca("OTI development CA", days(3650)).value();
}

std::string code(const Result<Identity>& result) {
    return result ? "" : result.error().code;
}

TEST(Certificate, ChainVerifiesForServersAndClients) {
    auto authority = ca();
    auto leaf = issue(authority, "sp.example.org", "sp", {"sp.example.org"}, days(90));
    ASSERT_TRUE(leaf) << leaf.error().message;
    EXPECT_EQ(verify(authority, *leaf, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    EXPECT_EQ(verify(authority, *leaf, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    EXPECT_EQ(verify(authority, authority, X509_PURPOSE_ANY), X509_V_OK);
    EXPECT_EQ(X509_verify(load(leaf->certificate_pem).get(),
                          X509_get0_pubkey(load(authority.certificate_pem).get())),
              1);
}

TEST(Certificate, AnotherAuthorityOfTheSameNameIsRefused) {
    auto leaf = issue(ca(), "sp.example.org", "sp", {}, days(90)).value();
    EXPECT_NE(verify(ca(), leaf, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(Certificate, TellsWhoItsHolderIs) {
    auto authority = ca();
    for (std::string_view who : {"sp", "tsm", "agent"}) {
        auto leaf = issue(authority, "Müller & Söhne, CN=x", who, {}, days(90));
        ASSERT_TRUE(leaf);
        EXPECT_EQ(common_name(leaf->certificate_pem).value(), "Müller & Söhne, CN=x");
        EXPECT_EQ(role(leaf->certificate_pem).value(), who);
        auto left = not_after(leaf->certificate_pem).value() - std::chrono::system_clock::now();
        EXPECT_LE(left, days(90));
        EXPECT_GT(left, days(90) - 1min);
    }
    EXPECT_EQ(common_name(authority.certificate_pem).value(), "OTI development CA");
    EXPECT_EQ(role(authority.certificate_pem).error().code, "certificate.invalid");
}

TEST(Certificate, NamesHostsAndAddresses) {
    auto authority = ca();
    auto leaf =
        issue(authority, "x", "sp", {"a.example.org", "*.b.example.org", "10.1.2.3", "::1"}, days(9)).value();
    auto x509 = load(leaf.certificate_pem);
    EXPECT_EQ(X509_check_host(x509.get(), "a.example.org", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(x509.get(), "c.b.example.org", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(x509.get(), "example.org", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(x509.get(), "10.1.2.3", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(x509.get(), "::1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(x509.get(), "127.0.0.1", 0), 0);

    auto local = load(issue(authority, "x", "sp", {}, days(9)).value().certificate_pem);
    EXPECT_EQ(X509_check_host(local.get(), "localhost", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_ip_asc(local.get(), "127.0.0.1", 0), 1);
}

TEST(Certificate, KeyBelongsToCertificateAndIsP256) {
    auto leaf = issue(ca(), "x", "agent", {}, days(9)).value();
    auto key = load_key(leaf.private_key_pem);
    ASSERT_TRUE(key);
    EXPECT_EQ(X509_check_private_key(load(leaf.certificate_pem).get(), key.get()), 1);
    EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 256);
}

TEST(Certificate, SerialNumbersAreSixteenRandomBytes) {
    auto one = load(ca().certificate_pem);
    auto other = load(ca().certificate_pem);
    EXPECT_EQ(ASN1_STRING_length(X509_get0_serialNumber(one.get())), 16);
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(other.get())), 0);
}

TEST(Certificate, IsValidAlreadyAndNeverLongerThanTheAuthority) {
    auto authority = make_ca("short", days(10)).value();
    auto leaf = issue(authority, "x", "sp", {}, days(100)).value();
    EXPECT_EQ(not_after(leaf.certificate_pem).value(), not_after(authority.certificate_pem).value());
    auto four_minutes_ago = std::time(nullptr) - 240;
    EXPECT_LT(X509_cmp_time(X509_get0_notBefore(load(leaf.certificate_pem).get()), &four_minutes_ago), 0);
}

TEST(Certificate, OnlyAnAuthorityWithItsKeyIssues) {
    auto authority = ca();
    auto leaf = issue(authority, "x", "sp", {}, days(9)).value();
    EXPECT_EQ(code(issue(leaf, "y", "sp", {}, days(9))), "certificate.invalid");
    Identity mixed{authority.certificate_pem, ca().private_key_pem.clone()};
    EXPECT_EQ(code(issue(mixed, "y", "sp", {}, days(9))), "certificate.invalid");
    Identity without_key{authority.certificate_pem, SecretBytes()};
    EXPECT_EQ(code(issue(without_key, "y", "sp", {}, days(9))), "certificate.invalid");
    Identity without_certificate{"", authority.private_key_pem.clone()};
    EXPECT_EQ(code(issue(without_certificate, "y", "sp", {}, days(9))), "certificate.invalid");
}

TEST(Certificate, RefusesBadNamesAndValidity) {
    auto authority = ca();
    EXPECT_EQ(code(make_ca("", days(1))), "certificate.name");
    EXPECT_EQ(code(make_ca(std::string(65, 'a'), days(1))), "certificate.name");
    EXPECT_EQ(code(make_ca("\xFF\xFE", days(1))), "certificate.name");
    EXPECT_EQ(code(make_ca("x", days(0))), "certificate.validity");
    EXPECT_EQ(code(make_ca("x", days(40000))), "certificate.validity");
    EXPECT_EQ(code(issue(authority, "x", "", {}, days(1))), "certificate.name");
    for (auto name : {"", "a b", "a,DNS:evil.org", "a\nb", "10.0.0.1/8"}) {
        EXPECT_EQ(code(issue(authority, "x", "sp", {name}, days(1))), "certificate.name") << name;
    }
}

TEST(Certificate, RefusesGarbageAndEncryptedPem) {
    const std::string whole = ca().certificate_pem;
    for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
        EXPECT_FALSE(common_name(std::string_view(whole).substr(0, size)));
    }
    constexpr std::string_view kEncrypted =
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
        "00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n";
    for (std::string_view garbage : {std::string_view("no certificate"), kEncrypted}) {
        EXPECT_EQ(common_name(garbage).error().code, "certificate.invalid");
        EXPECT_EQ(role(garbage).error().code, "certificate.invalid");
        EXPECT_EQ(not_after(garbage).error().code, "certificate.invalid");
    }
    EXPECT_EQ(ERR_peek_error(), 0U) << "errors of a refused text must not reach the next TLS call";
}

}  // namespace
}  // namespace oti::crypto
