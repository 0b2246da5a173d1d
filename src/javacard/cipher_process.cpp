// SPDX-License-Identifier: Apache-2.0
// How data goes through a Cipher: block ciphers with their padding, and RSA. (AEADCipher: crypto_aead.cpp.)
#include "javacard/cipher_state.h"
#include "javacard/hash_algorithms.h"
#include "javacard/key_numbers.h"

namespace oti::javacard {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

/// A block cipher under way. What decrypts to the last block is held back, as it may be padding.
struct BlockState : NativeState {
    explicit BlockState(crypto::BlockCipher started) : cipher(std::move(started)) {}
    crypto::BlockCipher cipher;
    Bytes held = {};
    bool is_empty = true;
};

/// RSA takes its message at the end.
struct RsaState : NativeState {
    Bytes message;
};

crypto::BlockAlgorithm block_algorithm(CipherKind kind) {
    bool is_des = kind == CipherKind::kDesCbc || kind == CipherKind::kDesEcb;
    return is_des ? crypto::BlockAlgorithm::kDes : crypto::BlockAlgorithm::kAes;
}

crypto::CipherMode cipher_mode(CipherKind kind) {
    if (kind == CipherKind::kAesCtr) return crypto::CipherMode::kCtr;
    bool is_ecb = kind == CipherKind::kAesEcb || kind == CipherKind::kDesEcb;
    return is_ecb ? crypto::CipherMode::kEcb : crypto::CipherMode::kCbc;
}

bool fits(const CipherObject& cipher, KeyFamily family, bool encrypts) {
    switch (cipher.kind()) {
        case CipherKind::kNone:
            return false;
        case CipherKind::kDesCbc:
        case CipherKind::kDesEcb:
            return family == KeyFamily::kDes;
        case CipherKind::kRsa: {
            // OAEP is for public keys to encrypt and for private ones to decrypt.
            bool is_simple = cipher.padding() == Padding::kPkcs1 || cipher.padding() == Padding::kNone;
            return is_rsa(family) && (is_simple || is_rsa_private(family) != encrypts);
        }
        default:
            return family == KeyFamily::kAes;
    }
}

Guest<BlockState*> block_state(NativeCall& call, const CipherObject& cipher, const KeyObject& key, Ref object,
                               BytesView iv) {
    auto& states = call.machine().native_states();
    if (auto* state = states.find<BlockState>(object); state != nullptr && iv.empty()) return state;
    auto mode = cipher_mode(cipher.kind());
    Bytes zero(mode == crypto::CipherMode::kEcb ? 0 : block_size_of(cipher.kind()));
    auto made = crypto::BlockCipher::create(
        block_algorithm(cipher.kind()), mode,
        cipher.encrypts() ? crypto::Direction::kEncrypt : crypto::Direction::kDecrypt,
        key.secret(KeyPart::kSecret), iv.empty() ? BytesView(zero) : iv);
    if (!made) return crypto_exception(CryptoReason::kInvalidInit);
    return &states.put(object, BlockState(std::move(*made)));
}

Guest<SecretBytes> block_output(const CipherObject& cipher, BlockState& state, BytesView part, bool last) {
    auto block = block_size_of(cipher.kind());
    auto padding = cipher.padding();
    bool is_stream = cipher.kind() == CipherKind::kAesCtr;
    state.is_empty = state.is_empty && part.empty();
    auto out = concat(std::exchange(state.held, {}), state.cipher.update(part));
    if (is_stream) return SecretBytes::take(std::move(out));
    if (cipher.encrypts()) {
        if (!last) return SecretBytes::take(std::move(out));
        append(out,
               state.cipher.update(padding_after(padding, state.cipher.waiting(), block, state.is_empty)));
        bool is_complete = state.cipher.waiting() == 0 && (padding != Padding::kNone || !state.is_empty);
        if (!is_complete) return crypto_exception(CryptoReason::kIllegalUse);
        return SecretBytes::take(std::move(out));
    }
    bool is_padded = padding == Padding::kIso9797Method2 || padding == Padding::kPkcs5;
    if (!last) {
        if (is_padded && out.size() >= block) {
            state.held.assign(out.end() - static_cast<std::ptrdiff_t>(block), out.end());
            out.resize(out.size() - block);
        }
        return SecretBytes::take(std::move(out));
    }
    auto size = unpadded_size(padding, out, block);
    if (state.cipher.waiting() != 0 || state.is_empty || !size) {
        return crypto_exception(CryptoReason::kIllegalUse);
    }
    out.resize(*size);
    return SecretBytes::take(std::move(out));
}

std::optional<crypto::Hash> oaep_hash(Padding padding) {
    using enum crypto::Hash;
    constexpr crypto::Hash kHashes[] = {kSha224,   kSha256,   kSha384,   kSha512,
                                        kSha3_224, kSha3_256, kSha3_384, kSha3_512};
    if (padding == Padding::kPkcs1Oaep) return kSha1;
    if (padding < Padding::kOaepSha224 || padding > Padding::kOaepLast) return std::nullopt;
    return kHashes[static_cast<std::size_t>(padding) - static_cast<std::size_t>(Padding::kOaepSha224)];
}

Guest<SecretBytes> rsa_output(NativeCall& call, const CipherObject& cipher, const KeyObject& key,
                              const SecretBytes& message) {
    OTI_TRY(auto rsa, rsa_number(call, key));
    auto hash = oaep_hash(cipher.padding());
    bool is_plain = cipher.padding() == Padding::kNone;
    // Whoever encrypts with a private key makes the block of a signature.
    bool is_signature = is_rsa_private(key.family()) == cipher.encrypts();
    auto type = is_signature ? crypto::Pkcs1Block::kSignature : crypto::Pkcs1Block::kEncryption;
    auto or_illegal_use = [](Result<SecretBytes> result) -> Guest<SecretBytes> {
        if (!result) return crypto_exception(CryptoReason::kIllegalUse);
        return std::move(*result);
    };
    auto input = message.view(SecretAccess::granted());
    if (!cipher.encrypts() || is_plain) {
        if (input.size() != rsa.size()) return crypto_exception(CryptoReason::kIllegalUse);
        OTI_TRY(auto raised, or_illegal_use(rsa.raise(input)));
        if (is_plain) return raised;
        return or_illegal_use(hash ? crypto::oaep_unpadded(*hash, raised)
                                   : crypto::pkcs1_unpadded(type, raised));
    }
    OTI_TRY(auto block, or_illegal_use(hash ? crypto::oaep_padded(*hash, input, rsa.size())
                                            : crypto::pkcs1_padded(type, input, rsa.size())));
    return or_illegal_use(rsa.raise(block.view(SecretAccess::granted())));
}

}  // namespace

