// SPDX-License-Identifier: Apache-2.0
// Signatures of card content management with the keys of a domain (GPCS 2.3.1, C.1 and tables C-1, C-2).
#pragma once

#include <optional>

#include "card/key_store.h"
#include "card/profile.h"
#include "crypto/public_key.h"

namespace oti::card {

/// Places of the keys (KID 01 of versions kept for them).
inline constexpr KeyPlace kTokenKey{0x70, 0x01}, kReceiptKey{0x71, 0x01}, kDapKey{0x73, 0x01},
    kLoadFileKey{0x75, 0x01};
/// Where UICCs have the DAP key (TS 102 226, 8.2.1.4).
inline constexpr KeyPlace kUiccDapKey{0x11, 0x01};

/// How keys sign, by their type and length, and by the version of the specification that a card follows.
class SignatureRules {
  public:
    explicit SignatureRules(const Profile& profile) : only_pkcs1_(profile.gp_version == "2.2.1") {}

    /// Whether it is the signature that a key of this sort makes over the message: RSA or EC public key,
    /// AES-CMAC of 16 bytes, or single DES plus final triple DES MAC of 8. False for keys that sign nothing.
    bool verify(const StoredKey& key, BytesView message, BytesView signature) const;
    /// With an AES, a triple DES (16 bytes) or an EC private key. Nothing for others.
    std::optional<Bytes> sign(const StoredKey& key, BytesView message) const;
    /// The shortest hash of a load file that a signature with this key may cover, in bytes (table C-3; of AES
    /// keys: Amendment D, 8.1).
    std::size_t least_hash_size(const StoredKey& key) const;

  private:
    crypto::SignatureAlgorithm algorithm_of(const crypto::PublicKey& key) const;

    /// RSA keys of all lengths sign by PKCS #1 version 1.5 with SHA-1 (GPCS 2.2.1, B.3).
    bool only_pkcs1_;
};

/// The shortest hash of a load file that is ciphered with this key (table C-3), in bytes.
std::size_t least_hash_size_if_ciphered(const StoredKey& key);

/// The load file data block behind a ciphered one (C.6): CBC with an AES or a triple DES key, padding taken
/// off. Nothing if anything of it is wrong; `icv` empty is zeros.
std::optional<Bytes> decrypt_load_file(const StoredKey& key, BytesView icv, BytesView ciphered);

}  // namespace oti::card
