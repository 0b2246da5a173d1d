// SPDX-License-Identifier: Apache-2.0
// What a Signature object works with.
#pragma once

#include <optional>

#include "crypto/aes.h"
#include "crypto/block_cipher.h"
#include "crypto/hasher.h"
#include "crypto/hmac.h"
#include "javacard/security_state.h"
#include "javacard/signature_algorithms.h"

namespace oti::javacard {

inline constexpr std::uint8_t kModeSign = 1, kModeVerify = 2;

struct SignatureObject : InitializedObject {
    explicit SignatureObject(NativeCall& call)
        : InitializedObject(call, call.self(), security_class::kSignature) {}

    SignatureAlgorithm what() const {
        auto packed = cells.get(kComposition);
        return {algorithm(), static_cast<std::uint8_t>(packed >> 12U),
                static_cast<SignatureCipher>((packed >> 8U) & 0x0FU), static_cast<Padding>(packed & 0xFFU)};
    }
    static std::uint16_t pack(const SignatureAlgorithm& what) {
        return static_cast<std::uint16_t>(what.digest << 12U | static_cast<unsigned>(what.cipher) << 8U |
                                          static_cast<unsigned>(what.padding));
    }
    bool is_rsa() const { return what().cipher == SignatureCipher::kRsa; }
    bool recovers() const { return what().padding == Padding::kIso9796Recovery; }
};

/// A message under way: one of the engines.
struct SignatureState : NativeState {
    std::optional<crypto::Hasher> hasher = {};
    std::optional<crypto::Hmac> hmac = {};
    std::optional<crypto::Cmac> cmac = {};
    std::optional<crypto::BlockCipher> cbc = {};
    Bytes last_block = {};
    bool is_empty = true;
    Bytes beginning = {};                ///< of the message, for ISO 9796-2, which puts it into the block
    std::optional<Bytes> expected = {};  ///< the digest that beginVerify has found in the signature
};

/// Takes key and mode from the arguments 1 and 2 of `init`: ILLEGAL_VALUE, UNINITIALIZED_KEY.
Guest<void> initialize_signature(NativeCall& call);
/// The message under way; with `iv`, a new one. INVALID_INIT, UNINITIALIZED_KEY.
Guest<SignatureState*> signature_state(NativeCall& call, BytesView iv = {});
void absorb(NativeCall& call, SignatureState& state, BytesView part);
/// What ends a message: a MAC, or the digest of what is signed. ILLEGAL_USE for one that is not of whole
/// blocks.
Guest<Bytes> finish_message(NativeCall& call, SignatureState& state);

/// INVALID_INIT unless it is initialized for this mode.
Guest<void> check_mode(NativeCall& call, std::uint8_t mode);
/// Methods of SignatureMessageRecovery are for objects that recover, the others are not: ILLEGAL_USE.
Guest<void> check_recovery(NativeCall& call, bool recovers);
/// The end of what is signed or verified, after which the object is as init left it.
struct SignedMessage {
    Bytes digest;
    Bytes beginning;
};
Guest<SignedMessage> finish_signed(NativeCall& call, BytesView last);

/// The signature of a MAC or digest.
Guest<Bytes> make_signature(NativeCall& call, BytesView digest, BytesView beginning);
Guest<bool> is_signature(NativeCall& call, BytesView digest, BytesView beginning, BytesView signature);

/// ISO/IEC 9796-2:1997 (scheme 1): the block for a digest and the beginning of its message, in which as much
/// of the message is as there is room. ILLEGAL_USE where the key is too short.
Guest<Bytes> iso9796_block(std::size_t size, BytesView digest, BytesView beginning);
/// Bytes of the message that find room in the block.
std::size_t iso9796_capacity(std::size_t size, std::size_t digest);
struct Iso9796Content {
    Bytes message;
    Bytes digest;
};
/// What such a block holds; nothing, if it is none.
std::optional<Iso9796Content> iso9796_content(BytesView block, std::size_t digest);

}  // namespace oti::javacard
