// SPDX-License-Identifier: Apache-2.0
// javacardx.crypto.Cipher: what is made, initialized and asked; how data goes through is in
// cipher_process.cpp.
#include <algorithm>

#include "javacard/cipher_state.h"
#include "javacard/key_numbers.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace crypto_class;
using enum Padding;

struct Algorithm {
    std::int8_t algorithm;  ///< an ALG_ constant
    CipherKind kind;
    Padding padding;
};

/// ISO 14888, ISO 9796 and AES of longer blocks, all deprecated, and Korean SEED are not there.
constexpr Algorithm kAlgorithms[] = {
    {1, CipherKind::kDesCbc, kNone},
    {2, CipherKind::kDesCbc, kIso9797Method1},
    {3, CipherKind::kDesCbc, kIso9797Method2},
    {4, CipherKind::kDesCbc, kPkcs5},
    {5, CipherKind::kDesEcb, kNone},
    {6, CipherKind::kDesEcb, kIso9797Method1},
    {7, CipherKind::kDesEcb, kIso9797Method2},
    {8, CipherKind::kDesEcb, kPkcs5},
    {10, CipherKind::kRsa, kPkcs1},
    {12, CipherKind::kRsa, kNone},
    {13, CipherKind::kAesCbc, kNone},
    {14, CipherKind::kAesEcb, kNone},
    {15, CipherKind::kRsa, kPkcs1Oaep},
    {22, CipherKind::kAesCbc, kIso9797Method1},
    {23, CipherKind::kAesCbc, kIso9797Method2},
    {24, CipherKind::kAesCbc, kPkcs5},
    {25, CipherKind::kAesEcb, kIso9797Method1},
    {26, CipherKind::kAesEcb, kIso9797Method2},
    {27, CipherKind::kAesEcb, kPkcs5},
    {-16, CipherKind::kAesCtr, kNull},
    {-13, CipherKind::kAesGcm, kNull},
    {-12, CipherKind::kAesCcm, kNull},
};

bool is_composition(CipherKind kind, Padding padding) {
    if (kind == CipherKind::kRsa && padding >= kOaepSha224 && padding <= kOaepLast) return true;
    return std::ranges::any_of(
        kAlgorithms, [&](const Algorithm& known) { return known.kind == kind && known.padding == padding; });
}

std::uint16_t composition(CipherKind kind, Padding padding) {
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(kind) << 8U |
                                      static_cast<std::uint8_t>(padding));
}

const Algorithm* find(CipherKind kind, Padding padding) {
    const auto* found = std::ranges::find_if(
        kAlgorithms, [&](const Algorithm& known) { return known.kind == kind && known.padding == padding; });
    return found == std::end(kAlgorithms) ? nullptr : found;
}

Guest<Ref> make(NativeCall& call, CipherKind kind, Padding padding) {
    auto type = is_aead(kind) ? kAeadCipher : kCipher;
    const auto* named = find(kind, padding);
    auto algorithm = static_cast<std::uint8_t>(named == nullptr ? 0 : named->algorithm);
    OTI_TRY(auto object, make_with_algorithm(call, type, kCipher, InitializedObject::kAlgorithm, algorithm));
    Cells(call.machine(), object, kCipher).set(InitializedObject::kComposition, composition(kind, padding));
    return object;
}

/// (algorithm, externalAccess)
Guest<Value> get_instance(NativeCall& call) {
    auto known = std::ranges::find(kAlgorithms, call.byte_at(0), &Algorithm::algorithm);
    if (known == std::end(kAlgorithms)) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, make(call, known->kind, known->padding));
    return Value::of_ref(object);
}

/// (cipherAlgorithm, paddingAlgorithm, externalAccess)
Guest<Value> get_composed_instance(NativeCall& call) {
    auto kind = static_cast<CipherKind>(call.byte_at(0));
    auto padding = static_cast<Padding>(call.byte_at(1));
    if (!is_composition(kind, padding)) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, make(call, kind, padding));
    return Value::of_ref(object);
}