std::size_t block_size_of(CipherKind kind) {
    return crypto::block_size(block_algorithm(kind));
}

CipherObject::CipherObject(NativeCall& call, Ref object)
    : InitializedObject(call, object, crypto_class::kCipher) {}

Guest<void> initialize_cipher(NativeCall& call) {
    OTI_CHECK(check_open(call));
    OTI_TRY(auto key, KeyObject::argument(call, 1));
    CipherObject cipher(call);
    auto mode = static_cast<std::uint8_t>(call.byte_at(2));
    bool is_mode = mode == kModeEncrypt || mode == kModeDecrypt;
    if (!is_mode || !fits(cipher, key.family(), mode == kModeEncrypt)) {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    if (!key.is_initialized()) return crypto_exception(CryptoReason::kUninitializedKey);
    OTI_CHECK(check_rsa(key));
    call.machine().native_states().drop(call.self());
    cipher.initialize(key.ref(), mode);
    return {};
}

Guest<void> start_cipher(NativeCall& call, BytesView iv) {
    CipherObject cipher(call);
    OTI_TRY(auto key, cipher.key(call.machine()));
    OTI_CHECK(block_state(call, cipher, key, call.self(), iv));
    return {};
}

Guest<SecretBytes> cipher_output(NativeCall& call, BytesView part, bool last) {
    return cipher_output(call, call.self(), part, last);
}

Guest<SecretBytes> cipher_output(NativeCall& call, Ref object, BytesView part, bool last) {
    CipherObject cipher(call, object);
    OTI_TRY(auto key, cipher.key(call.machine()));
    bool is_usable = fits(cipher, key.family(), cipher.encrypts()) && !is_aead(cipher.kind());
    if (!is_usable) return crypto_exception(CryptoReason::kInvalidInit);
    auto& states = call.machine().native_states();
    if (cipher.kind() == CipherKind::kRsa) {
        auto* state = states.find<RsaState>(object);
        if (state == nullptr) state = &states.put(object, RsaState{});
        if (part.size() + state->message.size() > key.size()) {
            states.drop(object);
            return crypto_exception(CryptoReason::kIllegalUse);
        }
        append(state->message, part);
        if (!last) return SecretBytes{};
        auto message = SecretBytes::take(std::move(state->message));
        states.drop(object);
        return rsa_output(call, cipher, key, message);
    }
    OTI_TRY(auto* state, block_state(call, cipher, key, object, {}));
    auto output = block_output(cipher, *state, part, last);
    // Afterwards it is as init left it, but for the initial vector, which is zero.
    if (last || !output) states.drop(object);
    return output;
}

Guest<Bytes> decrypt_key_data(NativeCall& call, Ref object, BytesView data) {
    CipherObject cipher(call, object);
    OTI_TRY(auto plain, cipher_output(call, object, data, true));
    return to_bytes(plain.view(SecretAccess::granted()));
}

}  // namespace oti::javacard
