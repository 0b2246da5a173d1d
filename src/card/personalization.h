// SPDX-License-Identifier: Apache-2.0
// What a secure element gets before it leaves the factory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "card/key_store.h"
#include "card/profile.h"
#include "scp/key_set.h"

namespace oti::card {

/// Largest data object of a domain that STORE DATA takes, in bytes.
inline constexpr std::size_t kMaxStoredData = 64;

/// What the chip got at personalization and gives away by GET DATA.
struct Identity {
    Bytes iin;                       ///< issuer identification number, value of 42
    Bytes cin;                       ///< card image number, value of 45
    Bytes cplc;                      ///< card production life cycle data, 42 bytes
    Bytes key_diversification_data;  ///< 10 bytes
    std::string se_id;

    /// As the memory keeps it.
    Bytes encode() const;
    static Result<Identity> decode(BytesView bytes);
};

/// Keys of the issuer's domain for secured packets: KIc, KID and DEK.
struct RemoteManagementKeys {
    std::uint8_t version = 0;  ///< 01 to 0F
    scp::KeySet keys;          ///< ENC is KIc, MAC is KID
    KeyType type = KeyType::kAes;
    std::uint8_t mac_size = 8;
};

struct Personalization {
    scp::KeySet issuer_keys;
    std::uint8_t key_version = 0x30;
    Identity identity;
    KeyType key_type = KeyType::kAes;  ///< triple DES for SCP02
    std::optional<RemoteManagementKeys> remote = {};

    /// Error `se.personalization` for keys or data that no card of this sort could have.
    Status check(const Profile& profile) const;
    /// Identity data that is told apart by the SE's identifier alone.
    static Identity identity_for(std::string_view se_id);
};

}  // namespace oti::card
