// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "crypto/internal/hash_names.h"
#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

constexpr int kMaxExponentBits = 64;
constexpr std::size_t kPkcs1Bits = 1024;  ///< longest key of "Scheme 1" (GPCS 2.3.1, B.3.1)

}  // namespace

Result<PublicKey> PublicKey::rsa(BytesView modulus, BytesView exponent) {
    auto n = big_number(modulus), e = big_number(exponent);
    if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1 ||
        BN_num_bits(e.get()) > kMaxExponentBits) {
        return invalid_key("modulus and exponent are no RSA public key");
    }
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    auto key = key_from("RSA", builder, EVP_PKEY_PUBLIC_KEY);
    if (!key) return invalid_key("modulus and exponent are no RSA public key");
    OTI_TRY(auto kind, supported_kind(key.get()));
    return PublicKey(std::move(key), kind);
}

Result<PublicKey> PublicKey::ec(Curve curve, BytesView point) {
    if (point.size() != point_size(curve) || point.front() != 0x04) {
        return invalid_key("the point is not an uncompressed one of " + std::string(name(curve)));
    }
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder != nullptr &&
         OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name(curve).data(), 0) ==
             1 &&
         OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                          point.size()) == 1);
    auto key = key_from("EC", builder, EVP_PKEY_PUBLIC_KEY);
    if (!key) return invalid_key("the point is not on " + std::string(name(curve)));
    return PublicKey(std::move(key), curve);
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
    EvpPkey key(PEM_read_bio_PUBKEY(reader_of(as_bytes(pem)).get(), nullptr, nullptr, nullptr));
    if (!key) {
        ERR_clear_error();
        OpensslPtr<X509, X509_free> certificate(
            PEM_read_bio_X509(reader_of(as_bytes(pem)).get(), nullptr, nullptr, nullptr));
        if (certificate) key.reset(X509_get_pubkey(certificate.get()));
    }
    if (!key) return invalid_key("the text is no PEM public key");
    OTI_TRY(auto kind, supported_kind(key.get()));
    return PublicKey(std::move(key), kind);
}

bool PublicKey::verify(SignatureAlgorithm algorithm, BytesView message, BytesView signature) const {
    Bytes der;
    if (curve_) {
        if (signature.size() != 2 * coordinate_size(*curve_)) return false;
        der = der_signature(signature);
        signature = der;
    }
    MdCtx context(EVP_MD_CTX_new());
    must(context != nullptr);
    EVP_PKEY_CTX* scheme = nullptr;
    bool good =
        EVP_DigestVerifyInit(context.get(), &scheme, evp_md(algorithm.hash), nullptr, key_.get()) == 1 &&
        set_scheme(scheme, algorithm, curve_.has_value()) &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
            1;
    if (!good) ERR_clear_error();
    return good;
}

SignatureAlgorithm PublicKey::card_algorithm() const {
    if (curve_) return {SignatureScheme::kEcdsa, ecdsa_hash(*curve_)};
    if (bits() <= kPkcs1Bits) return {SignatureScheme::kRsaPkcs1, Hash::kSha1};
    return {SignatureScheme::kRsaPss, Hash::kSha256};
}

Bytes PublicKey::point() const {
    if (!curve_) return {};
    // Put together of its coordinates: a key that came from outside may be kept in compressed form.
    auto size = coordinate_size(*curve_);
    Bytes point(1, 0x04);
    for (const auto* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
        auto coordinate = number_of(key_.get(), name);
        point.resize(point.size() + size - coordinate.size());
        append(point, coordinate);
    }
    return point;
}

Bytes PublicKey::modulus() const {
    return curve_ ? Bytes{} : number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
}

Bytes PublicKey::exponent() const {
    return curve_ ? Bytes{} : number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
}

std::size_t PublicKey::bits() const {
    return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get()));
}

std::string PublicKey::to_pem() const {
    Bio text(BIO_new(BIO_s_mem()));
    must(text != nullptr && PEM_write_bio_PUBKEY(text.get(), key_.get()) == 1);
    return as_text(content_of(text));
}

PublicKey PublicKey::clone() const {
    EVP_PKEY_up_ref(key_.get());  // nothing changes a key
    return {EvpPkey(key_.get()), curve_};
}

bool PublicKey::operator==(const PublicKey& other) const {
    return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

}  // namespace oti::crypto
