// SPDX-License-Identifier: Apache-2.0
// What a Cipher object works with.
#pragma once

#include <optional>

#include "crypto/block_cipher.h"
#include "javacard/padding.h"
#include "javacard/security_state.h"

namespace oti::javacard {

/// Values as the CIPHER_ constants; counter mode has one from version 3.1 on.
enum class CipherKind : std::int8_t {
    kNone = 0,
    kAesCbc = 1,
    kAesEcb = 2,
    kDesCbc = 3,
    kDesEcb = 4,
    kRsa = 7,
    kAesCtr = -16,
    kAesGcm = -15,
    kAesCcm = -14,
};

inline bool is_aead(CipherKind kind) {
    return kind == CipherKind::kAesGcm || kind == CipherKind::kAesCcm;
}
inline bool has_initial_vector(CipherKind kind) {
    return kind == CipherKind::kAesCbc || kind == CipherKind::kDesCbc || kind == CipherKind::kAesCtr;
}
/// 16, of DES 8.
std::size_t block_size_of(CipherKind kind);

inline constexpr std::uint8_t kModeDecrypt = 1, kModeEncrypt = 2;

struct CipherObject : InitializedObject {
    explicit CipherObject(NativeCall& call) : CipherObject(call, call.self()) {}
    CipherObject(NativeCall& call, Ref object);
    CipherKind kind() const { return static_cast<CipherKind>(cells.get(kComposition) >> 8U); }
    Padding padding() const { return static_cast<Padding>(cells.get(kComposition) & 0xFFU); }
    bool encrypts() const { return mode() == kModeEncrypt; }
};

/// Takes key and mode from the arguments 1 and 2 of `init`: ILLEGAL_VALUE, UNINITIALIZED_KEY.
Guest<void> initialize_cipher(NativeCall& call);
/// Begins a message with this initial vector.
Guest<void> start_cipher(NativeCall& call, BytesView iv);
/// What update or, for the last part, doFinal put out.
Guest<crypto::SecretBytes> cipher_output(NativeCall& call, BytesView part, bool last);
/// The same for any Cipher object that getInstance has made.
Guest<crypto::SecretBytes> cipher_output(NativeCall& call, Ref cipher, BytesView part, bool last);

}  // namespace oti::javacard
