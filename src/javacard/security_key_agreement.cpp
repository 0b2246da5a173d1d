// SPDX-License-Identifier: Apache-2.0
// javacard.security.KeyAgreement
#include "crypto/digest.h"
#include "javacard/key_numbers.h"
#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using crypto::SecretAccess;
using crypto::SecretBytes;
using security_class::kKeyAgreement;

/// The ALG_ constants.
enum class Agreement : std::uint8_t {
    kNone = 0,
    kDhKdf = 1,
    kCofactorDhKdf = 2,
    kDhPlain = 3,
    kCofactorDhPlain = 4,
    kPaceGenericMapping = 5,
    kDhPlainXy = 6,
    kModularDh = 7,
};

struct AgreementObject : InitializedObject {
    explicit AgreementObject(NativeCall& call) : InitializedObject(call, call.self(), kKeyAgreement) {}
    Agreement what() const { return static_cast<Agreement>(algorithm()); }
    bool uses_cofactor() const {
        return what() == Agreement::kCofactorDhKdf || what() == Agreement::kCofactorDhPlain;
    }
    bool fits(KeyFamily family) const {
        if (what() == Agreement::kModularDh) return family == KeyFamily::kDhPrivate;
        return what() != Agreement::kNone && family == KeyFamily::kEcPrivate;
    }
};

/// (algorithm, externalAccess)
Guest<Value> get_instance(NativeCall& call) {
    auto algorithm = static_cast<std::uint8_t>(call.byte_at(0));
    bool is_known = algorithm > 0 && algorithm <= static_cast<std::uint8_t>(Agreement::kModularDh);
    if (!is_known) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, make_with_algorithm(call, kKeyAgreement, kKeyAgreement,
                                             InitializedObject::kAlgorithm, algorithm));
    return Value::of_ref(object);
}

Guest<Value> init(NativeCall& call) {
    OTI_TRY(auto key, KeyObject::argument(call, 1));
    AgreementObject agreement(call);
    if (!agreement.fits(key.family())) return crypto_exception(CryptoReason::kIllegalValue);
    bool is_ready = key.is_initialized() && (!agreement.uses_cofactor() || key.has(KeyPart::kK));
    if (!is_ready) return crypto_exception(CryptoReason::kUninitializedKey);
    agreement.initialize(key.ref(), 1);
    return Value{};
}

Guest<SecretBytes> agree_on_curve(NativeCall& call, const AgreementObject& agreement, const KeyObject& key,
                                  BytesView point) {
    OTI_TRY(auto domain, ec_domain(call, key));
    auto number = key.secret(KeyPart::kPrivate);
    auto or_illegal_value = [](auto result) -> Guest<SecretBytes> {
        if (!result) return crypto_exception(CryptoReason::kIllegalValue);
        return SecretBytes(std::move(*result));
    };
    if (agreement.what() == Agreement::kPaceGenericMapping) {
        auto mapped = domain.mapped_generator(number, point);
        if (!mapped) return crypto_exception(CryptoReason::kIllegalValue);
        return SecretBytes::take(std::move(*mapped));
    }
    OTI_TRY(auto common, or_illegal_value(domain.multiply(number, point, agreement.uses_cofactor())));
    if (agreement.what() == Agreement::kDhPlainXy) return common;
    auto x = SecretBytes::copy_of(common.view(SecretAccess::granted()).subspan(1, domain.field_size()));
    bool is_plain =
        agreement.what() == Agreement::kDhPlain || agreement.what() == Agreement::kCofactorDhPlain;
    if (is_plain) return x;
    // IEEE 1363: the secret is SHA-1 of the field element.
    return SecretBytes::take(crypto::digest(crypto::Hash::kSha1, x.view(SecretAccess::granted())));
}

/// (publicData, publicOffset, publicLength, secret, secretOffset)
Guest<Value> generate_secret(NativeCall& call) {
    AgreementObject agreement(call);
    OTI_TRY(auto data, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.array_at(4, ObjectKind::kBytes));
    OTI_TRY(auto key, agreement.key(call.machine()));
    if (!agreement.fits(key.family())) return crypto_exception(CryptoReason::kInvalidInit);
    auto secret = agreement.what() == Agreement::kModularDh
                      ? dh_agree(call, key, data.view())
                      : agree_on_curve(call, agreement, key, data.view());
    if (!secret) return std::unexpected(secret.error());
    return put_result(call, 4, 5, secret->view(SecretAccess::granted()));
}

Guest<Value> get_algorithm(NativeCall& call) {
    return Value::of_short(AgreementObject(call).algorithm());
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getInstance", "(BZ)Ljavacard/security/KeyAgreement;", get_instance},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kVirtual, 1, "init", "(Ljavacard/security/PrivateKey;)V", init},
    {kVirtual, 2, "getAlgorithm", "()B", get_algorithm},
    {kVirtual, 3, "generateSecret", "([BSS[BS)S", generate_secret},
};

}  // namespace

std::span<const NativeMethod> key_agreement_methods() {
    return kMethods;
}

}  // namespace oti::javacard
