// SPDX-License-Identifier: Apache-2.0
#include "card/open_commands.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "card/applets.h"
#include "card/class_byte.h"
#include "card/multiselectable.h"

namespace oti::card {
namespace {

using iso7816::Ins;

constexpr std::uint8_t kSelectByName = 0x04;
constexpr std::uint8_t kFirstOrOnly = 0x00, kNextOccurrence = 0x02;
/// P2, b4 and b3: which file control information; no other than what there is, or none.
constexpr std::uint8_t kInformation = 0x0C, kNoInformation = 0x0C;
constexpr std::uint8_t kOpenChannel = 0x00, kCloseChannel = 0x80;

bool is_locked(std::uint8_t card_state) {
    return card_state == kCardLocked || card_state == kCardTerminated;
}

bool is_next(const CommandApdu& command) {
    return (command.p2 & ~kInformation) == kNextOccurrence;
}

/// The FCI: the AID, and of a security domain the largest command data field it takes (11.9.3.1).
Bytes file_control_information(const Application& entry, const Profile& profile) {
    if (!entry.is_security_domain()) return encode_tlv(0x6F, encode_tlv(0x84, entry.aid.bytes()));
    auto max = static_cast<std::uint16_t>(std::min<std::size_t>(profile.max_command_data, 0xFFFF));
    auto max_bytes = max <= 0xFF ? Bytes{static_cast<std::uint8_t>(max)} : ByteWriter().u16(max).take();
    return encode_tlv(
        0x6F, concat(encode_tlv(0x84, entry.aid.bytes()), encode_tlv(0xA5, encode_tlv(0x9F65, max_bytes))));
}

}  // namespace

/// What a search through the registry found.
struct Open::Search {
    std::optional<Application> found;
    StatusWord refusal = StatusWord::kNotFound;
    bool matched = false;       ///< by somebody's name, who may not be selectable
    bool ends_session = false;  ///< it passed the selected application, which is locked
};

void Open::reset() {
    channels_ = {};
    open(0);
    occupy(0, environment_->registry.implicitly_selected(0));
}

Channel& Open::vacate(std::uint8_t number) {
    auto& channel = channels_[number];
    if (channel && channel->selected && environment_->applets.is_applet(*channel->selected))
        environment_->applets.deselect(*channel);
    return open(number);
}

Channel& Open::open(std::uint8_t number) {
    return channels_[number].emplace(Channel{.number = number});
}

bool Open::occupy(std::uint8_t number, const Aid& application) {
    auto& applets = environment_->applets;
    if (applets.is_applet(application) && !applets.select(application, *channels_[number])) return false;
    channels_[number]->selected = application;
    return true;
}

Channel* Open::channel(std::uint8_t number) {
    if (number >= usable() || !channels_[number]) return nullptr;
    return &*channels_[number];
}

bool Open::has_lost_a_selection() const {
    return std::ranges::any_of(channels_, [&](const auto& channel) {
        return channel && channel->selected && !environment_->registry.application(*channel->selected);
    });
}

void Open::rename(const Aid& before, const Aid& after) {
    for (auto& channel : channels_) {
        if (channel && channel->selected == before) channel->selected = after;
    }
}

std::optional<Answer> Open::run(std::uint8_t number, const CommandApdu& command) {
    auto cla = ClassByte::parse(command.cla);
    if (!cla || cla->proprietary) return std::nullopt;
    bool is_known = (command.p2 & ~kInformation) == kFirstOrOnly || is_next(command);
    bool is_select = command.ins == value(Ins::kSelect) && command.p1 == kSelectByName && is_known;
    if (!is_select && command.ins != value(Ins::kManageChannel)) return std::nullopt;
    bool opens = is_select && environment_->profile.select_opens_channel && number < usable();
    if (channel(number) == nullptr && !opens) return refuse(StatusWord::kChannelNotSupported);
    // Neither is ever longer than a command can be.
    if (cla->chained) return refuse(StatusWord::kChainingNotSupported);
    if (cla->secured) return refuse(StatusWord::kSecureMessagingNotSupported);
    if (is_select) return select(number, command);
    return manage_channel(number, command);
}

// ---- SELECT ----

bool Open::may_join(const Application& application, std::uint8_t number) const {
    bool alone = true;
    for (std::size_t other = 0; other < channels_.size(); ++other) {
        if (other == number || !channels_[other] || !channels_[other]->selected) continue;
        auto entry = environment_->registry.application(*channels_[other]->selected);
        if (entry && entry->load_file == application.load_file) alone = false;
    }
    return alone || is_multiselectable(environment_->registry, application);
}

Open::Search Open::search(std::uint8_t number, const CommandApdu& command) const {
    constexpr auto kSelectable = static_cast<std::uint8_t>(LifeCycle::kSelectable);
    auto all = environment_->registry.applications();
    auto selected = channels_[number] ? channels_[number]->selected : std::nullopt;
    auto from = all.begin();
    if (is_next(command)) {
        from = std::ranges::find_if(all, [&](const auto& entry) { return entry.aid == selected; });
        if (from != all.end()) ++from;
    } else {
        // An AID that is the beginning of others comes first, whatever the order.
        auto exact = std::ranges::find_if(
            all, [&](const auto& entry) { return std::ranges::equal(entry.aid.bytes(), command.data); });
        if (exact != all.end()) std::rotate(all.begin(), exact, exact + 1);
    }
    Search result;
    for (auto at = from; at != all.end(); ++at) {
        if (!at->aid.starts_with(command.data)) continue;
        result.matched = true;
        if (at->is_locked() && !at->is_issuer_domain()) {
            result.ends_session |= at->aid == selected;
        } else if ((at->life_cycle & kSelectable) == kSelectable || at->is_issuer_domain()) {
            if (may_join(*at, number)) {
                result.found = std::move(*at);
                return result;
            }
            result.refusal = StatusWord::kConditionsNotSatisfied;
        }
    }
    return result;
}

bool Open::runs_applet(std::uint8_t number) const {
    if (!channels_[number] || !channels_[number]->selected) return false;
    auto entry = environment_->registry.application(*channels_[number]->selected);
    return entry && !entry->is_locked() && environment_->applets.is_applet(entry->aid);
}

std::optional<Answer> Open::select(std::uint8_t number, const CommandApdu& command) {
    const auto& registry = environment_->registry;
    if (is_locked(registry.card_state())) return select_on_locked_card(number, command);
    // Without a name it is the issuer's domain, whatever the occurrence.
    if (command.data.empty()) return enter(number, *registry.application(registry.issuer()), command);
    auto result = search(number, command);
    if (result.found) return enter(number, *result.found, command);
    bool names_nobody = !result.matched && !is_next(command);
    if (names_nobody && runs_applet(number)) return std::nullopt;
    if (result.ends_session) {
        vacate(number);
        if (number == 0) occupy(number, registry.implicitly_selected(number));
    }
    return refuse(result.refusal);
}

// 6.4.2.1.2, 6.4.3.1.2: only the basic channel stays, with the Final Application.
Answer Open::select_on_locked_card(std::uint8_t number, const CommandApdu& command) {
    const auto& registry = environment_->registry;
    if (number != 0) {
        vacate(number);
        channels_[number].reset();
    }
    auto last = registry.holder_of(Privilege::kFinalApplication);
    bool is_meant = command.data.empty() ? last.is_issuer_domain() : last.aid.starts_with(command.data);
    bool is_there = channels_[0]->selected == last.aid;
    if (number != 0 || registry.card_state() == kCardTerminated || !is_meant ||
        (is_next(command) && is_there)) {
        return refuse(StatusWord::kFunctionNotSupported);
    }
    auto answer = enter(number, last, command);
    if (answer && answer->sw == StatusWord::kOk) answer->sw = StatusWord::kCardLocked;
    return answer;
}

Answer Open::enter(std::uint8_t number, const Application& application, const CommandApdu& command) {
    vacate(number);
    if (!occupy(number, application.aid)) return refuse(StatusWord::kAppletSelectFailed);
    auto& applets = environment_->applets;
    if (applets.is_applet(application.aid)) {
        // It answers SELECT itself (JCRE 4.6.2), and is selected whatever it answers.
        return applets.process(*channels_[number], command, true);
    }
    if ((command.p2 & kInformation) == kNoInformation) return ResponseApdu{};
    return ResponseApdu{file_control_information(application, environment_->profile)};
}

// ---- MANAGE CHANNEL (11.7; JCRE 4.6.1 and 4.7.1 say which error it is) ----

Answer Open::manage_channel(std::uint8_t origin, const CommandApdu& command) {
    if (usable() == 1) return refuse(StatusWord::kChannelNotSupported);
    if (!command.data.empty()) return refuse(StatusWord::kWrongLength);
    if (command.p2 >= kMaxLogicalChannels) return refuse(StatusWord::kFunctionNotSupported);
    if (command.p1 == kOpenChannel) return open_channel(origin, command);
    if (command.p1 == kCloseChannel) return close_channel(command);
    return refuse(StatusWord::kFunctionNotSupported);
}

Answer Open::open_channel(std::uint8_t origin, const CommandApdu& command) {
    const auto& registry = environment_->registry;
    if (is_locked(registry.card_state())) return refuse(StatusWord::kFunctionNotSupported);
    auto number = command.p2;
    bool assigned = number == 0;
    if (assigned) {
        // JCRE wants Le to be 01; 00 asks for all there is, and T=0 knows no other way to ask.
        if (command.ne != 1 && command.ne != iso7816::kMaxShortNe)
            return refuse(static_cast<StatusWord>(0x6C01));
        auto end = channels_.begin() + static_cast<std::ptrdiff_t>(usable());
        auto free = std::find_if(channels_.begin(), end, [](const auto& channel) { return !channel; });
        if (free == end) return refuse(StatusWord::kFunctionNotSupported);
        number = static_cast<std::uint8_t>(free - channels_.begin());
    } else if (number >= usable() || channels_[number]) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    // From the basic channel, whoever is implicitly selectable (6.4.2.2); else, who is selected there
    // (6.4.3.2), which may be nobody.
    auto selected = origin == 0 ? registry.implicitly_selected(number) : channels_[origin]->selected;
    auto application = selected ? registry.application(*selected) : std::nullopt;
    if (application && !may_join(*application, number)) return refuse(StatusWord::kConditionsNotSatisfied);
    open(number);
    if (application && !occupy(number, application->aid)) {
        channels_[number].reset();
        return refuse(StatusWord::kAppletSelectFailed);
    }
    return assigned ? ResponseApdu{{number}} : ResponseApdu{};
}

Answer Open::close_channel(const CommandApdu& command) {
    if (command.p2 == 0) return refuse(StatusWord::kFunctionNotSupported);
    if (channel(command.p2) == nullptr) return ResponseApdu{{}, StatusWord::kUnchanged};
    vacate(command.p2);
    channels_[command.p2].reset();
    return ResponseApdu{};
}

}  // namespace oti::card
