// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/internal/hash_names.h"
#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

using EcdsaSignature = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;

constexpr int kMinRsaBits = 1024, kMaxRsaBits = 4096;
constexpr std::size_t kMaxPem = 1U << 20;

}  // namespace

std::unexpected<Error> invalid_key(std::string message) {
    ERR_clear_error();
    return fail(ErrorKind::kUsage, "key.invalid", std::move(message));
}

BigNumber big_number(BytesView bytes) {
    BigNumber number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    must(number != nullptr);
    return number;
}

Bytes number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
        ERR_clear_error();
        return {};
    }
    BigNumber owner(number);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    return bytes;
}

EvpPkey key_from(const char* type, ParamBuilder& builder, int selection) {
    OpensslPtr<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    PkeyCtx context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    must(parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) ERR_clear_error();
    return EvpPkey(key);
}

Bio reader_of(BytesView pem) {
    Bio bio(BIO_new_mem_buf(pem.empty() ? "" : static_cast<const void*>(pem.data()),
                            static_cast<int>(std::min(pem.size(), kMaxPem))));
    must(bio != nullptr);
    return bio;
}

Bytes content_of(const Bio& bio) {
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio.get(), &data);
    return to_bytes({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
}

Result<std::optional<Curve>> supported_kind(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        auto bits = EVP_PKEY_get_bits(key);
        if (bits < kMinRsaBits || bits > kMaxRsaBits) {
            return invalid_key(
                fmt::format("an RSA key has {} to {} bits, this one has {}", kMinRsaBits, kMaxRsaBits, bits));
        }
        return std::nullopt;
    }
    if (EVP_PKEY_is_a(key, "EC") == 1) {
        char group[64];
        std::size_t size = 0;
        if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1) {
            std::string_view short_name(group, size);
            if (short_name == "prime256v1") return Curve::kP256;
            if (short_name == "secp384r1") return Curve::kP384;
            if (short_name == "secp521r1") return Curve::kP521;
            if (auto curve = curve_of_name(short_name)) return curve;
        }
        return invalid_key("the key is of an unsupported curve");
    }
    return invalid_key("the key is neither RSA nor EC");
}

bool set_scheme(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm, bool is_ec) {
    switch (algorithm.scheme) {
        case SignatureScheme::kEcdsa:
            return is_ec;
        case SignatureScheme::kRsaPkcs1:
            return !is_ec && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
        case SignatureScheme::kRsaPss:
            return !is_ec && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
                   EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_md(algorithm.hash)) > 0 &&
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    }
    return false;
}

Bytes der_signature(BytesView plain) {
    EcdsaSignature signature(ECDSA_SIG_new());
    must(signature != nullptr);
    auto half = plain.size() / 2;
    must(ECDSA_SIG_set0(signature.get(), big_number(plain.first(half)).release(),
                        big_number(plain.subspan(half)).release()) == 1);
    unsigned char* der = nullptr;
    auto size = i2d_ECDSA_SIG(signature.get(), &der);
    must(size > 0);
    auto bytes = to_bytes({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return bytes;
}

Bytes plain_signature(BytesView der, std::size_t size) {
    const auto* at = der.data();
    EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    must(signature != nullptr);
    Bytes plain(2 * size);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), plain.data(), static_cast<int>(size)) > 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), plain.data() + size, static_cast<int>(size)) > 0);
    return plain;
}

}  // namespace oti::crypto
