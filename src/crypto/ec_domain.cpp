// SPDX-License-Identifier: Apache-2.0
#include "crypto/ec_domain.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

using GroupPtr = OpensslPtr<EC_GROUP, EC_GROUP_free>;
using PointPtr = OpensslPtr<EC_POINT, EC_POINT_clear_free>;
using BnCtx = OpensslPtr<BN_CTX, BN_CTX_free>;

constexpr int kMaxBits = 521;

BigNumber secret_number(const SecretBytes& bytes) {
    auto number = big_number(bytes.view(SecretAccess::granted()));
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
}

}  // namespace

struct EcDomain::Group {
    GroupPtr group;
    BnCtx context{BN_CTX_new()};
    BigNumber prime, a, b;
    Bytes generator;

    const BIGNUM* order() const { return EC_GROUP_get0_order(group.get()); }
    PointPtr new_point() const {
        PointPtr point(EC_POINT_new(group.get()));
        must(point != nullptr);
        return point;
    }
    /// Null if it is none, or the one at infinity.
    PointPtr point_of(BytesView encoded) const {
        auto point = new_point();
        bool is_point = EC_POINT_oct2point(group.get(), point.get(), encoded.data(), encoded.size(),
                                           context.get()) == 1 &&
                        EC_POINT_is_at_infinity(group.get(), point.get()) == 0;
        ERR_clear_error();
        return is_point ? std::move(point) : nullptr;
    }
    std::size_t field_size() const {
        return static_cast<std::size_t>(EC_GROUP_get_degree(group.get()) + 7) / 8;
    }
    Bytes encode(const EC_POINT* point) const {
        Bytes encoded(1 + 2 * field_size());
        must(EC_POINT_point2oct(group.get(), point, POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                                encoded.size(), context.get()) == encoded.size());
        return encoded;
    }
    bool is_private(const BIGNUM* number) const {
        return BN_is_zero(number) == 0 && BN_cmp(number, order()) < 0;
    }
    /// A key for ECDSA; one of the two is given.
    EvpPkey key(const BIGNUM* number, BytesView point) const {
        ParamBuilder builder(OSSL_PARAM_BLD_new());
        auto push_number = [&](const char* name, const BIGNUM* value) {
            must(OSSL_PARAM_BLD_push_BN(builder.get(), name, value) == 1);
        };
        auto push_bytes = [&](const char* name, BytesView value) {
            must(OSSL_PARAM_BLD_push_octet_string(builder.get(), name, value.data(), value.size()) == 1);
        };
        must(builder != nullptr && OSSL_PARAM_BLD_push_utf8_string(
                                       builder.get(), OSSL_PKEY_PARAM_EC_FIELD_TYPE, "prime-field", 0) == 1);
        push_number(OSSL_PKEY_PARAM_EC_P, prime.get());
        push_number(OSSL_PKEY_PARAM_EC_A, a.get());
        push_number(OSSL_PKEY_PARAM_EC_B, b.get());
        push_bytes(OSSL_PKEY_PARAM_EC_GENERATOR, generator);
        push_number(OSSL_PKEY_PARAM_EC_ORDER, order());
        if (number != nullptr) push_number(OSSL_PKEY_PARAM_PRIV_KEY, number);
        if (!point.empty()) push_bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
        return key_from("EC", builder, number != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    }
};

EcDomain::EcDomain(std::unique_ptr<Group> group) : group_(std::move(group)) {}
EcDomain::EcDomain(EcDomain&&) noexcept = default;
EcDomain& EcDomain::operator=(EcDomain&&) noexcept = default;
EcDomain::~EcDomain() = default;

Result<EcDomain> EcDomain::create(const EcParameters& parameters) {
    auto refused = [] { return invalid_key("these parameters describe no curve"); };
    auto made = std::make_unique<Group>();
    auto* context = made->context.get();
    must(context != nullptr);
    made->prime = big_number(parameters.prime);
    made->a = big_number(parameters.a);
    made->b = big_number(parameters.b);
    auto order = big_number(parameters.order);
    auto cofactor = big_number(std::array{static_cast<std::uint8_t>(parameters.cofactor >> 8U),
                                          static_cast<std::uint8_t>(parameters.cofactor)});
    auto bits = BN_num_bits(made->prime.get());
    auto order_bits = BN_num_bits(order.get());
    // The bounds also keep whatever is computed with the group from taking long.
    if (bits > kMaxBits || bits < 8 || BN_is_odd(made->prime.get()) == 0 || order_bits <= bits / 2 ||
        order_bits > bits + 1 || BN_cmp(made->a.get(), made->prime.get()) >= 0 ||
        BN_cmp(made->b.get(), made->prime.get()) >= 0 || BN_is_zero(cofactor.get()) == 1) {
        return refused();
    }
    made->group.reset(EC_GROUP_new_curve_GFp(made->prime.get(), made->a.get(), made->b.get(), context));
    if (!made->group) return refused();
    auto generator = made->point_of(parameters.generator);
    if (!generator ||
        EC_GROUP_set_generator(made->group.get(), generator.get(), order.get(), cofactor.get()) != 1) {
        return refused();
    }
    made->generator = made->encode(generator.get());
    // A curve that has a name was checked by those who gave it one.
    if (EC_GROUP_check_named_curve(made->group.get(), 0, context) == NID_undef) {
        auto end = made->new_point();
        bool sound =
            BN_check_prime(made->prime.get(), context, nullptr) == 1 &&
            BN_check_prime(order.get(), context, nullptr) == 1 &&
            EC_GROUP_check_discriminant(made->group.get(), context) == 1 &&
            EC_POINT_mul(made->group.get(), end.get(), nullptr, generator.get(), order.get(), context) == 1 &&
            EC_POINT_is_at_infinity(made->group.get(), end.get()) == 1;
        if (!sound) return refused();
    }
    ERR_clear_error();
    return EcDomain(std::move(made));
}

std::size_t EcDomain::field_size() const {
    return group_->field_size();
}

std::size_t EcDomain::order_size() const {
    return static_cast<std::size_t>(BN_num_bytes(group_->order()));
}

SecretBytes EcDomain::random_number(Random& random) const {
    // FIPS 186-5, A.2.1: 64 bits more than the order has leave no bias that counts.
    auto wide = secret_number(random.secret(order_size() + 8));
    BigNumber limit(BN_dup(group_->order()));
    must(limit != nullptr && BN_sub_word(limit.get(), 1) == 1 &&
         BN_mod(wide.get(), wide.get(), limit.get(), group_->context.get()) == 1 &&
         BN_add_word(wide.get(), 1) == 1);
    SecretBytes number(order_size());
    must(BN_bn2binpad(wide.get(), number.writable(SecretAccess::granted()).data(),
                      static_cast<int>(number.size())) > 0);
    return number;
}

Result<Bytes> EcDomain::public_point(const SecretBytes& number) const {
    auto d = secret_number(number);
    if (!group_->is_private(d.get())) return invalid_key("the number is no private key of this curve");
    auto point = group_->new_point();
    must(EC_POINT_mul(group_->group.get(), point.get(), d.get(), nullptr, nullptr, group_->context.get()) ==
         1);
    return group_->encode(point.get());
}

Result<SecretBytes> EcDomain::multiply(const SecretBytes& number, BytesView encoded,
                                       bool with_cofactor) const {
    auto d = secret_number(number);
    auto point = group_->point_of(encoded);
    if (!point || !group_->is_private(d.get())) return invalid_key("no point of this curve, or no key of it");
    auto* context = group_->context.get();
    const auto* group = group_->group.get();
    if (with_cofactor) {
        must(EC_POINT_mul(group, point.get(), nullptr, point.get(), EC_GROUP_get0_cofactor(group), context) ==
             1);
    }
    auto result = group_->new_point();
    must(EC_POINT_mul(group, result.get(), nullptr, point.get(), d.get(), context) == 1);
    if (EC_POINT_is_at_infinity(group, result.get()) == 1)
        return invalid_key("the point is of a small order");
    return SecretBytes::take(group_->encode(result.get()));
}

Result<Bytes> EcDomain::mapped_generator(const SecretBytes& number, BytesView encoded) const {
    auto d = secret_number(number);
    auto point = group_->point_of(encoded);
    if (!point || !group_->is_private(d.get())) return invalid_key("no point of this curve, or no key of it");
    auto* context = group_->context.get();
    const auto* group = group_->group.get();
    auto result = group_->new_point();
    must(EC_POINT_mul(group, result.get(), d.get(), nullptr, nullptr, context) == 1 &&
         EC_POINT_add(group, result.get(), result.get(), point.get(), context) == 1);
    if (EC_POINT_is_at_infinity(group, result.get()) == 1) return invalid_key("the mapping ends at infinity");
    return group_->encode(result.get());
}

Result<Bytes> EcDomain::sign(const SecretBytes& number, BytesView digest) const {
    auto d = secret_number(number);
    if (!group_->is_private(d.get())) return invalid_key("the number is no private key of this curve");
    auto key = group_->key(d.get(), {});
    PkeyCtx context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    std::size_t size = 0;
    bool ready = context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
                 EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) == 1;
    Bytes der(size);
    if (!ready || EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) != 1) {
        return invalid_key("the curve does not sign");
    }
    der.resize(size);
    return der;
}

