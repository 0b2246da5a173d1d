// SPDX-License-Identifier: Apache-2.0
// javacardx.crypto.AEADCipher: AES in GCM, which takes its data as it comes, and in CCM, which must know all
// lengths before.
#include <algorithm>

#include "crypto/aead.h"
#include "javacard/cipher_state.h"
#include "javacard/key_object.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using crypto::SecretBytes;

/// A message under way, and, after it, its tag.
struct AeadState : NativeState {
    enum class Phase : std::uint8_t { kAuthenticating, kMessage, kDone };
    Phase phase = Phase::kAuthenticating;
    Bytes tag = {};

    // GCM: where it decrypts, the tag is made by encrypting again.
    std::optional<crypto::Gcm> cipher = {};
    std::optional<crypto::Gcm> tagger = {};

    // CCM
    std::optional<crypto::BlockCipher> stream = {};
    Bytes nonce = {};
    std::size_t authenticated_size = 0;
    std::size_t message_size = 0;
    std::size_t tag_size = 0;
    Bytes authenticated = {};
    Bytes plain = {};
};
using Phase = AeadState::Phase;

constexpr std::size_t kDefaultGcmIv = 12;

bool is_tag_size(std::size_t size) {
    return size == 4 || size == 8 || (size >= 12 && size <= crypto::kAeadTag);  // NIST SP 800-38D, 5.2.1.2
}

bool is_ccm_tag_size(std::size_t size) {
    return size >= 4 && size <= crypto::kAeadTag && size % 2 == 0;  // RFC 3610, 2
}

Guest<void> start_gcm(NativeCall& call, const CipherObject& cipher, BytesView iv) {
    OTI_TRY(auto key, cipher.key(call.machine()));
    auto secret = key.secret(KeyPart::kSecret);
    AeadState state;
    auto direction = cipher.encrypts() ? crypto::Direction::kEncrypt : crypto::Direction::kDecrypt;
    auto made = crypto::Gcm::create(direction, secret, iv);
    if (!made) return crypto_exception(CryptoReason::kIllegalValue);
    state.cipher = std::move(*made);
    if (!cipher.encrypts()) {
        auto tagger = crypto::Gcm::create(crypto::Direction::kEncrypt, secret, iv);
        if (!tagger) return crypto_exception(CryptoReason::kIllegalValue);
        state.tagger = std::move(*tagger);
    }
    call.machine().native_states().put(call.self(), std::move(state));
    return {};
}

/// The message that is under way. GCM begins another one after the last, with an initial vector of zeros.
Guest<AeadState*> own_state(NativeCall& call, const CipherObject& cipher) {
    OTI_CHECK(cipher.key(call.machine()));
    auto& states = call.machine().native_states();
    auto* state = states.find<AeadState>(call.self());
    if (state != nullptr && state->phase != Phase::kDone) return state;
    if (cipher.kind() != CipherKind::kAesGcm) return crypto_exception(CryptoReason::kInvalidInit);
    OTI_CHECK(start_gcm(call, cipher, Bytes(kDefaultGcmIv)));
    return states.find<AeadState>(call.self());
}

/// (theKey, theMode)
Guest<Value> init(NativeCall& call) {
    if (CipherObject(call).kind() != CipherKind::kAesGcm) return crypto_exception(CryptoReason::kInvalidInit);
    OTI_CHECK(initialize_cipher(call));
    return Value{};
}

/// (theKey, theMode, bArray, bOff, bLen): the initial vector.
Guest<Value> init_with_vector(NativeCall& call) {
    if (CipherObject(call).kind() != CipherKind::kAesGcm) return crypto_exception(CryptoReason::kInvalidInit);
    OTI_TRY(auto range, call.bytes_at(3, call.short_at(4), call.short_at(5)));
    auto iv = to_bytes(range.view());
    if (iv.empty()) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(initialize_cipher(call));
    OTI_CHECK(start_gcm(call, CipherObject(call), iv));
    return Value{};
}

/// (theKey, theMode, nonceBuf, nonceOff, nonceLen, adataLen, messageLen, tagSize)
Guest<Value> init_with_lengths(NativeCall& call) {
    CipherObject cipher(call);
    if (cipher.kind() != CipherKind::kAesCcm) return crypto_exception(CryptoReason::kInvalidInit);
    OTI_TRY(auto nonce, call.bytes_at(3, call.short_at(4), call.short_at(5)));
    AeadState state;
    bool sound = call.short_at(6) >= 0 && call.short_at(7) >= 0 && call.short_at(8) >= 0;
    state.authenticated_size = static_cast<std::size_t>(call.short_at(6));
    state.message_size = static_cast<std::size_t>(call.short_at(7));
    state.tag_size = static_cast<std::size_t>(call.short_at(8));
    state.nonce = to_bytes(nonce.view());
    if (!sound || !is_ccm_tag_size(state.tag_size)) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(initialize_cipher(call));
    OTI_TRY(auto key, cipher.key(call.machine()));
    auto stream = crypto::ccm_stream(key.secret(KeyPart::kSecret), state.nonce);
    if (!stream) return crypto_exception(CryptoReason::kIllegalValue);
    state.stream = std::move(*stream);
    call.machine().native_states().put(call.self(), std::move(state));
    return Value{};
}

