// SPDX-License-Identifier: Apache-2.0
#include "card/get_status.h"

#include <algorithm>
#include <bit>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::card {
namespace {

// P1 (table 11-33) and P2 (table 11-34); the other bits are reserved and ignored.
constexpr std::uint8_t kIssuerDomain = 0x80, kApplications = 0x40, kLoadFiles = 0x20,
                       kLoadFilesAndModules = 0x10;
constexpr std::uint8_t kListed = kIssuerDomain | kApplications | kLoadFiles | kLoadFilesAndModules;
constexpr std::uint8_t kNext = 0x01, kTlvForm = 0x02;
constexpr std::size_t kMaxResponse = 256;

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
    TagList() = default;
    /// Error 6A80.
    static std::expected<TagList, StatusWord> parse(std::optional<BytesView> list, const Profile& profile) {
        TagList tags;
        if (!list) return tags;
        tags.tags_.emplace();
        tags.must_have_all_ = profile.gp_version == "2.2.1";
        ByteReader reader(*list, "5C");
        while (!reader.empty()) {
            auto tag = read_tag(reader);
            if (!tag) return refuse(StatusWord::kWrongData);
            tags.tags_->push_back(*tag);
        }
        return tags;
    }
    bool has(Tag tag) const { return !tags_ || std::ranges::find(*tags_, tag) != tags_->end(); }
    /// Whether an entry that has these tags satisfies the list. What an entry lacks may be left out since
    /// 2.3.1, where 2.2.1 asks for an error (11.4.2.3 of both).
    bool is_satisfied_by(const std::vector<Tag>& present) const {
        return !must_have_all_ || std::ranges::all_of(*tags_, [&](Tag tag) {
            return std::ranges::find(present, tag) != present.end();
        });
    }

  private:
    std::optional<std::vector<Tag>> tags_;
    bool must_have_all_ = false;
};

/// The E3 of an entry.
class Entry {
  public:
    explicit Entry(const TagList& wanted) : wanted_(wanted) {}
    Entry& add(Tag tag, BytesView value) {
        if (!wanted_.has(tag)) return *this;
        append(content_, encode_tlv(tag, value));
        present_.push_back(tag);
        return *this;
    }
    /// Error 6A88 if something that was asked for is missing.
    std::expected<Bytes, StatusWord> encode() const {
        if (!wanted_.is_satisfied_by(present_)) return refuse(StatusWord::kReferencedDataNotFound);
        return encode_tlv(0xE3, content_);
    }

  private:
    const TagList& wanted_;
    Bytes content_;
    std::vector<Tag> present_;
};

/// Table 11-36, or the form without tags of earlier versions.
std::expected<Bytes, StatusWord> describe(const Application& entry, std::uint8_t life_cycle, bool tlv,
                                          const TagList& wanted) {
    auto privileges = privilege_bytes(entry.privileges);
    if (!tlv) return ByteWriter().lv(entry.aid.bytes()).u8(life_cycle).u8(privileges.front()).take();
    Entry object(wanted);
    object.add(0x4F, entry.aid.bytes()).add(0x9F70, Bytes{life_cycle}).add(0xC5, privileges);
    for (auto selection : entry.implicit_selections) object.add(0xCF, Bytes{selection});
    object.add(0xC4, entry.load_file.bytes()).add(0xCC, entry.security_domain.bytes());
    return object.encode();
}

/// Table 11-37, or the form without tags.
std::expected<Bytes, StatusWord> describe(const LoadFile& entry, bool modules, bool tlv,
                                          const TagList& wanted) {
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
    if (!tlv) return plain.take();
    return object.encode();
}

}  // namespace

Answer get_status(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command) {
    const auto& registry = environment.registry;
    auto wanted = command.p1 & kListed;
    bool tlv = (command.p2 & kTlvForm) != 0, next = (command.p2 & kNext) != 0;
    // In the form without tags only entries of one sort can be told apart.
    if (wanted == 0 || (!tlv && !std::has_single_bit(static_cast<unsigned>(wanted))))
        return refuse(StatusWord::kIncorrectP1P2);
    // Of the issuer's domain there is no next one (11.4.2.2).
    if (wanted == kIssuerDomain && next) return refuse(StatusWord::kIncorrectP1P2);
    auto objects = read_all_tlv(command.data, "GET STATUS");
    auto prefix = objects ? find(*objects, 0x4F) : std::nullopt;
    if (!prefix || prefix->size() > 16) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto tags, TagList::parse(find(*objects, 0x5C), environment.profile));

    bool sees_all = domain.is_issuer_domain() || domain.privileges.has(Privilege::kGlobalRegistry);
    auto visible = [&](const Aid& aid) {
        // Of the issuer's domain there is one only, whatever is searched for (11.4.2.1).
        bool matches = wanted == kIssuerDomain || aid.starts_with(*prefix);
        return matches && (sees_all || registry.is_below(aid, domain.aid));
    };
    auto from = next ? std::exchange(channel.status_cursor, 0) : 0;
    if (next && (from == 0 || channel.status_of != wanted))
        return refuse(StatusWord::kConditionsNotSatisfied);
    channel.status_cursor = 0;
    auto room = channel.session ? channel.session->max_response_data(kMaxResponse) : kMaxResponse;
    ResponseApdu response;
    std::size_t at = 0;
    // Describes an entry if it is in this response, of which the first that does not fit is the end.
    auto list = [&](const auto& describe_entry) -> std::expected<void, StatusWord> {
        if (response.sw == StatusWord::kMoreData || at++ < from) return {};
        OTI_TRY(auto description, describe_entry());
        // One that is longer than a response comes alone; the transmission divides it.
        if (response.data.empty() || response.data.size() + description.size() <= room) {
            append(response.data, description);
            return {};
        }
        channel.status_cursor = at - 1;
        channel.status_of = static_cast<std::uint8_t>(wanted);
        response.sw = StatusWord::kMoreData;
        return {};
    };
    if ((wanted & (kIssuerDomain | kApplications)) != 0) {
        for (const auto& entry : registry.applications()) {
            auto sort = entry.is_issuer_domain() ? kIssuerDomain : kApplications;
            if ((wanted & sort) == 0 || !visible(entry.aid)) continue;
            // The life cycle of the issuer's domain is the card's (5.3.2).
            auto state = entry.is_issuer_domain() ? registry.card_state() : entry.life_cycle;
            OTI_CHECK(list([&] { return describe(entry, state, tlv, tags); }));
        }
    }
    bool modules = (wanted & kLoadFilesAndModules) != 0;
    if (modules || (wanted & kLoadFiles) != 0) {
        for (const auto& entry : registry.load_files()) {
            if (!visible(entry.aid)) continue;
            OTI_CHECK(list([&] { return describe(entry, modules, tlv, tags); }));
        }
    }
    if (response.data.empty()) return refuse(StatusWord::kReferencedDataNotFound);
    return response;
}

}  // namespace oti::card
