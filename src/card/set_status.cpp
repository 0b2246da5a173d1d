// SPDX-License-Identifier: Apache-2.0
#include "card/set_status.h"

namespace oti::card {
namespace {

// P1 (table 11-86); the other bits are reserved and ignored.
constexpr std::uint8_t kStatusType = 0xE0;
constexpr std::uint8_t kIssuerDomain = 0x80, kApplication = 0x40, kDomainWithContent = 0x60;

/// A step of a life cycle that SET STATUS may take (figure 5-1).
bool is_card_transition(std::uint8_t from, std::uint8_t to) {
    if (from == to || from == kCardTerminated) return false;
    if (to == kCardTerminated) return true;
    if (from == kCardSecured || from == kCardLocked) return to == kCardSecured || to == kCardLocked;
    return (to == kCardInitialized || to == kCardSecured) && to > from;
}

Answer set_card_state(Environment& environment, const Application& domain, std::uint8_t state) {
    auto needed = state == kCardTerminated ? Privilege::kCardTerminate : Privilege::kCardLock;
    if (!domain.privileges.has(needed)) return refuse(StatusWord::kConditionsNotSatisfied);
    if (!is_card_transition(environment.registry.card_state(), state))
        return refuse(StatusWord::kConditionsNotSatisfied);
    environment.registry.set_card_state(state);
    return ResponseApdu{};
}

/// Locks or unlocks; false if that is the state already, or never can be (9.6.2).
bool set_locked(Environment& environment, Application entry, bool locked) {
    if (locked == entry.is_locked() || entry.privileges.has(Privilege::kFinalApplication)) return false;
    entry.life_cycle =
        static_cast<std::uint8_t>(locked ? entry.life_cycle | kLocked : entry.life_cycle & ~kLocked);
    environment.registry.put(entry);
    return true;
}

/// A domain's own state: it personalizes or locks itself, and nobody unlocks himself (11.10.2.2, figure 5-3).
Answer set_own_state(Environment& environment, Application entry, std::uint8_t state) {
    if ((state & kLocked) != 0) {
        if (!set_locked(environment, entry, true)) return refuse(StatusWord::kConditionsNotSatisfied);
        return ResponseApdu{};
    }
    if (state != static_cast<std::uint8_t>(LifeCycle::kPersonalized) ||
        entry.life_cycle != static_cast<std::uint8_t>(LifeCycle::kSelectable)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    entry.life_cycle = state;
    environment.registry.put(entry);
    return ResponseApdu{};
}

}  // namespace

bool set_application_state(Registry& registry, const Aid& aid, std::uint8_t state) {
    constexpr auto kSelectable = static_cast<std::uint8_t>(LifeCycle::kSelectable);
    auto entry = registry.application(aid);
    if (!entry || entry->is_security_domain() || entry->is_locked()) return false;
    // Table 11-4: bits b4 to b7 are the application's. An instance that is not selectable does not run.
    bool possible = (entry->life_cycle & kSelectable) == kSelectable && (state & kSelectable) == kSelectable;
    bool lock = (state & kLocked) != 0 && !entry->privileges.has(Privilege::kFinalApplication);
    if (!possible || ((state & kLocked) != 0 && !lock)) return false;
    entry->life_cycle = lock ? static_cast<std::uint8_t>(entry->life_cycle | kLocked) : state;
    registry.put(*entry);
    return true;
}

Answer set_status(Environment& environment, Channel& /*channel*/, const Application& domain,
                  const CommandApdu& command) {
    auto state = command.p2;
    auto type = command.p1 & kStatusType;
    if (type == kIssuerDomain) return set_card_state(environment, domain, state);
    if (type != kApplication && type != kDomainWithContent) return refuse(StatusWord::kIncorrectP1P2);
    const auto& registry = environment.registry;
    bool whole_domain = type == kDomainWithContent;
    auto aid = Aid::create(command.data);
    auto entry = aid ? registry.application(*aid) : std::nullopt;
    if (!entry || entry->aid == registry.issuer() || (whole_domain && !entry->is_security_domain())) {
        return refuse(StatusWord::kReferencedDataNotFound);
    }
    bool allowed = domain.privileges.has(Privilege::kGlobalLock) || registry.is_below(entry->aid, domain.aid);
    if (!allowed) return refuse(StatusWord::kConditionsNotSatisfied);
    bool locked = (state & kLocked) != 0;
    if (entry->aid == domain.aid && !whole_domain) return set_own_state(environment, *entry, state);
    // Of others SET STATUS only locks and unlocks; their other states are their own affair (11.10.2.2).
    if (!whole_domain) {
        if (!set_locked(environment, *entry, locked)) return refuse(StatusWord::kConditionsNotSatisfied);
        return ResponseApdu{};
    }
    // Of what is below a domain some may be in that state already (11.10.2.1).
    for (const auto& below : registry.applications()) {
        if (registry.is_below(below.aid, entry->aid)) set_locked(environment, below, locked);
    }
    return ResponseApdu{};
}

}  // namespace oti::card
