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

struct Environment {
    Nvm& nvm;
    Registry registry;
    KeyStore keys;
    const Profile& profile;
    const Identity& identity;
    crypto::Random& random;
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

/// State of a logical channel; gone at reset, and most of it at SELECT.
struct Channel {
    std::optional<Aid> selected;
    std::unique_ptr<scp::CardSession> session;  ///< each channel has its own (GPCS 10.2.3)
    std::optional<Loading> loading;
    std::optional<Aid> personalized;  ///< INSTALL [for personalization]: who gets the next STORE DATA
    unsigned next_data_block = 0;     ///< STORE DATA: number of the next block
    std::uint8_t status_of = 0;       ///< GET STATUS: P1 of the list that is given in parts
    std::size_t status_cursor = 0;    ///< GET STATUS: entries that were given already
    CommandChain chain;
};

/// By number; those that are not open hold nothing.
using Channels = std::array<std::optional<Channel>, kMaxLogicalChannels>;

}  // namespace oti::card