/// (cipherAlgorithm, paddingAlgorithm)
Guest<Value> open(NativeCall& call) {
    auto kind = static_cast<CipherKind>(call.byte_at(0));
    auto padding = static_cast<Padding>(call.byte_at(1));
    if (!is_composition(kind, padding) || is_aead(kind))
        return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, call.machine().one_shots().open(call.machine(), kCipherOneShot));
    Cells cells(call.machine(), object, kCipher);
    const auto* named = find(kind, padding);
    cells.set(InitializedObject::kKey, Ref{});
    cells.set(InitializedObject::kAlgorithm,
              static_cast<std::uint8_t>(named == nullptr ? 0 : named->algorithm));
    cells.set(InitializedObject::kComposition, composition(kind, padding));
    return Value::of_ref(object);
}

/// (theKey, theMode): an initial vector is zero.
Guest<Value> init(NativeCall& call) {
    OTI_CHECK(initialize_cipher(call));
    return Value{};
}

/// (theKey, theMode, bArray, bOff, bLen): the initial vector. ECB and RSA have no parameters.
Guest<Value> init_with_parameters(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(3, call.short_at(4), call.short_at(5)));
    auto iv = to_bytes(range.view());
    auto kind = CipherObject(call).kind();
    if (!has_initial_vector(kind) || iv.size() != block_size_of(kind)) {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    OTI_CHECK(initialize_cipher(call));
    OTI_CHECK(start_cipher(call, iv));
    return Value{};
}

/// (inBuff, inOffset, inLength, outBuff, outOffset)
template <bool last>
Guest<Value> process(NativeCall& call) {
    if (!last) OTI_CHECK(check_streams(call));
    OTI_CHECK(check_open(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.array_at(4, ObjectKind::kBytes));
    OTI_TRY(auto result, cipher_output(call, in.view(), last));
    return put_result(call, 4, 5, result.view(crypto::SecretAccess::granted()));
}

Guest<Value> get_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<std::int8_t>(CipherObject(call).algorithm()));
}
Guest<Value> get_cipher_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<std::int8_t>(CipherObject(call).kind()));
}
Guest<Value> get_padding_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<std::int8_t>(CipherObject(call).padding()));
}

constexpr NativeMethod kCipherMethods[] = {
    {kStatic, 0, "getInstance", "(BZ)Ljavacardx/crypto/Cipher;", get_instance},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kStatic, 2, "getInstance", "(BBZ)Ljavacardx/crypto/Cipher;", get_composed_instance},
    {kVirtual, 1, "doFinal", "([BSS[BS)S", process<true>},
    {kVirtual, 2, "getAlgorithm", "()B", get_algorithm},
    {kVirtual, 3, "init", "(Ljavacard/security/Key;B)V", init},
    {kVirtual, 4, "init", "(Ljavacard/security/Key;B[BSS)V", init_with_parameters},
    {kVirtual, 5, "update", "([BSS[BS)S", process<false>},
    {kVirtual, 6, "getCipherAlgorithm", "()B", get_cipher_algorithm},
    {kVirtual, 7, "getPaddingAlgorithm", "()B", get_padding_algorithm},
};
constexpr NativeMethod kOneShotMethods[] = {
    {kStatic, 0, "open", "(BB)Ljavacardx/crypto/Cipher$OneShot;", open},
    {kVirtual, 8, "close", "()V", close_one_shot},
};
constexpr NativeMethod kKeyEncryptionMethods[] = {
    {kVirtual, 0, "getKeyCipher", "()Ljavacardx/crypto/Cipher;", nullptr},
    {kVirtual, 1, "setKeyCipher", "(Ljavacardx/crypto/Cipher;)V", nullptr},
};

}  // namespace

std::span<const NativeMethod> cipher_methods() {
    return kCipherMethods;
}
std::span<const NativeMethod> cipher_one_shot_methods() {
    return kOneShotMethods;
}
std::span<const NativeMethod> key_encryption_methods() {
    return kKeyEncryptionMethods;
}

}  // namespace oti::javacard
