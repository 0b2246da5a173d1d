// SPDX-License-Identifier: Apache-2.0
// What a card says of its content: GET STATUS (GPCS 2.3.1, 11.4), read from outside.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "iso7816/aid.h"
#include "iso7816/apdu.h"

namespace oti::globalplatform {

/// P1 of GET STATUS: which part of the registry.
enum class Element : std::uint8_t {
    kIssuerSecurityDomain = 0x80,
    kApplications = 0x40,         ///< applications and supplementary security domains
    kLoadFiles = 0x20,            ///< executable load files
    kLoadFilesAndModules = 0x10,  ///< executable load files with their modules
};

/// Version of a package, as CE of GET STATUS and the CAP file's header have it.
struct PackageVersion {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    auto operator<=>(const PackageVersion&) const = default;
};

/// Privileges as in table 6-1, first byte first; bytes that the card left out are zero.
using Privileges = std::array<std::uint8_t, 3>;

inline constexpr Privileges kNoPrivileges{};
/// Security Domain, Trusted Path, Authorized Management: a provider's domain that manages its own content.
inline constexpr Privileges kProviderDomainPrivileges{0x80, 0xC0, 0x00};

/// Application life cycle (GPCS 2.3.1, table 11-4), lowest bits.
inline constexpr std::uint8_t kStateInstalled = 0x03;
inline constexpr std::uint8_t kStateSelectable = 0x07;

struct ApplicationEntry {
    iso7816::Aid aid;
    std::uint8_t life_cycle = 0;
    Privileges privileges{};
    std::optional<iso7816::Aid> load_file = {};
    std::optional<iso7816::Aid> security_domain = {};
    std::vector<std::uint8_t> implicit_selection = {};  ///< parameters as 11.1.7 codes them

    bool is_security_domain() const { return (privileges[0] & 0x80) != 0; }
    bool operator==(const ApplicationEntry&) const = default;
};

struct LoadFileEntry {
    iso7816::Aid aid;
    std::uint8_t life_cycle = 0;
    std::optional<PackageVersion> version = {};
    std::vector<iso7816::Aid> modules = {};
    std::optional<iso7816::Aid> security_domain = {};

    bool operator==(const LoadFileEntry&) const = default;
};

/// The registry as far as the asking domain may see it.
struct Registry {
    /// Only where it was asked for; its life cycle is the card's (5.3.2).
    std::optional<ApplicationEntry> issuer_domain = {};
    std::vector<ApplicationEntry> applications;
    std::vector<LoadFileEntry> load_files;

    const ApplicationEntry* application(const iso7816::Aid& aid) const;
    const LoadFileEntry* load_file(const iso7816::Aid& aid) const;
    bool operator==(const Registry&) const = default;
};

/// GET STATUS for everything in `element`; `next`: the following part after a 6310. `tlv`: in TLV form, which
/// cards before 2.2 may refuse.
iso7816::CommandApdu get_status(Element element, bool next, bool tlv = true);

/// One answered GET STATUS; the response is the plain one, after the secure channel.
struct RegistryRead {
    Element element = Element::kApplications;
    bool next = false;
    iso7816::ResponseApdu response = {};
    bool tlv = true;

    bool operator==(const RegistryRead&) const = default;
};

/// Puts answers together, those of the older form too (2.1.1, tables 9-22 and 9-23). 6A88 is an empty part.
/// Errors `parse.*` for data that is not as 11.4.3.1 says.
Result<Registry> parse_registry(const std::vector<RegistryRead>& reads);

}  // namespace oti::globalplatform
