// SPDX-License-Identifier: Apache-2.0
// javacard.security.Signature; how data goes through is in signature_process.cpp.
#include "javacard/hash_algorithms.h"
#include "javacard/key_numbers.h"
#include "javacard/signature_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace security_class;

void set_algorithm(NativeCall& call, Ref object, const SignatureAlgorithm& what) {
    Cells cells(call.machine(), object, kSignature);
    cells.set(InitializedObject::kKey, kNull);
    cells.set(InitializedObject::kAlgorithm, what.algorithm);
    cells.set(InitializedObject::kComposition, SignatureObject::pack(what));
}

Guest<Value> make(NativeCall& call, const std::optional<SignatureAlgorithm>& what) {
    if (!what) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    auto type = what->padding == Padding::kIso9796Recovery ? kRecoveringSignature : kSignature;
    const auto* known = call.machine().packages().find(type);
    OTI_TRY(auto object, call.heap().make_instance(type, known->cells, call.caller()));
    set_algorithm(call, object, *what);
    return Value::of_ref(object);
}

std::optional<SignatureAlgorithm> composition_of(NativeCall& call) {
    return signature_composition(static_cast<std::uint8_t>(call.byte_at(0)),
                                 static_cast<SignatureCipher>(call.byte_at(1)),
                                 static_cast<Padding>(call.byte_at(2)));
}

/// (algorithm, externalAccess)
Guest<Value> get_instance(NativeCall& call) {
    return make(call, signature_algorithm(static_cast<std::uint8_t>(call.byte_at(0))));
}
/// (messageDigestAlgorithm, cipherAlgorithm, paddingAlgorithm, externalAccess)
Guest<Value> get_composed_instance(NativeCall& call) {
    return make(call, composition_of(call));
}

/// (messageDigestAlgorithm, cipherAlgorithm, paddingAlgorithm)
Guest<Value> open(NativeCall& call) {
    auto what = composition_of(call);
    bool is_known = what && what->padding != Padding::kIso9796Recovery;
    if (!is_known) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, call.machine().one_shots().open(call.machine(), kSignatureOneShot));
    set_algorithm(call, object, *what);
    return Value::of_ref(object);
}

/// (theKey, theMode): an initial vector is zero.
Guest<Value> init(NativeCall& call) {
    OTI_CHECK(initialize_signature(call));
    return Value{};
}

/// (theKey, theMode, bArray, bOff, bLen): the initial vector of a MAC by CBC; nothing else has parameters.
Guest<Value> init_with_parameters(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(3, call.short_at(4), call.short_at(5)));
    auto iv = to_bytes(range.view());
    auto cipher = SignatureObject(call).what().cipher;
    bool is_des = cipher == SignatureCipher::kDesMac4 || cipher == SignatureCipher::kDesMac8;
    bool fits = is_des ? iv.size() == 8 : cipher == SignatureCipher::kAesMac128 && iv.size() == 16;
    if (!fits) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(initialize_signature(call));
    OTI_CHECK(signature_state(call, iv));
    return Value{};
}

Guest<Value> update(NativeCall& call) {
    OTI_CHECK(check_streams(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto* state, signature_state(call));
    SignatureObject signature(call);
    // To verify, the message begins with what beginVerify has recovered.
    bool is_early = signature.recovers() && signature.mode() == kModeVerify && !state->expected;
    if (is_early) return crypto_exception(CryptoReason::kIllegalUse);
    absorb(call, *state, in.view());
    return Value{};
}

/// (inBuff, inOffset, inLength, sigBuff, sigOffset)
Guest<Value> sign(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeSign));
    OTI_CHECK(check_recovery(call, false));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.array_at(4, ObjectKind::kBytes));
    OTI_TRY(auto message, finish_signed(call, in.view()));
    OTI_TRY(auto result, make_signature(call, message.digest, message.beginning));
    return put_result(call, 4, 5, result);
}

/// (inBuff, inOffset, inLength, sigBuff, sigOffset, sigLength)
Guest<Value> verify(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeVerify));
    OTI_CHECK(check_recovery(call, false));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto presented, call.bytes_at(4, call.short_at(5), call.short_at(6)));
    OTI_TRY(auto message, finish_signed(call, in.view()));
    OTI_TRY(auto is_right, is_signature(call, message.digest, message.beginning, presented.view()));
    return Value::of_bool(is_right);
}

/// The hash function of what signs a digest and nothing of its message; ILLEGAL_USE for others.
Guest<crypto::Hash> digest_only(NativeCall& call) {
    auto what = SignatureObject(call).what();
    bool is_mac = what.cipher == SignatureCipher::kHmac;
    bool needs_message = what.padding == Padding::kIso9796 || what.padding == Padding::kIso9796Recovery;
    auto hash = hash_of_algorithm(what.digest);
    if (!hash || is_mac || needs_message) return crypto_exception(CryptoReason::kIllegalUse);
    return *hash;
}

