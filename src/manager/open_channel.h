// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "scp/host_channel.h"
#include "scp/key_set.h"

namespace oti::manager {

/// A secure channel that the off-card entity has opened, whatever its protocol, before its first command went
/// to the card.
struct OpenedChannel {
    std::unique_ptr<scp::HostChannel> channel;
    Bytes external_authenticate;  ///< the command that comes next; its response has no MAC
};

/// What every INITIALIZE UPDATE response begins with, whatever the protocol (GPCS 2.3.1, E.5.1.6; Amendment
/// D, 7.1.1.6).
struct ChannelOffer {
    Bytes key_diversification_data;  ///< 10 bytes
    std::uint8_t key_version = 0;
    std::uint8_t protocol = 0;

    static Result<ChannelOffer> parse(BytesView response);
};

/// Opens a channel of the protocol that the card answered with, at the level asked for, or else the highest
/// that card and protocol offer. `scp02_i`: SCP02's options from the Card Recognition Data, since its
/// response does not tell them; 55 if they do not either. Errors `scp.card_cryptogram` (wrong key),
/// `scp.level`, `scp.unsupported`.
Result<OpenedChannel> open_channel(const scp::KeySet& keys, BytesView host_challenge, BytesView response,
                                   std::optional<scp::SecurityLevel> level,
                                   std::optional<std::uint8_t> scp02_i = {});

/// "c-mac", "c-mac+c-enc", "c-mac+r-mac", "c-mac+c-enc+r-mac", "full", or two hexadecimal digits as P1 has
/// them. Error `scp.level`.
Result<scp::SecurityLevel> parse_level(std::string_view text);
std::string_view name_of(scp::SecurityLevel level);

}  // namespace oti::manager
