// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "card/nvm.h"
#include "crypto/curve.h"
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
    kTripleDes = 0x80,     ///< mode implicitly known
    kTripleDesCbc = 0x82,  ///< of GPCS 2.2.1 and before
    kPskTls = 0x85,        ///< pre-shared key of TLS (Amendment B, 3.1), of any length
    kAes = 0x88,
    kRsaExponent = 0xA0,  ///< of a public key, in clear
    kRsaModulus = 0xA1,   ///< in clear
    kEcPublic = 0xB0,     ///< a point, uncompressed, in clear
    kEcPrivate = 0xB1,    ///< the secret number
    kEcFieldP = 0xB2,     ///< what a curve consists of, as it comes with a key and is not stored
    kEcFieldA = 0xB3,
    kEcFieldB = 0xB4,
    kEcGenerator = 0xB5,
    kEcOrder = 0xB6,
    kEcCofactor = 0xB7,
    kEcParameters = 0xF0  ///< reference of the curve (table B-2), 1 byte
};

/// A key that is one secret: AES or triple DES.
constexpr bool is_symmetric(KeyType type) {
    return type == KeyType::kAes || type == KeyType::kTripleDes || type == KeyType::kTripleDesCbc;
}
/// Components that PUT KEY transfers encrypted (11.8.2.3.2).
constexpr bool is_secret(KeyType type) {
    return is_symmetric(type) || type == KeyType::kPskTls || type == KeyType::kEcPrivate;
}

/// Key Access (7.5.2, table 11-19).
inline constexpr std::uint8_t kForAll = 0x00, kForDomainOnly = 0x01, kForApplicationsOnly = 0x02;

struct KeyComponent {
    KeyType type = KeyType::kAes;
    crypto::SecretBytes value;
};

/// A key of a security domain: one component if it is symmetric, several if not.
struct StoredKey {
    KeyPlace place;
    std::vector<KeyComponent> components;
    Bytes usage = {};                         ///< Key Usage Qualifier (11.1.9); empty: none was given
    std::optional<std::uint8_t> access = {};  ///< nothing: none was given
    /// Of a KID with AES: length of the MACs (TS 102 226, 8.2.1.5.1); nothing: none was given.
    std::optional<std::uint8_t> mac_size = {};

    const KeyComponent* component(KeyType type) const;
    /// Of an EC key that names one which the card knows.
    std::optional<crypto::Curve> curve() const;
    /// Whether a secure channel may be opened with it: by its own domain, or by another one that it serves.
    bool may_open_channel_of(bool own_domain) const;
};

/// The three keys of a symmetric secure channel with the counter of their sessions (Amendment D, 6.2.2.1).
struct StoredKeySet {
    std::uint8_t version = 0;
    KeyType type = KeyType::kAes;  ///< of all three
    scp::KeySet keys;
    std::uint32_t sequence_counter = 0;
    bool for_own_domain = true;     ///< may open a channel of its own domain
    bool for_other_domains = true;  ///< and of domains that have no keys of their own
};

/// Greatest value of a sequence counter: of 3 bytes in SCP03, of 2 bytes in SCP02. Beyond it the key set
/// cannot be used any more.
inline constexpr std::uint32_t kMaxSequenceCounter = 0xFFFFFF, kMaxShortSequenceCounter = 0xFFFF;

inline constexpr std::uint8_t kMaxKeyVersion = 0x7F;
/// Versions 01 to this one are of SCP80 (TS 102 225, A.1).
inline constexpr std::uint8_t kLastRemoteVersion = 0x0F;
inline constexpr std::uint8_t kMaxKeyId = 0x7F;
/// Identifiers of the keys of a symmetric secure channel: Key-ENC, Key-MAC, Key-DEK.
inline constexpr std::uint8_t kKeyEnc = 0x01, kKeyMac = 0x02, kKeyDek = 0x03;
/// Keys of one domain.
inline constexpr std::size_t kMaxKeys = 36;

/// What belongs to a key of SCP11 and is kept beside it (Amendment F, 7.8 to 7.10).
enum class KeyAttachment : std::uint8_t {
    kCertificates,      ///< of SK.SD.ECKA: value of BF21
    kAuthority,         ///< identifier of the authority that has this key, or that certified it
    kAllowlist,         ///< of PK.CA-KLOC.ECDSA: value of 70
    kAllowlistCounter,  ///< 2 bytes
    kMacSize,           ///< of a KID of SCP80, 1 byte
};

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
    /// Adds the key, or replaces the one at its place. The certificates and the authority of the former key
    /// go; an allowlist stays.
    void put(const iso7816::Aid& domain, const StoredKey& key);
    /// Replaces the key at a place by one of another version, which takes the allowlist over.
    void replace(const iso7816::Aid& domain, KeyPlace old, const StoredKey& key);
    /// With all that is attached to it but the counter of its allowlist, which is never reset.
    void erase(const iso7816::Aid& domain, KeyPlace place);
    /// The domain's keys and all beside them, as it is deleted.
    void erase_all(const iso7816::Aid& domain);
    /// The domain has another AID from now on.
    void rename(const iso7816::Aid& domain, const iso7816::Aid& name);

    /// Keys 01, 02 and 03 of a version, if they are symmetric and of one type and length. `version` 0: the
    /// domain's first such set.
    std::optional<StoredKeySet> find_set(const iso7816::Aid& domain, std::uint8_t version) const;
    /// A new or wholly replaced set: its counter is zero.
    void put_set(const iso7816::Aid& domain, std::uint8_t version, const scp::KeySet& keys,
                 KeyType type = KeyType::kAes);

    /// Zero if nothing was set since the version came.
    std::uint32_t sequence_counter(const iso7816::Aid& domain, std::uint8_t version) const;
    void set_sequence_counter(const iso7816::Aid& domain, std::uint8_t version, std::uint32_t counter);
    /// Of the secured packet under this version that was accepted last (TS 102 225, 5.1.4); zero before.
    std::uint64_t packet_counter(const iso7816::Aid& domain, std::uint8_t version) const;
    void set_packet_counter(const iso7816::Aid& domain, std::uint8_t version, std::uint64_t counter);

    std::optional<BytesView> attachment(const iso7816::Aid& domain, KeyPlace place, KeyAttachment what) const;
    void attach(const iso7816::Aid& domain, KeyPlace place, KeyAttachment what, BytesView value);
    void detach(const iso7816::Aid& domain, KeyPlace place, KeyAttachment what);

  private:
    Nvm* nvm_;
};

}  // namespace oti::card
