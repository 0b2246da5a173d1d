// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "globalplatform/plan.h"
#include "globalplatform/registry.h"
#include "iso7816/aid.h"
#include "scp/diversification.h"
#include "scp/key_set.h"
#include "scp/key_version.h"
#include "scp/scp03_host.h"
#include "scp/scp80_host.h"

namespace oti::manager {

/// A key set that the domain may have.
struct DomainKeys {
    scp::KeyVersion version;
    scp::KeySet keys;
    /// The keys are those of the domain above: this one has none of its own yet (GPCS 2.3.1, 7.5).
    bool inherited = false;
    /// How the card's keys come from these.
    scp::Diversification diversification = scp::Diversification::kNone;

    DomainKeys clone() const { return {version, keys.clone(), inherited, diversification}; }
};

/// A security domain and how to open it. Several key sets where it is not certain which one the card has:
/// after a session that was cut while it replaced them.
struct DomainAccess {
    iso7816::Aid aid;
    std::vector<DomainKeys> keys;
    scp::SecurityLevel level = scp::SecurityLevel::kFull;
    /// An issuer's domain is not in the list of applications that it reads; every other one finds itself
    /// there.
    bool issuer = false;
};

/// What the last session with a domain learnt. With it the next one is prepared before the card is reached;
/// the card confirms every bit of it, so a stale memory costs a round trip and nothing else.
struct DomainMemory {
    Bytes key_diversification_data;  ///< 10 bytes
    scp::KeyVersion key_version;
    scp::Scp03Options options;
    std::uint32_t next_sequence_counter = 0;  ///< of a pseudo-random card challenge
    std::size_t max_command_data = 0;         ///< largest command data field, bytes
    std::vector<globalplatform::RegistryRead> registry;

    Bytes encode() const;
    /// Errors `parse.*`.
    static Result<DomainMemory> decode(BytesView bytes);
};

/// A provider's security domain as content of the issuer's: made of the package that every card has, with the
/// options `i` of SCP03, and the right to manage what is in it (GPCS 2.3.1, 6.6.1 and 11.5.2.3.7).
globalplatform::DesiredApplication provider_domain(const iso7816::Aid& aid, scp::Scp03Options options);
/// The same, with the options of the issuer's domain, and with a TAR under which it takes secured packets of
/// full security.
globalplatform::DesiredApplication provider_domain(const iso7816::Aid& aid, const scp::Tar& tar);

/// The TAR for a provider's domain: made of its AID, of those that are the issuer's to give (C00000 to
/// FFFFFF; TS 101 220, annex D).
scp::Tar tar_of(const iso7816::Aid& aid);

/// What a session with a domain is to reach.
struct DomainGoal {
    globalplatform::DesiredState desired;
    /// The key set that the domain shall have in the place of the one it is opened with.
    std::optional<DomainKeys> fresh_keys = {};
};

}  // namespace oti::manager
