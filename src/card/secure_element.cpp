// SPDX-License-Identifier: Apache-2.0
#include "card/secure_element.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "card/domain_commands.h"
#include "card/memory.h"
#include "crypto/aes.h"
#include "crypto/digest.h"

namespace oti::card {
namespace {

using iso7816::Ins;

constexpr std::string_view kProfileName = "profile/name", kProfileText = "profile/toml",
                           kIdentity = "identity";
constexpr std::uint8_t kSelectByName = 0x04, kFirstOrOnly = 0x00, kNextOccurrence = 0x02;
constexpr std::uint8_t kMoreCommands = 0x80;
/// Table 6-1 for an issuer's domain: all but DAP, delegated management, mandated DAP and global service.
constexpr std::uint32_t kIssuerPrivileges = 0x9EFE80;
constexpr std::size_t kMaxChained = 4096;

Bytes encode(const Identity& identity) {
    ByteWriter writer;
    writer.lv(identity.iin).lv(identity.cin).lv(identity.cplc).lv(identity.key_diversification_data);
    return writer.lv(as_bytes(identity.se_id)).take();
}

Result<Identity> decode_identity(BytesView bytes) {
    ByteReader reader(bytes, "identity");
    Identity identity;
    for (auto* field : {&identity.iin, &identity.cin, &identity.cplc, &identity.key_diversification_data}) {
        OTI_TRY(auto value, reader.take_lv());
        *field = to_bytes(value);
    }
    OTI_TRY(auto se_id, reader.take_lv());
    identity.se_id = as_text(se_id);
    return identity;
}

Status check(const Personalization& personalization, const Profile& profile) {
    auto wrong = [](std::string_view what) {
        return fail(ErrorKind::kUsage, "se.personalization", std::string(what));
    };
    const auto& [keys, version, identity, type] = personalization;
    auto size = keys.enc.size();
    if ((size != 16 && size != 24 && size != 32) || keys.mac.size() != size || keys.dek.size() != size) {
        return wrong("the issuer's keys must be three AES keys of one length");
    }
    if (type != KeyType::kAes && (size != 16 || !profile.scp02_i)) {
        return wrong("triple DES keys have 16 bytes each and need a profile with SCP02");
    }
    if (version == 0 || version > kMaxKeyVersion) return wrong("a key version is from 01 to 7F");
    if (identity.key_diversification_data.size() != 10) {
        return wrong("key diversification data has 10 bytes");
    }
    if (identity.iin.size() > kMaxStoredData || identity.cin.size() > kMaxStoredData ||
        identity.cplc.size() > kMaxStoredData || identity.se_id.size() > kMaxStoredData) {
        return wrong("the identity of a secure element has fields of at most 64 bytes");
    }
    return {};
}

bool is_secured(const CommandApdu& command) {
    return (command.cla & 0x80) != 0 && (command.cla & 0x04) != 0;
}

/// Commands whose parts are gathered before the secure channel sees them (11.5.2.1, 11.8.2.1, 11.2.2.1).
bool can_be_chained(const CommandApdu& command) {
    return command.ins == value(Ins::kInstall) || command.ins == value(Ins::kPutKey) ||
           command.ins == value(Ins::kDelete);
}

/// Commands that a session does not protect: they begin one, or are protected in a way of their own.
bool begins_session(const CommandApdu& command) {
    return command.ins == value(Ins::kInitializeUpdate) || command.ins == value(Ins::kExternalAuthenticate) ||
           command.ins == value(Ins::kInternalAuthenticate);
}

/// Whether the command is a LOAD, or the INSTALL that ends a combined process.
bool is_next_of(const Loading& loading, const CommandApdu& command) {
    constexpr std::uint8_t kCombinedLast = 0x03;
    if (loading.complete) return command.ins == value(Ins::kInstall) && command.p2 == kCombinedLast;
    return command.ins == value(Ins::kLoad);
}

bool is_continued_by(const CommandApdu& part, const CommandApdu& next) {
    return part.cla == next.cla && part.ins == next.ins && part.p2 == next.p2 &&
           (part.p1 & ~kMoreCommands) == (next.p1 & ~kMoreCommands);
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

struct SecureElement::State {
    State(Nvm memory, Profile the_profile, Identity the_identity, crypto::Random& random)
        : nvm(std::move(memory)),
          profile(std::move(the_profile)),
          identity(std::move(the_identity)),
          environment{nvm, Registry(nvm), KeyStore(nvm), profile, identity, random} {}

    Nvm nvm;
    Profile profile;
    Identity identity;
    Environment environment;
    std::array<std::optional<Channel>, 4> channels;
    bool has_power = true;
};

SecureElement::SecureElement(std::unique_ptr<State> state) : state_(std::move(state)) {
    reset();
}
SecureElement::SecureElement(SecureElement&&) noexcept = default;
SecureElement& SecureElement::operator=(SecureElement&&) noexcept = default;
SecureElement::~SecureElement() = default;

const Profile& SecureElement::profile() const {
    return state_->profile;
}
const Identity& SecureElement::identity() const {
    return state_->identity;
}
const Registry& SecureElement::registry() const {
    return state_->environment.registry;
}
const KeyStore& SecureElement::keys() const {
    return state_->environment.keys;
}
std::uint64_t SecureElement::bytes_used() const {
    return state_->nvm.bytes_used();
}
std::uint64_t SecureElement::bytes_free() const {
    return free_nonvolatile_memory(state_->environment);
}
std::uint64_t SecureElement::bytes_used_by(const Aid& aid) const {
    return memory_used_by(state_->environment, aid);
}

Identity Personalization::identity_for(std::string_view se_id) {
    auto digest = crypto::sha256(as_bytes(se_id));
    Identity identity;
    identity.se_id = se_id;
    identity.iin = from_hex("F04F5449");
    identity.cin = to_bytes(BytesView(digest).first(8));
    identity.key_diversification_data = concat(from_hex("0000"), BytesView(digest).first(8));
    // IC fabricator, type and operating system are nobody's; dates are zero; the serial number is the
    // digest's.
    identity.cplc = concat(from_hex("F04F 0001 F04F 0000 0100 0000"), BytesView(digest).first(4), Bytes(26));
    return identity;
}

Result<SecureElement> SecureElement::create(std::unique_ptr<NvmFile> file, const ProfileSource& source,
                                            const Personalization& personalization, crypto::Random& random) {
    OTI_TRY(auto nvm, Nvm::open(std::move(file)));
    if (nvm.bytes_used() != 0) {
        return fail(ErrorKind::kUsage, "se.exists", "the file holds a secure element already");
    }
    OTI_CHECK(check(personalization, source.profile));
    auto state = std::make_unique<State>(std::move(nvm), source.profile, personalization.identity, random);
    state->nvm.put(kProfileName, to_bytes(as_bytes(source.profile.name)));
    state->nvm.put(kProfileText, to_bytes(as_bytes(source.toml)));
    state->nvm.put(kIdentity, encode(personalization.identity));

    auto& registry = state->environment.registry;
    auto issuer = Aid::constant(kIssuerDomainAid), package = Aid::constant(kDomainPackageAid),
         module = Aid::constant(kDomainModuleAid);
    registry.set_issuer(issuer);
    registry.set_card_state(kCardSecured);
    registry.put(Application{issuer, kCardSecured, PrivilegeSet(kIssuerPrivileges), package, module, issuer,
                             source.profile.scp03_i});
    for (const auto& import : source.profile.packages) {
        registry.put(LoadFile{import.aid, import.version, issuer, {}, {}, true});
    }
    registry.put(LoadFile{package, {1, 0}, issuer, {module}, {}, true});
    state->environment.keys.put_set(issuer, personalization.key_version, personalization.issuer_keys,
                                    personalization.key_type);
    OTI_CHECK(state->nvm.commit());
    return SecureElement(std::move(state));
}

Result<SecureElement> SecureElement::open(std::unique_ptr<NvmFile> file, crypto::Random& random) {
    OTI_TRY(auto nvm, Nvm::open(std::move(file)));
    auto name = nvm.get(kProfileName), text = nvm.get(kProfileText), identity_bytes = nvm.get(kIdentity);
    if (!name || !text || !identity_bytes) {
        return fail(ErrorKind::kUsage, "se.format", "the file holds no secure element",
                    "make one with 'oti se new'");
    }
    OTI_TRY(auto profile, Profile::parse(as_text(*name), as_text(*text)));
    OTI_TRY(auto identity, decode_identity(*identity_bytes));
    return SecureElement(
        std::make_unique<State>(std::move(nvm), std::move(profile), std::move(identity), random));
}

void SecureElement::reset() {
    state_->channels = {};
    state_->channels[0].emplace();
    state_->channels[0]->selected = state_->environment.registry.issuer();
}

Bytes SecureElement::process(BytesView bytes, Exchange& exchange) {
    exchange.bytes_in += bytes.size();
    auto response = [&]() -> Bytes {
        if (!state_->has_power) return ResponseApdu{{}, StatusWord::kMemoryFailure}.encode();
        auto command = CommandApdu::parse(bytes);
        if (!command) return ResponseApdu{{}, StatusWord::kWrongLength}.encode();
        bool extended = command->data.size() > iso7816::kMaxShortData || command->ne > iso7816::kMaxShortNe ||
                        command->encode().size() != bytes.size();
        bool too_long = command->data.size() > state_->profile.max_command_data;
        if (too_long || (extended && !state_->profile.extended_length))
            return ResponseApdu{{}, StatusWord::kWrongLength}.encode();
        return dispatch(*command, exchange).encode();
    }();
    exchange.bytes_out += response.size();
    return response;
}

ResponseApdu SecureElement::dispatch(const CommandApdu& command, Exchange& exchange) {
    auto plain = [&](const Answer& answer) { return answer ? *answer : ResponseApdu{{}, answer.error()}; };
    auto number = iso7816::channel_of(command.cla);
    if (command.cla == 0xFF) return {{}, StatusWord::kClaNotSupported};
    if (number >= state_->profile.logical_channels || !state_->channels[number]) {
        return {{}, StatusWord::kChannelNotSupported};
    }
    auto& channel = *state_->channels[number];
    if (!is_secured(command) && command.ins == value(Ins::kManageChannel))
        return plain(manage_channel(command));
    if (!is_secured(command) && command.ins == value(Ins::kSelect) && command.p1 == kSelectByName) {
        return plain(select(command, channel));
    }
    auto selected =
        channel.selected ? state_->environment.registry.application(*channel.selected) : std::nullopt;
    if (!selected || selected->is_locked()) return {{}, StatusWord::kConditionsNotSatisfied};
    // Applications are registered and selected; nothing runs them.
    if (!selected->is_security_domain()) return {{}, StatusWord::kInsNotSupported};
    return run_in_domain(*selected, channel, command, exchange);
}

// ISO/IEC 7816-4, 11.1.2; GPCS 2.3.1, 11.7
Answer SecureElement::manage_channel(const CommandApdu& command) {
    auto& channels = state_->channels;
    auto usable = std::span(channels).first(state_->profile.logical_channels);
    if (command.p1 == 0x00 && command.p2 == 0x00) {
        auto free = std::ranges::find_if(usable, [](const auto& channel) { return !channel; });
        if (free == usable.end()) return refuse(StatusWord::kFunctionNotSupported);
        free->emplace();
        (*free)->selected = state_->environment.registry.issuer();
        return ResponseApdu{{static_cast<std::uint8_t>(free - usable.begin())}};
    }
    if (command.p1 == 0x80) {
        if (command.p2 == 0 || command.p2 >= usable.size()) return refuse(StatusWord::kIncorrectP1P2);
        if (!usable[command.p2]) return ResponseApdu{{}, static_cast<StatusWord>(0x6200)};  // already closed
        usable[command.p2].reset();
        return ResponseApdu{};
    }
    return refuse(StatusWord::kIncorrectP1P2);
}

// GPCS 2.3.1, 6.4.2 and 11.9: the whole AID or its beginning; the first match, or the next one after the
// current.
Answer SecureElement::select(const CommandApdu& command, Channel& channel) {
    const auto& registry = state_->environment.registry;
    if (command.p2 != kFirstOrOnly && command.p2 != kNextOccurrence)
        return refuse(StatusWord::kIncorrectP1P2);
    auto all = registry.applications();
    auto from = all.begin();
    if (command.p2 == kNextOccurrence) {
        from = std::ranges::find_if(all, [&](const auto& entry) { return entry.aid == channel.selected; });
        if (from != all.end()) ++from;
    }
    bool card_locked = registry.card_state() == kCardLocked || registry.card_state() == kCardTerminated;
    auto matches = [&](const Application& entry) {
        bool issuer = entry.aid == registry.issuer();
        bool selectable = issuer || (!entry.is_locked() && !card_locked &&
                                     entry.life_cycle >= static_cast<std::uint8_t>(LifeCycle::kSelectable));
        return selectable && entry.aid.starts_with(command.data);
    };
    // An AID that is the beginning of another one comes first, whatever the order.
    auto found =
        command.p2 == kFirstOrOnly
            ? std::find_if(from, all.end(),
                           [&](const auto& entry) {
                               return matches(entry) && entry.aid.bytes().size() == command.data.size();
                           })
            : all.end();
    if (found == all.end()) found = std::find_if(from, all.end(), matches);
    if (found == all.end()) return refuse(StatusWord::kNotFound);

    channel = Channel{};
    channel.selected = found->aid;
    return ResponseApdu{file_control_information(*found, state_->profile)};
}

ResponseApdu SecureElement::run_in_domain(const Application& domain, Channel& channel,
                                          const CommandApdu& received, Exchange& exchange) {
    auto command = received;
    auto before = std::exchange(channel.chained, std::nullopt);
    if (can_be_chained(command)) {
        // Parts of another command that never got its last one are dropped.
        if (before && is_continued_by(*before, command)) {
            command.data = concat(before->data, command.data);
            if (command.data.size() > kMaxChained) return {{}, StatusWord::kWrongLength};
        }
        if ((command.p1 & kMoreCommands) != 0) {
            channel.chained = std::move(command);
            return {};
        }
    }

    bool in_session = channel.session && !begins_session(command);
    if (!in_session) {
        // Without a session there is nothing that could take the security off again.
        if (is_secured(command) && command.ins != value(Ins::kExternalAuthenticate))
            return {{}, StatusWord::kSecurityStatus};
        exchange.crypto_bytes += command.data.size();
        if (command.ins == value(Ins::kInitializeUpdate)) exchange.crypto_bytes += 5 * crypto::kAesBlock;
        auto written_before = state_->nvm.bytes_written();
        auto response = run_plain(domain, channel, command);
        exchange.flash_bytes += state_->nvm.bytes_written() - written_before;
        return response;
    }
    auto unwrapped = channel.session->unwrap(command);
    exchange.crypto_bytes += command.data.size();
    if (!unwrapped) {
        channel.loading.reset();
        return {{}, unwrapped.error()};
    }
    // A chip writes each block of a load file when it comes; here all are written with the last one.
    auto block = unwrapped->ins == value(Ins::kLoad) ? unwrapped->data.size() : 0;
    auto gathered = channel.loading ? channel.loading->data.size() : 0;
    auto written_before = state_->nvm.bytes_written();
    auto response = run_plain(domain, channel, *unwrapped);
    auto written = state_->nvm.bytes_written() - written_before;
    exchange.flash_bytes += written > gathered ? written - gathered : block;
    auto wrapped = ResponseApdu::parse(channel.session->wrap(response));
    exchange.crypto_bytes += response.data.size();
    return wrapped.value();
}

/// Runs a command as one transaction.
ResponseApdu SecureElement::run_plain(const Application& domain, Channel& channel,
                                      const CommandApdu& command) {
    // Anything but what is due ends a load that is not complete (11.6.2, 9.3.8).
    if (channel.loading && !is_next_of(*channel.loading, command)) channel.loading.reset();
    auto& nvm = state_->nvm;
    auto used_before = nvm.bytes_used();
    auto issuer = registry().issuer();
    auto answer = run_domain_command(state_->environment, channel, domain, command);
    auto new_issuer = registry().issuer();
    if (answer) follow_issuer(issuer);
    // What is selected on any channel cannot be deleted (9.5.1).
    if (answer && has_lost_a_selection()) answer = refuse(StatusWord::kConditionsNotSatisfied);
    if (answer && nvm.bytes_used() > used_before && !fits_in_memory(state_->environment)) {
        answer = refuse(StatusWord::kNoSpace);
    }
    if (!answer) {
        nvm.rollback();
        follow_issuer(new_issuer);
        channel.loading.reset();
        return {{}, answer.error()};
    }
    if (nvm.has_changes()) {
        if (!nvm.commit()) {
            state_->has_power = false;
            return {{}, StatusWord::kMemoryFailure};
        }
    }
    return *answer;
}

void SecureElement::follow_issuer(const Aid& before) {
    auto now = registry().issuer();
    for (auto& channel : state_->channels) {
        if (channel && channel->selected == before) channel->selected = now;
    }
}

bool SecureElement::has_lost_a_selection() const {
    return std::ranges::any_of(state_->channels, [&](const auto& channel) {
        return channel && channel->selected && !registry().application(*channel->selected);
    });
}

}  // namespace oti::card
