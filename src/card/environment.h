// SPDX-License-Identifier: Apache-2.0
// What the handlers of commands share: the card's memory and the state of a logical channel.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <optional>

#include "card/command_chain.h"
#include "card/key_store.h"
#include "card/personalization.h"
#include "card/profile.h"
#include "card/registry.h"
#include "crypto/random.h"
#include "iso7816/apdu.h"
#include "scp/card_session.h"
#include "scp/scp11_certificates_card.h"

namespace oti::card {

using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

/// A response that is carried out (9000, 62xx, 63xx), or the status that refuses the command. A refused
/// command changes nothing.
using Answer = std::expected<ResponseApdu, StatusWord>;

inline std::unexpected<StatusWord> refuse(StatusWord sw) {
    return std::unexpected(sw);
}

/// Most answers of content management: an empty confirmation (11.2.3.1, 11.5.3.1, 11.6.3.1).
inline ResponseApdu confirmation() {
    return {{0x00}};
}

class Applets;

struct Environment {
    Nvm& nvm;
    Registry registry;
    KeyStore keys;
    Applets& applets;
    const Profile& profile;
    const Identity& identity;
    crypto::Random& random;
    /// Changes of allowlists since the card was powered: certificates that were presented before one count no
    /// more.
    std::uint32_t allowlist_changes = 0;
};

/// A sequence of STORE DATA, which ends with the last block or with an error (11.11.2.2).
struct DataBlocks {
    unsigned next = 0;             ///< number of the block that is due
    std::uint8_t structure = 0;    ///< P1 of the blocks, without "last"
    Bytes pending;                 ///< the beginning of an object whose rest is due
    std::optional<KeyPlace> key;   ///< the key that the next objects belong to (A6)
    std::optional<Bytes> counter;  ///< of the allowlist that is due (92)
};

/// A request to manage content that was allowed (9.1.3).
struct Authorization {
    Aid domain;             ///< who made it
    bool by_token = false;  ///< delegated management
    std::optional<Bytes> token_identifier;
    std::size_t least_hash_size = 0;  ///< of a load file under this token (table C-3)
};

/// INSTALL [for load] was answered and the last LOAD not yet; or, of the combined process (9.3.8), the last
/// INSTALL.
struct Loading {
    Aid load_file;
    Aid security_domain;  ///< with which the load file will be associated
    Bytes hash;           ///< of the load file data block; may be empty
    Authorization authorization;
    Bytes provider;          ///< 5F20
    std::uint64_t room = 0;  ///< free memory when it began
    bool combined = false;
    Bytes signed_data;  ///< of a combined process: the beginning of what its token signs (C.4.7)

    Bytes data = {};
    unsigned next_block = 0;
    bool complete = false;
};

/// A key set and the domain that holds it.
struct CountedKeySet {
    Aid domain;
    std::uint8_t version = 0;
};

/// State of a logical channel; gone at reset, and most of it at SELECT.
struct Channel {
    std::uint8_t number = 0;
    std::optional<Aid> selected = std::nullopt;
    std::unique_ptr<scp::CardSession> session = nullptr;  ///< each channel has its own (GPCS 10.2.3)
    std::optional<CountedKeySet> counted =
        std::nullopt;         ///< SCP02: whose counter EXTERNAL AUTHENTICATE moves on
    bool replayable = false;  ///< an SCP11c session, which somebody may have recorded (Amendment F, 4.6)
    scp::Scp11Certificates certificates = {};  ///< PERFORM SECURITY OPERATION
    std::uint32_t certificates_since = 0;      ///< `allowlist_changes` when they came
    std::optional<Loading> loading = std::nullopt;
    std::optional<Aid> personalized =
        std::nullopt;               ///< INSTALL [for personalization]: who gets the next STORE DATA
    DataBlocks data_blocks = {};    ///< STORE DATA
    std::uint8_t status_of = 0;     ///< GET STATUS: P1 of the list that is given in parts
    std::size_t status_cursor = 0;  ///< GET STATUS: entries that were given already
    CommandChain chain = {};
};

/// By number; those that are not open hold nothing.
using Channels = std::array<std::optional<Channel>, kMaxLogicalChannels>;

}  // namespace oti::card
