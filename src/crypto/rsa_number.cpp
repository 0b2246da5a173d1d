// SPDX-License-Identifier: Apache-2.0
#include "crypto/rsa_number.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

using BnCtx = OpensslPtr<BN_CTX, BN_CTX_free>;
using MontCtx = OpensslPtr<BN_MONT_CTX, BN_MONT_CTX_free>;

constexpr std::size_t kMinBits = 512, kMaxBits = 4096;

BigNumber secret_number(const SecretBytes& bytes) {
    BigNumber number(BN_secure_new());
    auto view = bytes.view(SecretAccess::granted());
    must(number != nullptr && BN_bin2bn(view.data(), static_cast<int>(view.size()), number.get()) != nullptr);
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
}

BigNumber fresh() {
    BigNumber number(BN_new());
    must(number != nullptr);
    return number;
}

bool is_modulus(const BIGNUM* number) {
    return BN_is_odd(number) != 0 && BN_num_bits(number) > 1;
}

/// Raising modulo one number.
struct Field {
    BigNumber modulus;
    BigNumber exponent;
    MontCtx montgomery;

    Field(BigNumber m, BigNumber e, BN_CTX* context)
        : modulus(std::move(m)), exponent(std::move(e)), montgomery(BN_MONT_CTX_new()) {
        must(montgomery != nullptr && BN_MONT_CTX_set(montgomery.get(), modulus.get(), context) == 1);
    }
    BigNumber raise(const BIGNUM* number, BN_CTX* context) const {
        auto reduced = fresh();
        auto result = fresh();
        must(BN_nnmod(reduced.get(), number, modulus.get(), context) == 1 &&
             BN_mod_exp_mont_consttime(result.get(), reduced.get(), exponent.get(), modulus.get(), context,
                                       montgomery.get()) == 1);
        return result;
    }
};

SecretBytes bytes_of(const BIGNUM* number, std::size_t size) {
    SecretBytes bytes(size);
    must(BN_bn2binpad(number, bytes.writable(SecretAccess::granted()).data(), static_cast<int>(size)) ==
         static_cast<int>(size));
    return bytes;
}

}  // namespace

struct RsaNumber::Numbers {
    BnCtx context{BN_CTX_secure_new()};
    BigNumber modulus;
    std::size_t size = 0;       ///< bytes of the modulus
    std::vector<Field> fields;  ///< one, or those of p and q
    BigNumber q_inverse;
};

RsaNumber::RsaNumber(std::unique_ptr<Numbers> numbers) : numbers_(std::move(numbers)) {}
RsaNumber::RsaNumber(RsaNumber&&) noexcept = default;
RsaNumber& RsaNumber::operator=(RsaNumber&&) noexcept = default;
RsaNumber::~RsaNumber() = default;

Result<RsaNumber> RsaNumber::create(BytesView modulus, const SecretBytes& exponent) {
    auto numbers = std::make_unique<Numbers>();
    must(numbers->context != nullptr);
    numbers->modulus = big_number(modulus);
    numbers->size = modulus.size();
    if (!is_modulus(numbers->modulus.get())) return invalid_key("an RSA modulus is odd and not 1");
    numbers->fields.emplace_back(big_number(modulus), secret_number(exponent), numbers->context.get());
    return RsaNumber(std::move(numbers));
}

Result<RsaNumber> RsaNumber::create(const SecretBytes& p, const SecretBytes& q, const SecretBytes& dp,
                                    const SecretBytes& dq, const SecretBytes& q_inverse) {
    auto numbers = std::make_unique<Numbers>();
    auto first = secret_number(p);
    auto second = secret_number(q);
    if (!is_modulus(first.get()) || !is_modulus(second.get())) return invalid_key("an RSA prime is odd");
    numbers->modulus = fresh();
    must(numbers->context != nullptr &&
         BN_mul(numbers->modulus.get(), first.get(), second.get(), numbers->context.get()) == 1);
    numbers->size = static_cast<std::size_t>(BN_num_bytes(numbers->modulus.get()));
    numbers->fields.emplace_back(std::move(first), secret_number(dp), numbers->context.get());
    numbers->fields.emplace_back(std::move(second), secret_number(dq), numbers->context.get());
    numbers->q_inverse = secret_number(q_inverse);
    return RsaNumber(std::move(numbers));
}

std::size_t RsaNumber::size() const {
    return numbers_->size;
}

Bytes RsaNumber::modulus() const {
    Bytes bytes(size());
    must(BN_bn2binpad(numbers_->modulus.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size()));
    return bytes;
}

Result<SecretBytes> RsaNumber::raise(BytesView bytes) const {
    auto* context = numbers_->context.get();
    auto number = big_number(bytes);
    if (BN_cmp(number.get(), numbers_->modulus.get()) >= 0) {
        return fail(ErrorKind::kUsage, "rsa.range", "the number is not below the modulus");
    }
    auto result = numbers_->fields[0].raise(number.get(), context);
    if (numbers_->fields.size() == 2) {
        // RFC 8017, 5.1.2, 2.b: m = m2 + q ((m1 - m2) qInv mod p).
        const auto& p = numbers_->fields[0].modulus;
        const auto& q = numbers_->fields[1].modulus;
        auto second = numbers_->fields[1].raise(number.get(), context);
        must(BN_mod_sub(result.get(), result.get(), second.get(), p.get(), context) == 1 &&
             BN_mod_mul(result.get(), result.get(), numbers_->q_inverse.get(), p.get(), context) == 1 &&
             BN_mul(result.get(), result.get(), q.get(), context) == 1 &&
             BN_add(result.get(), result.get(), second.get()) == 1);
    }
    return bytes_of(result.get(), size());
}

Result<RsaKeyPair> generate_rsa_numbers(std::size_t bits, BytesView public_exponent) {
    auto exponent = big_number(public_exponent);
    bool sound = BN_is_odd(exponent.get()) != 0 && BN_num_bits(exponent.get()) > 1 &&
                 static_cast<std::size_t>(BN_num_bits(exponent.get())) < bits / 2;
    if (!sound || bits < kMinBits || bits > kMaxBits) {
        return invalid_key("no RSA key of that size or with that exponent");
    }
    PkeyCtx context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    must(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1 &&
         EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) == 1);
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_keygen(context.get(), &made) != 1) return invalid_key("OpenSSL makes no such RSA key");
    EvpPkey key(made);
    auto number = [&](const char* name) { return SecretBytes::take(number_of(key.get(), name)); };
    return RsaKeyPair{.modulus = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N),
                      .private_exponent = number(OSSL_PKEY_PARAM_RSA_D),
                      .p = number(OSSL_PKEY_PARAM_RSA_FACTOR1),
                      .q = number(OSSL_PKEY_PARAM_RSA_FACTOR2),
                      .dp = number(OSSL_PKEY_PARAM_RSA_EXPONENT1),
                      .dq = number(OSSL_PKEY_PARAM_RSA_EXPONENT2),
                      .q_inverse = number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1)};
}

}  // namespace oti::crypto
