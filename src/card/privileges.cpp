// SPDX-License-Identifier: Apache-2.0
#include "card/privileges.h"

#include <algorithm>
#include <array>

namespace oti::card {
namespace {

constexpr std::uint32_t kUnused = 0x00000F;

/// Bits that need another one.
struct Needs {
    Privilege privilege;
    Privilege needed;
};

// Tables 6-1 and 11-7; token verification, receipts and ciphered load files are a domain's by their names.
constexpr std::array kNeeds{
    Needs{Privilege::kDapVerification, Privilege::kSecurityDomain},
    Needs{Privilege::kDelegatedManagement, Privilege::kSecurityDomain},
    Needs{Privilege::kMandatedDapVerification, Privilege::kDapVerification},
    Needs{Privilege::kAuthorizedManagement, Privilege::kSecurityDomain},
    Needs{Privilege::kTokenVerification, Privilege::kSecurityDomain},
    Needs{Privilege::kReceiptGeneration, Privilege::kSecurityDomain},
    Needs{Privilege::kCipheredLoadFileDataBlock, Privilege::kSecurityDomain},
};

/// What a domain with delegated management cannot have as well (6.6.2).
constexpr std::array kNotWithDelegation{Privilege::kAuthorizedManagement, Privilege::kTokenVerification,
                                        Privilege::kReceiptGeneration};

/// What one application of the card has.
constexpr std::array kUnique{Privilege::kCardReset, Privilege::kFinalApplication};

/// What one domain has in each part of the card that begins with authorized management.
constexpr std::array kUniqueBelowRoot{Privilege::kTokenVerification, Privilege::kReceiptGeneration};

/// What the issuer's domain cannot lose by an update: the two above leave it when another one gets them.
constexpr std::uint32_t kFixedOfIssuer = static_cast<std::uint32_t>(Privilege::kSecurityDomain) |
                                         static_cast<std::uint32_t>(Privilege::kAuthorizedManagement) |
                                         static_cast<std::uint32_t>(Privilege::kCardReset) |
                                         static_cast<std::uint32_t>(Privilege::kFinalApplication);

/// What has effect only on the holder and on what is associated with it.
constexpr std::uint32_t kLocal = static_cast<std::uint32_t>(Privilege::kSecurityDomain) |
                                 static_cast<std::uint32_t>(Privilege::kDapVerification) |
                                 static_cast<std::uint32_t>(Privilege::kDelegatedManagement) |
                                 static_cast<std::uint32_t>(Privilege::kTrustedPath) |
                                 static_cast<std::uint32_t>(Privilege::kTokenVerification) |
                                 static_cast<std::uint32_t>(Privilege::kReceiptGeneration) |
                                 static_cast<std::uint32_t>(Privilege::kCipheredLoadFileDataBlock);

bool is_taken_below_root(const Registry& registry, const Application& entry, PrivilegeSet wanted,
                         Privilege privilege) {
    // With authorized management it begins a part of its own.
    auto of = entry;
    of.privileges = wanted;
    auto root = root_of(registry, of);
    auto all = registry.applications();
    return std::ranges::any_of(all, [&](const Application& other) {
        return other.aid != entry.aid && other.privileges.has(privilege) &&
               root_of(registry, other).aid == root.aid;
    });
}

}  // namespace

Application root_of(const Registry& registry, const Application& entry) {
    auto at = entry;
    while (!at.may_manage_content() && at.security_domain != at.aid) {
        auto above = registry.application(at.security_domain);
        if (!above) break;
        at = *above;
    }
    return at;
}

std::expected<PrivilegeSet, StatusWord> parse_privileges(BytesView field) {
    if (field.size() != 1 && field.size() != 3) return refuse(StatusWord::kWrongData);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n) bits = bits << 8 | (n < field.size() ? field[n] : 0U);
    PrivilegeSet privileges(bits & ~kUnused);
    if (field.size() == 1 && privileges.has(Privilege::kSecurityDomain)) {
        privileges = privileges.with(Privilege::kTrustedPath);
    }
    for (auto [privilege, needed] : kNeeds) {
        if (privileges.has(privilege) && !privileges.has(needed)) return refuse(StatusWord::kWrongData);
    }
    bool clash = privileges.has(Privilege::kDelegatedManagement) &&
                 std::ranges::any_of(kNotWithDelegation, [&](auto other) { return privileges.has(other); });
    if (clash) return refuse(StatusWord::kWrongData);
    return privileges;
}

std::expected<void, StatusWord> assign_privileges(Environment& environment, const Application& giver,
                                                  bool by_token, Application& entry, PrivilegeSet wanted) {
    auto had = entry.privileges;
    PrivilegeSet added(wanted.bits() & ~had.bits());
    auto changed = wanted.bits() ^ had.bits();
    auto allowed = giver.privileges.bits() | kLocal;
    bool beyond_giver = !giver.is_issuer_domain() && !by_token && (changed & ~allowed) != 0;
    bool undoes_issuer = entry.is_issuer_domain() && (changed & kFixedOfIssuer) != 0;
    // The rest of its part of the card would be nobody's.
    bool root_without_management =
        entry.security_domain == entry.aid && !wanted.has(Privilege::kAuthorizedManagement);
    if (beyond_giver || undoes_issuer || root_without_management)
        return refuse(StatusWord::kConditionsNotSatisfied);
    auto& registry = environment.registry;
    for (auto privilege : kUniqueBelowRoot) {
        if (added.has(privilege) && is_taken_below_root(registry, entry, wanted, privilege))
            return refuse(StatusWord::kConditionsNotSatisfied);
    }
    for (auto privilege : kUnique) {
        if (!added.has(privilege)) continue;
        auto issuer = registry.application(registry.issuer());
        if (!issuer || !issuer->privileges.has(privilege)) return refuse(StatusWord::kConditionsNotSatisfied);
        issuer->privileges = issuer->privileges.without(privilege);
        registry.put(*issuer);
    }
    return_privileges(environment, PrivilegeSet(had.bits() & ~wanted.bits()));
    entry.privileges = wanted;
    return {};
}

void return_privileges(Environment& environment, PrivilegeSet lost) {
    auto& registry = environment.registry;
    for (auto privilege : kUnique) {
        if (!lost.has(privilege)) continue;
        auto issuer = registry.application(registry.issuer());
        issuer->privileges = issuer->privileges.with(privilege);
        registry.put(*issuer);
    }
}

}  // namespace oti::card
