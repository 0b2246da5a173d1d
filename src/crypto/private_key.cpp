// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

#include "crypto/internal/hash_names.h"
#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

using Group = OpensslPtr<EC_GROUP, EC_GROUP_free>;
using Point = OpensslPtr<EC_POINT, EC_POINT_free>;

/// Without this OpenSSL would ask the terminal for the password of an encrypted key.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

BigNumber secret_number(const SecretBytes& bytes) {
    auto number = big_number(bytes.view(SecretAccess::granted()));
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
}

Group group_of(Curve curve) {
    auto id = EC_curve_nist2nid(name(curve).data());
    if (id == NID_undef) id = OBJ_sn2nid(name(curve).data());
    Group group(EC_GROUP_new_by_curve_name(id));
    must(group != nullptr);
    return group;
}

}  // namespace

PrivateKey PrivateKey::generate(Curve curve) {
    EvpPkey key(EVP_EC_gen(name(curve).data()));
    must(key != nullptr);
    return {std::move(key), curve};
}

Result<PrivateKey> PrivateKey::generate_rsa(std::size_t bits) {
    if (bits < 1024 || bits > 4096) return invalid_key("an RSA key has 1024 to 4096 bits");
    EvpPkey key(EVP_RSA_gen(static_cast<unsigned>(bits)));
    must(key != nullptr);
    return PrivateKey(std::move(key), std::nullopt);
}

Result<PrivateKey> PrivateKey::from_pem(const SecretBytes& pem) {
    auto bio = reader_of(pem.view(SecretAccess::granted()));
    EvpPkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key) return invalid_key("the text is no PEM private key");
    OTI_TRY(auto kind, supported_kind(key.get()));
    return PrivateKey(std::move(key), kind);
}

Result<PrivateKey> PrivateKey::ec(Curve curve, const SecretBytes& number) {
    auto group = group_of(curve);
    auto d = secret_number(number);
    if (number.size() != coordinate_size(curve) || BN_is_zero(d.get()) == 1 ||
        BN_cmp(d.get(), EC_GROUP_get0_order(group.get())) >= 0) {
        return invalid_key("the number is no private key of " + std::string(name(curve)));
    }
    Point point(EC_POINT_new(group.get()));
    must(point != nullptr && EC_POINT_mul(group.get(), point.get(), d.get(), nullptr, nullptr, nullptr) == 1);
    Bytes encoded(point_size(curve));
    must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                            encoded.size(), nullptr) == encoded.size());
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder != nullptr &&
         OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name(curve).data(), 0) ==
             1 &&
         OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                          encoded.size()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1);
    auto key = key_from("EC", builder, EVP_PKEY_KEYPAIR);
    must(key != nullptr);
    return PrivateKey(std::move(key), curve);
}

Result<PrivateKey> PrivateKey::rsa(BytesView modulus, BytesView exponent,
                                   const SecretBytes& private_exponent) {
    OTI_CHECK(PublicKey::rsa(modulus, exponent));
    auto n = big_number(modulus), e = big_number(exponent), d = secret_number(private_exponent);
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    must(builder != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get()) == 1);
    auto key = key_from("RSA", builder, EVP_PKEY_KEYPAIR);
    if (!key) return invalid_key("the numbers are no RSA private key");
    return PrivateKey(std::move(key), std::nullopt);
}

Result<Bytes> PrivateKey::sign(SignatureAlgorithm algorithm, BytesView message) const {
    MdCtx context(EVP_MD_CTX_new());
    must(context != nullptr);
    EVP_PKEY_CTX* scheme = nullptr;
    if (EVP_DigestSignInit(context.get(), &scheme, evp_md(algorithm.hash), nullptr, key_.get()) != 1 ||
        !set_scheme(scheme, algorithm, curve_.has_value())) {
        return invalid_key("the key is not one for this signature");
    }
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
    Bytes signature(size);
    if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
        return invalid_key("the key cannot make this signature");
    }
    signature.resize(size);
    return curve_ ? plain_signature(signature, coordinate_size(*curve_)) : signature;
}

Result<SecretBytes> PrivateKey::agree(const PublicKey& other) const {
    if (!curve_ || other.curve() != curve_) return invalid_key("the two keys are not of one curve");
    PkeyCtx context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    must(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
    SecretBytes shared(coordinate_size(*curve_));
    auto size = shared.size();
    if (EVP_PKEY_derive_set_peer(context.get(), other.key_.get()) != 1 ||
        EVP_PKEY_derive(context.get(), shared.writable(SecretAccess::granted()).data(), &size) != 1 ||
        size != shared.size()) {
        return invalid_key("the two keys do not agree");
    }
    return shared;
}

PublicKey PrivateKey::public_key() const {
    if (curve_) {
        // Of its point, so that the public key does not hold the secret.
        EVP_PKEY_up_ref(key_.get());
        return PublicKey::ec(*curve_, PublicKey(EvpPkey(key_.get()), curve_).point()).value();
    }
    return PublicKey::rsa(number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N),
                          number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E))
        .value();
}

SecretBytes PrivateKey::number() const {
    if (!curve_) return {};
    BIGNUM* number = nullptr;
    must(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    BigNumber owner(number);
    SecretBytes bytes(coordinate_size(*curve_));
    must(BN_bn2binpad(number, bytes.writable(SecretAccess::granted()).data(),
                      static_cast<int>(bytes.size())) > 0);
    return bytes;
}

SecretBytes PrivateKey::to_pem() const {
    Bio secret(BIO_new(BIO_s_secmem()));
    must(secret != nullptr &&
         PEM_write_bio_PKCS8PrivateKey(secret.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return SecretBytes::take(content_of(secret));
}

PrivateKey PrivateKey::clone() const {
    EVP_PKEY_up_ref(key_.get());  // nothing changes a key
    return {EvpPkey(key_.get()), curve_};
}

}  // namespace oti::crypto
