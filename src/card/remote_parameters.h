// SPDX-License-Identifier: Apache-2.0
// Under which references a security domain takes secured packets, and how secure they have to be.
#pragma once

#include <expected>
#include <optional>

#include "card/environment.h"

namespace oti::card {

/// How a script is written (TS 102 226, clause 5): `kEither` is told by its first byte (5.3).
enum class ScriptFormat : std::uint8_t { kCompact, kExpanded, kEither };

struct RemoteReceiver {
    Application domain;
    ScriptFormat format = ScriptFormat::kEither;
    std::uint8_t minimum_spi1 = 0;  ///< 8.2.1.3.2.4.2
};

/// The issuer's domain has 000000 for compact scripts and B20100 for expanded ones (TS 101 220, annex D).
/// Another one has those of its installation (EA, 80), or else bytes 13 to 15 of an AID of 16 bytes.
std::optional<RemoteReceiver> find_receiver(const Environment& environment, BytesView tar);

/// 6A80 for references that somebody has already, for parameters that are none (8.2.1.3.2.7), or for those of
/// a SIM and a UICC together (8.2.1.3.2.2).
std::expected<void, StatusWord> check_remote_parameters(const Environment& environment,
                                                        const Application& fresh);

}  // namespace oti::card