Guest<Value> update_aad(NativeCall& call) {
    CipherObject cipher(call);
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto* state, own_state(call, cipher));
    if (state->phase != Phase::kAuthenticating) return crypto_exception(CryptoReason::kIllegalUse);
    if (state->stream) {
        if (state->authenticated.size() + range.length > state->authenticated_size) {
            return crypto_exception(CryptoReason::kIllegalValue);
        }
        append(state->authenticated, range.view());
    } else {
        state->cipher->authenticate(range.view());
        if (state->tagger) state->tagger->authenticate(range.view());
    }
    return Value{};
}

Guest<Bytes> ccm_output(const CipherObject& cipher, const KeyObject& key, AeadState& state, BytesView part,
                        bool last) {
    auto size = state.plain.size() + part.size();
    if (state.authenticated.size() != state.authenticated_size || size > state.message_size ||
        (last && size != state.message_size)) {
        return crypto_exception(CryptoReason::kIllegalUse);
    }
    auto out = state.stream->update(part);
    append(state.plain, cipher.encrypts() ? part : BytesView(out));
    if (last) {
        auto tag = crypto::ccm_tag(key.secret(KeyPart::kSecret),
                                   {state.nonce, state.authenticated, state.plain, state.tag_size});
        if (!tag) return crypto_exception(CryptoReason::kIllegalUse);
        state.tag = std::move(*tag);
    }
    return out;
}

Bytes gcm_output(AeadState& state, BytesView part, bool last) {
    auto out = state.cipher->update(part);
    auto& tagger = state.tagger ? *state.tagger : *state.cipher;
    if (state.tagger) (void)tagger.update(out);
    if (last) {
        auto tag = tagger.tag();
        state.tag.assign(tag.begin(), tag.end());
    }
    return out;
}

/// (inBuff, inOffset, inLength, outBuff, outOffset): as much comes out as goes in.
template <bool last>
Guest<Value> process(NativeCall& call) {
    CipherObject cipher(call);
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto out, call.bytes_at(4, call.short_at(5), call.short_at(3)));
    OTI_TRY(auto key, cipher.key(call.machine()));
    OTI_TRY(auto* state, own_state(call, cipher));
    Bytes result;
    if (state->stream) {
        OTI_TRY(result, ccm_output(cipher, key, *state, in.view(), last));
    } else {
        result = gcm_output(*state, in.view(), last);
    }
    state->phase = last ? Phase::kDone : Phase::kMessage;
    if (last) state->plain.clear();
    OTI_CHECK(call.write(out, result));
    return Value::of_short(static_cast<int>(result.size()));
}

/// The tag of the message that has ended: ILLEGAL_USE while there is none, or the mode is the other one.
Guest<const AeadState*> finished(NativeCall& call, bool encrypts) {
    CipherObject cipher(call);
    const auto* state = call.machine().native_states().find<AeadState>(call.self());
    if (state == nullptr || state->phase != Phase::kDone || cipher.encrypts() != encrypts) {
        return crypto_exception(CryptoReason::kIllegalUse);
    }
    return state;
}

Guest<void> check_tag_size(const AeadState& state, int size) {
    bool fits = size >= 0 && (state.stream ? static_cast<std::size_t>(size) == state.tag_size
                                           : is_tag_size(static_cast<std::size_t>(size)));
    if (!fits) return crypto_exception(CryptoReason::kIllegalValue);
    return {};
}

/// (tagBuf, tagOff, tagLen)
Guest<Value> retrieve_tag(NativeCall& call) {
    OTI_TRY(const auto* state, finished(call, true));
    OTI_CHECK(check_tag_size(*state, call.short_at(3)));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.write(range, BytesView(state->tag).first(range.length)));
    return Value::of_short(static_cast<int>(range.length));
}

/// (receivedTagBuf, receivedTagOff, receivedTagLen, requiredTagLen)
Guest<Value> verify_tag(NativeCall& call) {
    OTI_TRY(const auto* state, finished(call, false));
    OTI_CHECK(check_tag_size(*state, call.short_at(4)));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    auto required = static_cast<std::size_t>(call.short_at(4));
    if (range.length < required) return Value::of_bool(false);
    return Value::of_bool(
        crypto::equal_in_constant_time(range.view().first(required), BytesView(state->tag).first(required)));
}

constexpr NativeMethod kMethods[] = {
    {kConstructor, 0, "<init>", "()V", construct_nothing},
    {kVirtual, 1, "doFinal", "([BSS[BS)S", process<true>},
    {kVirtual, 3, "init", "(Ljavacard/security/Key;B)V", init},
    {kVirtual, 4, "init", "(Ljavacard/security/Key;B[BSS)V", init_with_vector},
    {kVirtual, 5, "update", "([BSS[BS)S", process<false>},
    {kVirtual, 8, "init", "(Ljavacard/security/Key;B[BSSSSS)V", init_with_lengths},
    {kVirtual, 9, "updateAAD", "([BSS)V", update_aad},
    {kVirtual, 10, "retrieveTag", "([BSS)S", retrieve_tag},
    {kVirtual, 11, "verifyTag", "([BSSS)Z", verify_tag},
};

}  // namespace

std::span<const NativeMethod> aead_cipher_methods() {
    return kMethods;
}

}  // namespace oti::javacard
