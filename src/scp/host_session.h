// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "scp/host_channel.h"
#include "scp/key_set.h"

namespace oti::scp {

/// A session that is opened by sending `external_authenticate`.
struct HostSession {
    std::unique_ptr<HostChannel> channel;
    Bytes external_authenticate;
};

/// The secure channel protocol, 02 or 03, that a response to INITIALIZE UPDATE speaks (GPCS E.5.1.6,
/// Amendment D 7.1.1.6). Errors `parse.*`.
Result<std::uint8_t> protocol_of(BytesView initialize_update_response);

/// The strongest level that protocol and `i` offer. Errors `scp.unsupported`.
Result<SecurityLevel> strongest_level(std::uint8_t protocol, std::uint8_t i);

/// Opens SCP02 or SCP03, as the card has answered. `level`: nothing for the strongest one. `scp02_i` is the
/// parameter of SCP02 from Card Recognition Data, which INITIALIZE UPDATE does not tell; without it, 55.
/// Errors: those of `Scp02Host::open` and `Scp03Host::open`.
Result<HostSession> open_host_session(const KeySet& keys, BytesView host_challenge,
                                      BytesView initialize_update_response,
                                      std::optional<SecurityLevel> level = std::nullopt,
                                      std::optional<std::uint8_t> scp02_i = std::nullopt);

}  // namespace oti::scp
