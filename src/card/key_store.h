// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "card/nvm.h"
#include "iso7816/aid.h"
#include "scp/key_set.h"

namespace oti::card {

/// The place of a key in a security domain: Key Version Number and Key Identifier (GPCS 2.3.1, 7.5.1).
struct KeyPlace {
    std::uint8_t version = 0;
    std::uint8_t id = 0;
    auto operator<=>(const KeyPlace&) const = default;
};

/// Types of key components (GPCS 2.3.1, table 11-16).
enum class KeyType : std::uint8_t {
    kTripleDes = 0x80,  ///< implicitly used with CBC
    kTripleDesCbc = 0x82,
    kDesEcb = 0x83,
    kDesCbc = 0x84,
    kPskTls = 0x85,
    kAes = 0x88,
    kHmacSha1 = 0x90,
    kRsaExponent = 0xA0,  ///< of a public key, in clear
    kRsaModulus = 0xA1,   ///< in clear
    kRsaPrivateModulus = 0xA2,
    kRsaPrivateExponent = 0xA3,
    kRsaCrtP = 0xA4,
    kRsaCrtQ = 0xA5,
    kRsaCrtPQ = 0xA6,
    kRsaCrtDp1 = 0xA7,
    kRsaCrtDq1 = 0xA8,
    kEcPublic = 0xB0,     ///< a point, uncompressed, in clear
    kEcPrivate = 0xB1,    ///< S of the private key
    kEcParameters = 0xF0  ///< reference of the curve (table B-2), 1 byte
};

struct KeyComponent {
    KeyType type = KeyType::kAes;
    crypto::SecretBytes value;
};

/// A key of a security domain: one component if it is symmetric, several if not.
struct StoredKey {
    KeyPlace place;
    std::vector<KeyComponent> components;

    const KeyComponent* component(KeyType type) const;
};

/// The three keys of a symmetric secure channel with the counter of their sessions (Amendment D, 6.2.2.1).
struct StoredKeySet {
    std::uint8_t version = 0;
    KeyType type = KeyType::kAes;  ///< of all three
    scp::KeySet keys;
    std::uint32_t sequence_counter = 0;
};

/// Greatest value of a sequence counter of 3 bytes; beyond it the key set cannot be used any more.
inline constexpr std::uint32_t kMaxSequenceCounter = 0xFFFFFF;

inline constexpr std::uint8_t kMaxKeyVersion = 0x7F;
inline constexpr std::uint8_t kMaxKeyId = 0x7F;
/// Identifiers of the keys of a symmetric secure channel: Key-ENC, Key-MAC, Key-DEK.
inline constexpr std::uint8_t kKeyEnc = 0x01, kKeyMac = 0x02, kKeyDek = 0x03;
/// Keys of one domain: so many that GET DATA [key information] can give them in one protected response.
inline constexpr std::size_t kMaxKeys = 36;

/// The keys of all security domains.
class KeyStore {
  public:
    explicit KeyStore(Nvm& nvm) : nvm_(&nvm) {}

    /// In the order of versions, then identifiers.
    std::vector<KeyPlace> places(const iso7816::Aid& domain) const;
    /// Each once, ascending.
    std::vector<std::uint8_t> versions(const iso7816::Aid& domain) const;
    bool contains(const iso7816::Aid& domain, KeyPlace place) const;
    std::optional<StoredKey> find(const iso7816::Aid& domain, KeyPlace place) const;
    void put(const iso7816::Aid& domain, const StoredKey& key);
    void erase(const iso7816::Aid& domain, KeyPlace place);
    void erase_all(const iso7816::Aid& domain);

    /// Keys 01, 02 and 03 of a version, if they are symmetric and of one type and length. `version` 0: the
    /// domain's first such set.
    std::optional<StoredKeySet> find_set(const iso7816::Aid& domain, std::uint8_t version) const;
    /// A new or wholly replaced set of AES keys: its counter is zero.
    void put_set(const iso7816::Aid& domain, std::uint8_t version, const scp::KeySet& keys);

    /// Zero if nothing was set since the version came.
    std::uint32_t sequence_counter(const iso7816::Aid& domain, std::uint8_t version) const;
    void set_sequence_counter(const iso7816::Aid& domain, std::uint8_t version, std::uint32_t counter);

  private:
    Nvm* nvm_;
};

}  // namespace oti::card
