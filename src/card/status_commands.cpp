// SPDX-License-Identifier: Apache-2.0
#include "card/status_commands.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::card {
namespace {

// P1 of GET STATUS (table 11-32) and of SET STATUS (table 11-85).
constexpr std::uint8_t kIssuerDomain = 0x80, kApplications = 0x40, kLoadFiles = 0x20,
                       kLoadFilesAndModules = 0x10;
constexpr std::uint8_t kDomainWithContent = 0x60;
constexpr std::uint8_t kNext = 0x01, kTlvForm = 0x02;
constexpr std::size_t kMaxResponse = 256;
/// What is left of it with R-MAC and R-ENCRYPTION, in S8 mode and in S16 mode.
constexpr std::size_t kMaxProtectedResponse = 239;

/// Version of a package in CE is 2 bytes, major first.
Bytes version_bytes(cap::Version version) {
    return {version.major, version.minor};
}

Bytes privilege_bytes(PrivilegeSet privileges) {
    auto four = ByteWriter().u32(privileges.bits()).take();
    return {four.begin() + 1, four.end()};
}

/// Which data objects an entry shall have (tag list 5C); all, if there is no list.
class TagList {
  public:
    static std::expected<TagList, StatusWord> parse(std::optional<BytesView> list) {
        TagList tags;
        if (!list) return tags;
        tags.tags_.emplace();
        ByteReader reader(*list, "5C");
        while (!reader.empty()) {
            auto tag = read_tag(reader);
            if (!tag) return refuse(StatusWord::kWrongData);
            tags.tags_->push_back(*tag);
        }
        return tags;
    }
    bool has(Tag tag) const { return !tags_ || std::ranges::find(*tags_, tag) != tags_->end(); }

  private:
    std::optional<std::vector<Tag>> tags_;
};

/// The E3 of an entry.
class Entry {
  public:
    explicit Entry(const TagList& wanted) : wanted_(wanted) {}
    Entry& add(Tag tag, BytesView value) {
        if (wanted_.has(tag)) append(content_, encode_tlv(tag, value));
        return *this;
    }
    Bytes encode() const { return encode_tlv(0xE3, content_); }

  private:
    const TagList& wanted_;
    Bytes content_;
};

/// Table 11-36, or the form without tags of earlier versions.
Bytes describe(const Application& entry, std::uint8_t life_cycle, bool tlv, const TagList& wanted) {
    auto privileges = privilege_bytes(entry.privileges);
    if (!tlv) return ByteWriter().lv(entry.aid.bytes()).u8(life_cycle).u8(privileges.front()).take();
    Entry object(wanted);
    object.add(0x4F, entry.aid.bytes()).add(0x9F70, Bytes{life_cycle}).add(0xC5, privileges);
    for (auto selection : entry.implicit_selections) object.add(0xCF, Bytes{selection});
    object.add(0xC4, entry.load_file.bytes()).add(0xCC, entry.security_domain.bytes());
    return object.encode();
}

/// Table 11-37, or the form without tags.
Bytes describe(const LoadFile& entry, bool modules, bool tlv, const TagList& wanted) {
    constexpr auto kState = static_cast<std::uint8_t>(LifeCycle::kLoaded);
    ByteWriter plain;
    plain.lv(entry.aid.bytes()).u8(kState).u8(0);
    Entry object(wanted);
    object.add(0x4F, entry.aid.bytes()).add(0x9F70, Bytes{kState}).add(0xCE, version_bytes(entry.version));
    if (modules) {
        plain.u8(static_cast<unsigned>(entry.modules.size()));
        for (const auto& module : entry.modules) {
            plain.lv(module.bytes());
            object.add(0x84, module.bytes());
        }
    }
    object.add(0xCC, entry.security_domain.bytes());
    return tlv ? object.encode() : plain.take();
}

/// A step of a life cycle that SET STATUS may take (figure 5-1).
bool is_card_transition(std::uint8_t from, std::uint8_t to) {
    if (to == kCardTerminated) return from != kCardTerminated;
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

bool fits_in_get_status(const LoadFile& entry) {
    return describe(entry, true, true, TagList()).size() <= kMaxProtectedResponse;
}

Answer get_status(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command) {
    if ((command.p2 & ~(kNext | kTlvForm)) != 0) return refuse(StatusWord::kIncorrectP1P2);
    bool tlv = (command.p2 & kTlvForm) != 0;
    auto objects = read_all_tlv(command.data, "GET STATUS");
    auto prefix = objects ? find(*objects, 0x4F) : std::nullopt;
    if (!prefix || prefix->size() > 16) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto wanted, TagList::parse(find(*objects, 0x5C)));
    // Of the issuer's domain there is no next one (11.4.2.2).
    if (command.p1 == kIssuerDomain && (command.p2 & kNext) != 0) return refuse(StatusWord::kIncorrectP1P2);

    const auto& registry = environment.registry;
    bool sees_all = domain.is_issuer_domain() || domain.privileges.has(Privilege::kGlobalRegistry);
    auto visible = [&](const Aid& aid) {
        // Of the issuer's domain there is one only, whatever is searched for (11.4.2.1).
        bool matches = command.p1 == kIssuerDomain || aid.starts_with(*prefix);
        return matches && (sees_all || registry.is_below(aid, domain.aid));
    };
    std::vector<Bytes> entries;
    switch (command.p1) {
        case kIssuerDomain:
        case kApplications:
            for (const auto& entry : registry.applications()) {
                bool of_issuer = entry.aid == registry.issuer();
                if (of_issuer != (command.p1 == kIssuerDomain) || !visible(entry.aid)) continue;
                // The life cycle of the issuer's domain is the card's (5.3.2).
                entries.push_back(
                    describe(entry, of_issuer ? registry.card_state() : entry.life_cycle, tlv, wanted));
            }
            break;
        case kLoadFiles:
        case kLoadFilesAndModules:
            for (const auto& entry : registry.load_files()) {
                if (!visible(entry.aid)) continue;
                entries.push_back(describe(entry, command.p1 == kLoadFilesAndModules, tlv, wanted));
            }
            break;
        default:
            return refuse(StatusWord::kIncorrectP1P2);
    }

    bool next = (command.p2 & kNext) != 0;
    auto from = next ? std::exchange(channel.status_cursor, 0) : 0;
    if (next && (from == 0 || channel.status_of != command.p1))
        return refuse(StatusWord::kConditionsNotSatisfied);
    channel.status_cursor = 0;
    if (from >= entries.size()) return refuse(StatusWord::kReferencedDataNotFound);
    auto room = channel.session ? channel.session->max_response_data(kMaxResponse) : kMaxResponse;
    ResponseApdu response;
    auto at = from;
    for (; at < entries.size() && response.data.size() + entries[at].size() <= room; ++at) {
        append(response.data, entries[at]);
    }
    if (at < entries.size()) {
        channel.status_cursor = at;
        channel.status_of = command.p1;
        response.sw = StatusWord::kMoreData;
    }
    return response;
}

Answer set_status(Environment& environment, Channel& /*channel*/, const Application& domain,
                  const CommandApdu& command) {
    auto state = command.p2;
    if (command.p1 == kIssuerDomain) return set_card_state(environment, domain, state);
    if (command.p1 != kApplications && command.p1 != kDomainWithContent)
        return refuse(StatusWord::kIncorrectP1P2);
    const auto& registry = environment.registry;
    bool whole_domain = command.p1 == kDomainWithContent;
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