bool EcDomain::verify(BytesView point, BytesView digest, BytesView der) const {
    // The point is compressed as its holder likes, the key takes it as it comes.
    auto key = group_->point_of(point) ? group_->key(nullptr, point) : nullptr;
    PkeyCtx context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    bool is_right = context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 &&
                    EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1;
    ERR_clear_error();
    return is_right;
}

Bytes EcDomain::plain_signature(BytesView der) const {
    return crypto::plain_signature(der, order_size());
}

Bytes EcDomain::der_signature(BytesView plain) const {
    return plain.size() == 2 * order_size() ? crypto::der_signature(plain) : Bytes{};
}

std::optional<OwnEcParameters> sec2_parameters(std::size_t bits) {
    struct Named {
        std::size_t bits;
        int id;
    };
    static constexpr Named kNamed[] = {
        {112, NID_secp112r1}, {128, NID_secp128r1}, {160, NID_secp160r1},        {192, NID_X9_62_prime192v1},
        {224, NID_secp224r1}, {384, NID_secp384r1}, {256, NID_X9_62_prime256v1}, {521, NID_secp521r1},
    };
    const auto* named = std::ranges::find(kNamed, bits, &Named::bits);
    if (named == std::end(kNamed)) return std::nullopt;
    GroupPtr group(EC_GROUP_new_by_curve_name(named->id));
    BigNumber p(BN_new()), a(BN_new()), b(BN_new());
    must(group && p && a && b && EC_GROUP_get_curve(group.get(), p.get(), a.get(), b.get(), nullptr) == 1);
    auto size = (bits + 7) / 8;
    auto bytes = [](const BIGNUM* number, std::size_t length) {
        Bytes out(length);
        must(BN_bn2binpad(number, out.data(), static_cast<int>(length)) >= 0);
        return out;
    };
    Bytes generator(1 + 2 * size);
    must(EC_POINT_point2oct(group.get(), EC_GROUP_get0_generator(group.get()), POINT_CONVERSION_UNCOMPRESSED,
                            generator.data(), generator.size(), nullptr) == generator.size());
    const auto* order = EC_GROUP_get0_order(group.get());
    return OwnEcParameters{bytes(p.get(), size), bytes(a.get(), size), bytes(b.get(), size), generator,
                           bytes(order, static_cast<std::size_t>(BN_num_bytes(order)))};
}

}  // namespace oti::crypto
