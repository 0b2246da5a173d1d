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

/// What has effect only on the holder and on what is associated with it.
constexpr std::uint32_t kLocal = static_cast<std::uint32_t>(Privilege::kSecurityDomain) |
                                 static_cast<std::uint32_t>(Privilege::kDapVerification) |
                                 static_cast<std::uint32_t>(Privilege::kDelegatedManagement) |
                                 static_cast<std::uint32_t>(Privilege::kTrustedPath) |
                                 static_cast<std::uint32_t>(Privilege::kTokenVerification) |
                                 static_cast<std::uint32_t>(Privilege::kReceiptGeneration) |
                                 static_cast<std::uint32_t>(Privilege::kCipheredLoadFileDataBlock);

}  // namespace

std::expected<PrivilegeSet, StatusWord> parse_privileges(BytesView field) {
    if (field.size() != 1 && field.size() != 3) return refuse(StatusWord::kWrongData);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n) bits = bits << 8 | (n < field.size() ? field[n] : 0U);
    if ((bits & kUnused) != 0) return refuse(StatusWord::kWrongData);
    PrivilegeSet privileges(bits);
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
                                                  bool by_token, PrivilegeSet had, PrivilegeSet wanted) {
    PrivilegeSet added(wanted.bits() & ~had.bits());
    auto allowed = giver.privileges.bits() | kLocal;
    if (!giver.is_issuer_domain() && !by_token && (added.bits() & ~allowed) != 0) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    auto& registry = environment.registry;
    for (auto privilege : kUnique) {
        if (!added.has(privilege)) continue;
        auto issuer = registry.application(registry.issuer());
        if (!issuer || !issuer->privileges.has(privilege)) return refuse(StatusWord::kConditionsNotSatisfied);
        issuer->privileges = issuer->privileges.without(privilege);
        registry.put(*issuer);
    }
    return_privileges(environment, PrivilegeSet(had.bits() & ~wanted.bits()));
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
