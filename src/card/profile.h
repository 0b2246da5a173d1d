// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cap/package.h"

namespace oti::card {

/// What one command cost the secure element.
struct Exchange {
    std::size_t bytes_in = 0;   ///< the C-APDU
    std::size_t bytes_out = 0;  ///< the R-APDU
    std::uint64_t flash_bytes = 0;
    std::uint64_t crypto_bytes = 0;  ///< through the secure channel
    bool is_command = true;          ///< not just the transfer of what the command before answered
    std::string diagnosis = {};      ///< why an applet or its code was refused or stopped; no chip says it
};

/// How long a secure element takes: declared, not measured.
struct Pacing {
    double line_bytes_per_second = 0;
    std::chrono::duration<double> command_overhead{};
    double flash_bytes_per_second = 0;
    double crypto_bytes_per_second = 0;

    std::chrono::nanoseconds time_of(const Exchange& exchange) const;
};

/// How commands and responses cross the interface (ISO/IEC 7816-3, clauses 10 and 11).
enum class Protocol : std::uint8_t { kT0 = 0, kT1 = 1 };

/// As many as class bytes can name (ISO/IEC 7816-4, 5.4.1).
inline constexpr std::size_t kMaxLogicalChannels = 20;

/// A sort of secure element: what it can do, what it holds from the start, how fast it is. The files are in
/// `profiles/`.
struct Profile {
    std::string name;
    std::string gp_version;       ///< "2.2.1" or "2.3.1"
    std::uint8_t scp03_i = 0x70;  ///< options of the issuer's domain (Amendment D, table 5-1)
    /// Parameter i of SCP02 (GPCS 2.3.1, table E-1); nothing: the card does not have this weak protocol.
    std::optional<std::uint8_t> scp02_i = {};
    /// First byte of the parameter i of SCP11 (Amendment F, table 4-1); nothing: the card does not have it.
    std::optional<std::uint8_t> scp11_i = {};
    /// Parameter i of SCP81 (Amendment B, table 3-1); nothing: the card does not have it. A UICC's only.
    std::optional<std::uint8_t> scp81_i = {};
    Protocol protocol = Protocol::kT1;
    std::uint8_t ta1 = 0x11;  ///< fastest Fi and Di of the contacts (ISO/IEC 7816-3, 8.3)
    bool extended_length = false;
    std::size_t max_command_data = 255;
    std::size_t logical_channels = 4;  ///< 1 to 20
    /// Whether SELECT opens a closed logical channel, as in JCRE specification 3.0.5, 4.6.2; a UICC knows
    /// MANAGE CHANNEL only (TS 102 221, 8.7).
    bool select_opens_channel = false;
    /// Whether it is a UICC that takes ENVELOPE and FETCH, with remote management over short messages.
    bool toolkit = false;
    std::uint64_t capacity = 0;  ///< bytes of non-volatile memory for content
    Pacing pacing;
    std::vector<cap::Import> packages;

    /// Whether it follows GPCS 2.2.1 where 2.3.1 is different.
    bool is_old() const { return gp_version == "2.2.1"; }

    /// Errors `profile.invalid` (with line or member).
    static Result<Profile> parse(std::string_view name, std::string_view toml);
};

/// A profile with the text it was read from, which goes into the image of an SE.
struct ProfileSource {
    Profile profile;
    std::string toml;
};

/// One of the profiles built in ("uicc-2014", …), or a path of a TOML file. Error `profile.unknown` lists the
/// names.
Result<ProfileSource> load_profile(std::string_view name_or_path);
std::vector<std::string> profile_names();

}  // namespace oti::card