/// (hashBuff, hashOffset, hashLength, sigBuff, sigOffset)
Guest<Value> sign_hash(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeSign));
    OTI_TRY(auto hash, digest_only(call));
    OTI_TRY(auto digest, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.array_at(4, ObjectKind::kBytes));
    if (digest.length != crypto::digest_size(hash)) return crypto_exception(CryptoReason::kIllegalUse);
    call.machine().native_states().drop(call.self());
    OTI_TRY(auto result, make_signature(call, digest.view(), {}));
    return put_result(call, 4, 5, result);
}

/// (hashBuff, hashOffset, hashLength, sigBuff, sigOffset, sigLength)
Guest<Value> verify_hash(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeVerify));
    OTI_TRY(auto hash, digest_only(call));
    OTI_TRY(auto digest, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto presented, call.bytes_at(4, call.short_at(5), call.short_at(6)));
    if (digest.length != crypto::digest_size(hash)) return crypto_exception(CryptoReason::kIllegalUse);
    call.machine().native_states().drop(call.self());
    OTI_TRY(auto is_right, is_signature(call, digest.view(), {}, presented.view()));
    return Value::of_bool(is_right);
}

/// As InitializedMessageDigest.setInitialDigest, for the message that begins.
Guest<Value> set_initial_digest(NativeCall& call) {
    OTI_CHECK(check_open(call));
    OTI_TRY(auto hash, digest_only(call));
    OTI_TRY(auto* state, signature_state(call));
    OTI_TRY(auto resumed, resumed_digest(call, hash));
    state->hasher = std::move(resumed);
    return Value{};
}

Guest<Value> get_length(NativeCall& call) {
    OTI_CHECK(check_open(call));
    SignatureObject signature(call);
    OTI_TRY(auto key, signature.key(call.machine()));
    auto hash = hash_of_algorithm(signature.what().digest);
    auto length = [&]() -> std::size_t {
        switch (signature.what().cipher) {
            case SignatureCipher::kDesMac4:
                return 4;
            case SignatureCipher::kDesMac8:
                return 8;
            case SignatureCipher::kAesMac128:
            case SignatureCipher::kAesCmac128:
                return 16;
            case SignatureCipher::kHmac:
                return hash ? crypto::digest_size(*hash) : 0;
            case SignatureCipher::kRsa:
                return key.size();
            default:
                break;
        }
        // At most: a sequence of two integers, each with a zero before it.
        auto number = key.get(KeyPart::kR).size();
        if (signature.what().cipher == SignatureCipher::kEcdsaPlain) return 2 * number;
        auto content = 2 * (number + 3);
        return content + (content < 128 ? 2 : 3);
    };
    return Value::of_short(static_cast<int>(length()));
}

Guest<Value> get_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(SignatureObject(call).algorithm());
}
Guest<Value> get_digest_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(SignatureObject(call).what().digest);
}
Guest<Value> get_cipher_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<int>(SignatureObject(call).what().cipher));
}
Guest<Value> get_padding_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<int>(SignatureObject(call).what().padding));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getInstance", "(BZ)Ljavacard/security/Signature;", get_instance},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kStatic, 2, "getInstance", "(BBBZ)Ljavacard/security/Signature;", get_composed_instance},
    {kVirtual, 1, "getAlgorithm", "()B", get_algorithm},
    {kVirtual, 2, "getLength", "()S", get_length},
    {kVirtual, 3, "init", "(Ljavacard/security/Key;B)V", init},
    {kVirtual, 4, "init", "(Ljavacard/security/Key;B[BSS)V", init_with_parameters},
    {kVirtual, 5, "sign", "([BSS[BS)S", sign},
    {kVirtual, 6, "update", "([BSS)V", update},
    {kVirtual, 7, "verify", "([BSS[BSS)Z", verify},
    {kVirtual, 8, "setInitialDigest", "([BSS[BSS)V", set_initial_digest},
    {kVirtual, 9, "signPreComputedHash", "([BSS[BS)S", sign_hash},
    {kVirtual, 10, "verifyPreComputedHash", "([BSS[BSS)Z", verify_hash},
    {kVirtual, 11, "getMessageDigestAlgorithm", "()B", get_digest_algorithm},
    {kVirtual, 12, "getCipherAlgorithm", "()B", get_cipher_algorithm},
    {kVirtual, 13, "getPaddingAlgorithm", "()B", get_padding_algorithm},
};
constexpr NativeMethod kOneShot[] = {
    {kStatic, 0, "open", "(BBB)Ljavacard/security/Signature$OneShot;", open},
    {kVirtual, 14, "close", "()V", close_one_shot},
};

}  // namespace

std::span<const NativeMethod> signature_methods() {
    return kMethods;
}
std::span<const NativeMethod> signature_one_shot_methods() {
    return kOneShot;
}
}  // namespace oti::javacard
