// SPDX-License-Identifier: Apache-2.0
// javacard.security.MessageDigest, InitializedMessageDigest and their OneShots: one cell, the algorithm.
#include "javacard/hash_algorithms.h"
#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace security_class;

constexpr std::size_t kAlgorithmCell = 0;

struct DigestState : NativeState {
    explicit DigestState(crypto::Hasher started) : hasher(std::move(started)) {}
    crypto::Hasher hasher;
};

/// ILLEGAL_USE for an object that getInstance has not made.
Guest<crypto::Hash> own_hash(NativeCall& call) {
    OTI_CHECK(check_open(call));
    auto hash = hash_of_algorithm(call.cell(kMessageDigest, kAlgorithmCell));
    if (!hash) return crypto_exception(CryptoReason::kIllegalUse);
    return *hash;
}

DigestState& own_state(NativeCall& call, crypto::Hash hash) {
    auto& states = call.machine().native_states();
    auto* state = states.find<DigestState>(call.self());
    return state != nullptr ? *state : states.put(call.self(), DigestState(crypto::Hasher(hash)));
}

/// (algorithm, externalAccess)
template <ClassId type>
Guest<Value> get_instance(NativeCall& call) {
    auto algorithm = static_cast<std::uint8_t>(call.byte_at(0));
    auto hash = hash_of_algorithm(algorithm);
    bool resumes = type == kInitializedMessageDigest;
    if (!hash || (resumes && crypto::chaining_size(*hash) == 0)) {
        return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    }
    OTI_TRY(auto object, make_with_algorithm(call, type, kMessageDigest, kAlgorithmCell, algorithm));
    return Value::of_ref(object);
}

template <ClassId type>
Guest<Value> open(NativeCall& call) {
    auto algorithm = static_cast<std::uint8_t>(call.byte_at(0));
    auto hash = hash_of_algorithm(algorithm);
    bool resumes = type == kInitializedMessageDigestOneShot;
    if (!hash || (resumes && crypto::chaining_size(*hash) == 0)) {
        return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    }
    OTI_TRY(auto object, call.machine().one_shots().open(call.machine(), type));
    Cells(call.machine(), object, kMessageDigest).set(kAlgorithmCell, algorithm);
    return Value::of_ref(object);
}

Guest<Value> update(NativeCall& call) {
    OTI_CHECK(check_streams(call));
    OTI_TRY(auto hash, own_hash(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    own_state(call, hash).hasher.update(in.view());
    return Value{};
}

Guest<Value> do_final(NativeCall& call) {
    OTI_TRY(auto hash, own_hash(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto out, call.bytes_at(4, call.short_at(5), static_cast<int>(crypto::digest_size(hash))));
    auto& hasher = own_state(call, hash).hasher;
    hasher.update(in.view());
    auto digest = hasher.finish();
    call.machine().native_states().drop(call.self());
    OTI_CHECK(call.write(out, digest));
    return Value::of_short(static_cast<int>(digest.size()));
}

Guest<Value> get_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<std::int8_t>(call.cell(kMessageDigest, kAlgorithmCell)));
}

Guest<Value> get_length(NativeCall& call) {
    OTI_TRY(auto hash, own_hash(call));
    return Value::of_short(static_cast<int>(crypto::digest_size(hash)));
}

Guest<Value> reset(NativeCall& call) {
    OTI_CHECK(check_open(call));
    call.machine().native_states().drop(call.self());
    return Value{};
}

Guest<Value> set_initial_digest(NativeCall& call) {
    OTI_TRY(auto hash, own_hash(call));
    OTI_TRY(auto resumed, resumed_digest(call, hash));
    call.machine().native_states().put(call.self(), DigestState(std::move(resumed)));
    return Value{};
}

constexpr NativeMethod kDigest[] = {
    {kStatic, 0, "getInstance", "(BZ)Ljavacard/security/MessageDigest;", get_instance<kMessageDigest>},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kStatic, 2, "getInitializedMessageDigestInstance", "(BZ)Ljavacard/security/InitializedMessageDigest;",
     get_instance<kInitializedMessageDigest>},
    {kVirtual, 1, "doFinal", "([BSS[BS)S", do_final},
    {kVirtual, 2, "getAlgorithm", "()B", get_algorithm},
    {kVirtual, 3, "getLength", "()B", get_length},
    {kVirtual, 4, "reset", "()V", reset},
    {kVirtual, 5, "update", "([BSS)V", update},
};
constexpr NativeMethod kDigestOneShot[] = {
    {kStatic, 0, "open", "(B)Ljavacard/security/MessageDigest$OneShot;", open<kMessageDigestOneShot>},
    {kVirtual, 6, "close", "()V", close_one_shot},
};
constexpr NativeMethod kInitialized[] = {
    {kConstructor, 0, "<init>", "()V", construct_nothing},
    {kVirtual, 6, "setInitialDigest", "([BSS[BSS)V", set_initial_digest},
};
constexpr NativeMethod kInitializedOneShot[] = {
    {kStatic, 0, "open", "(B)Ljavacard/security/InitializedMessageDigest$OneShot;",
     open<kInitializedMessageDigestOneShot>},
    {kVirtual, 7, "close", "()V", close_one_shot},
};

}  // namespace

Guest<crypto::Hasher> resumed_digest(NativeCall& call, crypto::Hash hash) {
    OTI_TRY(auto state, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto length, call.bytes_at(4, call.short_at(5), call.short_at(6)));
    std::uint64_t digested = 0;
    for (auto byte : length.view()) {
        if (digested >> 56U != 0) return crypto_exception(CryptoReason::kIllegalValue);
        digested = digested << 8U | byte;
    }
    auto resumed = crypto::Hasher::resume(hash, state.view(), digested);
    if (!resumed || digested == 0) return crypto_exception(CryptoReason::kIllegalValue);
    return std::move(*resumed);
}

std::span<const NativeMethod> message_digest_methods() {
    return kDigest;
}
std::span<const NativeMethod> message_digest_one_shot_methods() {
    return kDigestOneShot;
}
std::span<const NativeMethod> initialized_message_digest_methods() {
    return kInitialized;
}
std::span<const NativeMethod> initialized_message_digest_one_shot_methods() {
    return kInitializedOneShot;
}

}  // namespace oti::javacard
