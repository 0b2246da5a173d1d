// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>

#include "cap/package.h"
#include "manager/packet_session.h"

namespace oti::manager {

/// How a domain that was made by short messages is reached by them.
struct PacketHandover {
    std::string msisdn;
    scp::Tar tar{};
    PacketKeys keys;
};

/// What a TSM gives a provider with its new security domain: the plaintext of a JWE. docs/protocol.md has its
/// members.
struct Handover {
    iso7816::Aid aid;
    DomainKeys keys;
    /// With it the provider's first session is prepared ahead like any later one. None, if the TSM has not
    /// opened a channel to the domain.
    std::optional<DomainMemory> memory;
    /// The packages of the secure element, for a look at an applet's imports before anything is sent; a
    /// provider's domain does not see them.
    std::vector<globalplatform::LoadFileEntry> packages;
    std::optional<PacketHandover> packets = {};

    /// As JSON.
    crypto::SecretBytes encode() const;
    /// Error `handover.invalid`.
    static Result<Handover> parse(const crypto::SecretBytes& json);
};

/// The imports of what a provider wants to install, for its request for a domain: `[{"aid": HEX, "version":
/// HEX}, …]`.
boost::json::array to_json(const std::vector<cap::Import>& imports);
/// Error `api.invalid`.
Result<std::vector<cap::Import>> parse_imports(const boost::json::array& array);

}  // namespace oti::manager
