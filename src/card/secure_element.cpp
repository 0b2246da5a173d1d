// SPDX-License-Identifier: Apache-2.0
#include "card/secure_element.h"

#include "card/applets.h"
#include "card/class_byte.h"
#include "card/domain_commands.h"
#include "card/memory.h"
#include "card/open_commands.h"
#include "card/toolkit.h"
#include "crypto/aes.h"

namespace oti::card {
namespace {

using iso7816::Ins;

constexpr std::string_view kProfileName = "profile/name", kProfileText = "profile/toml",
                           kIdentity = "identity";
/// Table 6-1 for an issuer's domain: all but DAP, delegated management, mandated DAP and global service.
constexpr std::uint32_t kIssuerPrivileges = 0x9EFE80;

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

}  // namespace

struct SecureElement::State {
    State(Nvm memory, Profile the_profile, Identity the_identity, crypto::Random& random)
        : nvm(std::move(memory)),
          profile(std::move(the_profile)),
          identity(std::move(the_identity)),
          environment{nvm, Registry(nvm), KeyStore(nvm), applets, profile, identity, random},
          open(environment) {}

    Nvm nvm;
    Profile profile;
    Identity identity;
    Applets applets;
    Environment environment;
    Open open;
    Toolkit toolkit;
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

Result<SecureElement> SecureElement::create(std::unique_ptr<NvmFile> file, const ProfileSource& source,
                                            const Personalization& personalization, crypto::Random& random) {
    OTI_TRY(auto nvm, Nvm::open(std::move(file)));
    if (nvm.bytes_used() != 0) {
        return fail(ErrorKind::kUsage, "se.exists", "the file holds a secure element already");
    }
    OTI_CHECK(personalization.check(source.profile));
    auto state = std::make_unique<State>(std::move(nvm), source.profile, personalization.identity, random);
    state->nvm.put(kProfileName, to_bytes(as_bytes(source.profile.name)));
    state->nvm.put(kProfileText, to_bytes(as_bytes(source.toml)));
    state->nvm.put(kIdentity, personalization.identity.encode());

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
    if (personalization.remote) {
        const auto& [version, keys, type, mac_size] = *personalization.remote;
        state->environment.keys.put_set(issuer, version, keys, type);
        if (type == KeyType::kAes)
            state->environment.keys.attach(issuer, {version, kKeyMac}, KeyAttachment::kMacSize,
                                           Bytes{mac_size});
    }
    OTI_CHECK(state->nvm.commit());
    return start(std::move(state));
}

Result<SecureElement> SecureElement::start(std::unique_ptr<State> state) {
    OTI_CHECK(state->applets.start(state->environment));
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
    OTI_TRY(auto identity, Identity::decode(*identity_bytes));
    return start(std::make_unique<State>(std::move(nvm), std::move(profile), std::move(identity), random));
}

void SecureElement::reset() {
    state_->applets.reset();
    state_->open.reset();
    state_->toolkit.reset();
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
    exchange.diagnosis = state_->applets.take_diagnosis();
    exchange.bytes_out += response.size();
    return response;
}

ResponseApdu SecureElement::dispatch(const CommandApdu& received, Exchange& exchange) {
    auto cla = ClassByte::parse(received.cla);
    if (!cla) return {{}, StatusWord::kClaNotSupported};
    auto command = received;
    command.cla = on_basic_channel(received.cla);
    auto written_before = state_->nvm.bytes_written();
    auto end = [&](ResponseApdu response) {
        response = end_command(std::move(response));
        exchange.flash_bytes += state_->nvm.bytes_written() - written_before;
        return response;
    };
    if (auto answer = state_->open.run(cla->channel, command)) {
        return end(*answer ? std::move(**answer) : ResponseApdu{{}, answer->error()});
    }
    auto* channel = state_->open.channel(cla->channel);
    if (channel == nullptr) return {{}, StatusWord::kChannelNotSupported};
    auto selected =
        channel->selected ? state_->environment.registry.application(*channel->selected) : std::nullopt;
    // A phone talks to the card on the basic channel, where its own application is selected; an applet that
    // is selected there has these instructions for itself.
    bool is_for_toolkit =
        state_->profile.toolkit && received.cla == Toolkit::kClass && Toolkit::knows(received.ins);
    if (is_for_toolkit && !(selected && state_->applets.is_applet(selected->aid))) {
        Toolkit::Card card{state_->environment,
                           [this](const Application& domain, Channel& channel, const CommandApdu& one) {
                               return run_plain(domain, channel, one);
                           },
                           [this] { return end_command({}).sw == StatusWord::kOk; }};
        return end(state_->toolkit.process(card, command));
    }
    if (!selected) return {{}, StatusWord::kAppletSelectFailed};
    if (selected->is_locked()) return {{}, StatusWord::kConditionsNotSatisfied};
    if (state_->applets.is_applet(selected->aid))
        return end(state_->applets.process(*channel, received, false));
    // No domain holds a response back: that is the transmission's, and comes here when there is none.
    if (command.ins == value(Ins::kGetResponse)) return {{}, StatusWord::kConditionsNotSatisfied};
    if (!is_for_domain(received.cla)) return {{}, StatusWord::kClaNotSupported};
    // Selection by name is the OPEN's, and there is no other.
    if (!cla->proprietary && command.ins == value(Ins::kSelect)) return {{}, StatusWord::kIncorrectP1P2};
    auto whole = channel->chain.take(command);
    if (!whole) return {{}, whole.error()};
    return *whole ? run_in_domain(*selected, *channel, **whole, exchange) : ResponseApdu{};
}

ResponseApdu SecureElement::run_in_domain(const Application& domain, Channel& channel,
                                          const CommandApdu& command, Exchange& exchange) {
    bool in_session = channel.session && !begins_session(command);
    if (!in_session) {
        // Without a session there is nothing that could take the security off again.
        if (ClassByte::parse(command.cla)->secured && command.ins != value(Ins::kExternalAuthenticate))
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
    auto issuer_before = registry().issuer();
    auto answer = run_content_command(domain, channel, command);
    if (!answer) {
        auto issuer = registry().issuer();
        state_->nvm.rollback();
        state_->open.rename(issuer, issuer_before);
        state_->applets.forget_plans();
        channel.loading.reset();
        return end_command({{}, answer.error()});
    }
    return end_command(std::move(*answer));
}

Answer SecureElement::run_content_command(const Application& domain, Channel& channel,
                                          const CommandApdu& command) {
    auto used_before = state_->nvm.bytes_used();
    auto issuer_before = registry().issuer();
    auto answer = run_domain_command(state_->environment, channel, domain, command);
    // The issuer's domain may have got another AID, on whatever channels it is selected.
    state_->open.rename(issuer_before, registry().issuer());
    if (!answer) return answer;
    // What is selected on any channel cannot be deleted (9.5.1).
    if (state_->open.has_lost_a_selection()) return refuse(StatusWord::kConditionsNotSatisfied);
    if (state_->nvm.bytes_used() > used_before && !fits_in_memory(state_->environment))
        return refuse(StatusWord::kNoSpace);
    OTI_CHECK(state_->applets.carry_out(channel));
    return answer;
}

ResponseApdu SecureElement::end_command(ResponseApdu response) {
    state_->applets.end_command();
    if (state_->nvm.has_changes() && !state_->nvm.commit()) {
        state_->has_power = false;
        return {{}, StatusWord::kMemoryFailure};
    }
    return response;
}

}  // namespace oti::card
