// SPDX-License-Identifier: Apache-2.0
// How a message becomes a MAC, or a digest and then a signature.
#include "crypto/triple_des.h"
#include "javacard/hash_algorithms.h"
#include "javacard/key_numbers.h"
#include "javacard/signature_state.h"

namespace oti::javacard {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;
using enum SignatureCipher;

bool is_des(SignatureCipher cipher) {
    return cipher == kDesMac4 || cipher == kDesMac8;
}

bool is_algorithm3(Padding padding) {
    return padding == Padding::kIso9797Method1Algorithm3 || padding == Padding::kIso9797Method2Algorithm3;
}

bool is_ecdsa(SignatureCipher cipher) {
    return cipher == kEcdsa || cipher == kEcdsaPlain;
}

std::size_t block_of(SignatureCipher cipher) {
    return is_des(cipher) ? crypto::kDesBlock : crypto::kAesBlock;
}

bool fits(const SignatureAlgorithm& what, const KeyObject& key, std::uint8_t mode) {
    bool signs = mode == kModeSign;
    switch (what.cipher) {
        case kDesMac4:
        case kDesMac8:
            return key.family() == KeyFamily::kDes && (!is_algorithm3(what.padding) || key.bits() > 64);
        case kAesMac128:
        case kAesCmac128:
            return key.family() == KeyFamily::kAes;
        case kHmac:
            return key.family() == KeyFamily::kHmac;
        case kRsa:
            return signs ? is_rsa_private(key.family()) : key.family() == KeyFamily::kRsaPublic;
        case kEcdsa:
        case kEcdsaPlain:
            return key.family() == (signs ? KeyFamily::kEcPrivate : KeyFamily::kEcPublic);
        case kAbsent:
            break;
    }
    return false;
}

/// Bytes `begin` to `begin` + 8 of a DES key, as a key.
crypto::TripleDes single_des(const SecretBytes& key, std::size_t begin) {
    auto part = SecretBytes::copy_of(key.view(SecretAccess::granted()).subspan(begin, crypto::kDesBlock));
    return crypto::TripleDes::create(part).value();
}

crypto::BlockCipher cbc(const SignatureAlgorithm& what, const KeyObject& key, BytesView iv) {
    auto secret = key.secret(KeyPart::kSecret);
    if (is_algorithm3(what.padding)) {
        secret = SecretBytes::copy_of(secret.view(SecretAccess::granted()).first(crypto::kDesBlock));
    }
    Bytes zero(block_of(what.cipher));
    auto algorithm = is_des(what.cipher) ? crypto::BlockAlgorithm::kDes : crypto::BlockAlgorithm::kAes;
    return crypto::BlockCipher::create(algorithm, crypto::CipherMode::kCbc, crypto::Direction::kEncrypt,
                                       secret, iv.empty() ? BytesView(zero) : iv)
        .value();
}

/// ISO/IEC 9797-1, algorithm 3, output transformation 3: decrypted with the second part of the key, encrypted
/// with the first. Cards leave the third part of a longer key alone.
Bytes transform(const SecretBytes& key, BytesView block) {
    Bytes out(block.size());
    single_des(key, crypto::kDesBlock).ecb_decrypt(block, out);
    single_des(key, 0).ecb_encrypt(out, out);
    return out;
}

Guest<Bytes> rsa_block(const SignatureAlgorithm& what, const crypto::RsaNumber& key, BytesView digest,
                       BytesView beginning) {
    auto hash = *hash_of_algorithm(what.digest);
    switch (what.padding) {
        case Padding::kIso9796:
        case Padding::kIso9796Recovery:
            return iso9796_block(key.size(), digest, beginning);
        case Padding::kPkcs1Pss: {
            auto encoded = crypto::pss_encoded(hash, digest, key);
            if (!encoded) return crypto_exception(CryptoReason::kIllegalUse);
            return std::move(*encoded);
        }
        default: {
            // RFC 2409, 5.1: what is signed there has no algorithm identifier.
            auto prefix = what.padding == Padding::kRfc2409 ? Bytes{} : crypto::digest_info_prefix(hash);
            auto padded =
                crypto::pkcs1_padded(crypto::Pkcs1Block::kSignature, concat(prefix, digest), key.size());
            if (!padded) return crypto_exception(CryptoReason::kIllegalUse);
            return to_bytes(padded->view(SecretAccess::granted()));
        }
    }
}

}  // namespace

Guest<void> initialize_signature(NativeCall& call) {
    OTI_CHECK(check_open(call));
    OTI_TRY(auto key, KeyObject::argument(call, 1));
    SignatureObject signature(call);
    auto mode = static_cast<std::uint8_t>(call.byte_at(2));
    bool is_mode = mode == kModeSign || mode == kModeVerify;
    if (!is_mode || !fits(signature.what(), key, mode)) return crypto_exception(CryptoReason::kIllegalValue);
    if (!key.is_initialized()) return crypto_exception(CryptoReason::kUninitializedKey);
    OTI_CHECK(check_rsa(key));
    call.machine().native_states().drop(call.self());
    signature.initialize(key.ref(), mode);
    return {};
}

Guest<SignatureState*> signature_state(NativeCall& call, BytesView iv) {
    SignatureObject signature(call);
    OTI_TRY(auto key, signature.key(call.machine()));
    auto what = signature.what();
    if (!fits(what, key, signature.mode())) return crypto_exception(CryptoReason::kInvalidInit);
    auto& states = call.machine().native_states();
    auto* found = states.find<SignatureState>(call.self());
    if (found != nullptr && iv.empty()) return found;
    SignatureState state;
    switch (what.cipher) {
        case kHmac:
            state.hmac.emplace(*hash_of_algorithm(what.digest), key.secret(KeyPart::kSecret));
            break;
        case kAesCmac128:
            state.cmac = crypto::Cmac::create(key.secret(KeyPart::kSecret)).value();
            break;
        case kDesMac4:
        case kDesMac8:
        case kAesMac128:
            state.cbc = cbc(what, key, iv);
            break;
        default:
            state.hasher.emplace(*hash_of_algorithm(what.digest));
    }
    return &states.put(call.self(), std::move(state));
}

void absorb(NativeCall& call, SignatureState& state, BytesView part) {
    if (part.empty()) return;
    state.is_empty = false;
    if (state.hasher) state.hasher->update(part);
    if (state.hmac) state.hmac->update(part);
    if (state.cmac) state.cmac->update(part);
    if (state.cbc) {
        auto out = state.cbc->update(part);
        auto block = block_of(SignatureObject(call).what().cipher);
        if (out.size() >= block) state.last_block = to_bytes(BytesView(out).last(block));
    }
    auto padding = SignatureObject(call).what().padding;
    if (padding == Padding::kIso9796 || padding == Padding::kIso9796Recovery) {
        // One byte more than any block can hold tells that the message goes on.
        constexpr std::size_t kMost = 4096 / 8;
        append(state.beginning, part.first(std::min(part.size(), kMost - state.beginning.size())));
    }
}

Guest<Bytes> finish_message(NativeCall& call, SignatureState& state) {
    SignatureObject signature(call);
    auto what = signature.what();
    if (state.hasher) return state.hasher->finish();
    if (state.hmac) return state.hmac->finish();
    if (state.cmac) {
        auto mac = state.cmac->finish();
        return Bytes(mac.begin(), mac.end());
    }
    bool is_empty = state.is_empty;
    absorb(call, state, padding_after(what.padding, state.cbc->waiting(), block_of(what.cipher), is_empty));
    bool is_complete = state.cbc->waiting() == 0 && !state.last_block.empty();
    if (!is_complete) return crypto_exception(CryptoReason::kIllegalUse);
    auto mac = std::move(state.last_block);
    OTI_TRY(auto key, signature.key(call.machine()));
    if (is_algorithm3(what.padding)) mac = transform(key.secret(KeyPart::kSecret), mac);
    if (what.cipher == kDesMac4) mac.resize(4);
    return mac;
}

Guest<Bytes> make_signature(NativeCall& call, BytesView digest, BytesView beginning) {
    SignatureObject signature(call);
    auto what = signature.what();
    OTI_TRY(auto key, signature.key(call.machine()));
    if (signature.is_rsa()) {
        OTI_TRY(auto number, rsa_number(call, key));
        OTI_TRY(auto block, rsa_block(what, number, digest, beginning));
        auto raised = number.raise(block);
        if (!raised) return crypto_exception(CryptoReason::kIllegalUse);
        return to_bytes(raised->view(SecretAccess::granted()));
    }
    if (!is_ecdsa(what.cipher)) return to_bytes(digest);
    OTI_TRY(auto domain, ec_domain(call, key));
    auto der = domain.sign(key.secret(KeyPart::kPrivate), digest);
    if (!der) return crypto_exception(CryptoReason::kIllegalUse);
    return what.cipher == kEcdsaPlain ? domain.plain_signature(*der) : std::move(*der);
}

Guest<bool> is_signature(NativeCall& call, BytesView digest, BytesView beginning, BytesView presented) {
    SignatureObject signature(call);
    auto what = signature.what();
    OTI_TRY(auto key, signature.key(call.machine()));
    if (signature.is_rsa()) {
        OTI_TRY(auto number, rsa_number(call, key));
        if (presented.size() != number.size()) return false;
        auto raised = number.raise(presented);
        if (!raised) return false;
        auto block = raised->view(SecretAccess::granted());
        if (what.padding == Padding::kPkcs1Pss) {
            return crypto::pss_fits(*hash_of_algorithm(what.digest), digest, block, number);
        }
        OTI_TRY(auto expected, rsa_block(what, number, digest, beginning));
        return same(expected, block);
    }
    if (!is_ecdsa(what.cipher)) return crypto::equal_in_constant_time(digest, presented);
    OTI_TRY(auto domain, ec_domain(call, key));
    auto der = what.cipher == kEcdsaPlain ? domain.der_signature(presented) : to_bytes(presented);
    return domain.verify(key.get(KeyPart::kPublic), digest, der);
}

Guest<void> check_mode(NativeCall& call, std::uint8_t mode) {
    OTI_CHECK(check_open(call));
    SignatureObject signature(call);
    OTI_CHECK(signature.key(call.machine()));
    if (signature.mode() != mode) return crypto_exception(CryptoReason::kInvalidInit);
    return {};
}

Guest<void> check_recovery(NativeCall& call, bool recovers) {
    if (SignatureObject(call).recovers() != recovers) return crypto_exception(CryptoReason::kIllegalUse);
    return {};
}

Guest<SignedMessage> finish_signed(NativeCall& call, BytesView last) {
    OTI_TRY(auto* state, signature_state(call));
    absorb(call, *state, last);
    auto digest = finish_message(call, *state);
    SignedMessage message{{}, std::move(state->beginning)};
    call.machine().native_states().drop(call.self());
    OTI_TRY(message.digest, std::move(digest));
    return message;
}

}  // namespace oti::javacard
