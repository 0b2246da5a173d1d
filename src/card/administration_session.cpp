// SPDX-License-Identifier: Apache-2.0
#include "card/administration_session.h"

#include <algorithm>

namespace oti::card {
namespace {

constexpr std::uint8_t kStartTimer = 0x00, kTimer = 0x01;
constexpr std::uint8_t kDataAvailable = 0x09, kChannelStatusEvent = 0x0A;
/// What a chip's memory holds of an answer.
constexpr std::size_t kMaxAnswer = 4096;

/// TERMINAL PROFILE (TS 102 223, 5.2): commands of channels, TCP as a client, and events.
bool can_open_channels(BytesView profile) {
    constexpr std::size_t kEvents = 4, kMoreEvents = 5, kChannels = 11, kTransport = 16;
    if (profile.size() <= kTransport) return false;
    return (profile[kEvents] & 0x01) != 0 && (profile[kMoreEvents] & 0x0C) == 0x0C &&
           (profile[kChannels] & 0x0F) == 0x0F && (profile[kTransport] & 0x01) != 0;
}

std::optional<crypto::SecretBytes> find_psk(const Environment& environment, const Aid& domain,
                                            KeyPlace place) {
    auto key = environment.keys.find(domain, place);
    if (!key || key->components.front().type != KeyType::kPskTls) return std::nullopt;
    return std::move(key->components.front().value);
}

/// The DEK beside the pre-shared key (3.3.2); triple DES is deprecated there.
std::optional<KeyComponent> find_dek(const Environment& environment, const Aid& domain, KeyPlace psk) {
    auto key = environment.keys.find(domain, {psk.version, static_cast<std::uint8_t>(psk.id + 1)});
    if (!key || key->components.front().type != KeyType::kAes) return std::nullopt;
    return std::move(key->components.front());
}

std::optional<AdministrationRequest> first_request(const CommandRunner& card) {
    auto requests = AdministrationRequests::all(card.environment.nvm);
    if (requests.empty()) return std::nullopt;
    return std::move(requests.front());
}

bool is_zero(BytesView delay) {
    return std::ranges::all_of(delay, [](auto byte) { return byte == 0; });
}

}  // namespace

void AdministrationSession::reset() {
    channel_.reset();
    execution_.reset();
    dialogue_.reset();
    phone_can_ = events_wanted_ = waiting_ = false;
}

void AdministrationSession::start(CommandRunner& card, BytesView profile) {
    phone_can_ = can_open_channels(profile);
    bool busy = !channel_.is_closed() || waiting_;
    if (busy || !phone_can_) return;
    auto request = first_request(card);
    // Power was lost in the middle of it, which costs one of its retries (3.8.3).
    if (request && request->requested) return try_again(card);
    begin(card);
}

bool AdministrationSession::trigger(CommandRunner& card, const Application& domain, BytesView message) {
    auto& nvm = card.environment.nvm;
    auto parameters = complete_parameters(card.environment, domain, message);
    auto requests = AdministrationRequests::all(nvm);
    if (!phone_can_ || !parameters || requests.size() == AdministrationRequests::kMost ||
        !find_psk(card.environment, domain.aid, parameters->key))
        return false;
    requests.push_back({domain.aid, to_bytes(message), parameters->retries});
    AdministrationRequests::put(nvm, requests);
    if (requests.size() == 1) begin(card);
    return true;
}

void AdministrationSession::begin(CommandRunner& card) {
    if (!channel_.is_closed() || waiting_) return;
    auto requests = AdministrationRequests::all(card.environment.nvm);
    // One whose domain or key is gone cannot begin any more.
    while (!requests.empty() && !open(card, requests.front())) requests.erase(requests.begin());
    if (requests.size() != AdministrationRequests::all(card.environment.nvm).size())
        AdministrationRequests::put(card.environment.nvm, requests);
}

bool AdministrationSession::open(CommandRunner& card, const AdministrationRequest& request) {
    auto& environment = card.environment;
    auto domain = environment.registry.application(request.domain);
    auto parameters = domain && !domain->is_locked()
                          ? complete_parameters(environment, *domain, request.trigger)
                          : std::nullopt;
    if (!parameters || !find_psk(environment, request.domain, parameters->key)) return false;
    parameters_ = std::move(*parameters);
    if (!request.uri.empty()) parameters_.uri = request.uri;
    if (!std::exchange(events_wanted_, true)) {
        queue_->add(ProactiveType::kSetUpEventList, 0, kPhoneDevice,
                    encode_object(ObjectTag::kEventList, Bytes{kDataAvailable, kChannelStatusEvent}));
    }
    channel_.open(parameters_.connection);
    return true;
}

void AdministrationSession::on_response(CommandRunner& card, const TerminalResponse& response) {
    switch (response.type) {
        case ProactiveType::kOpenChannel:
        case ProactiveType::kCloseChannel:
        case ProactiveType::kReceiveData:
        case ProactiveType::kSendData:
            return on_news(card, channel_.on_response(response));
        case ProactiveType::kTimerManagement:
            // A phone without timers is not waited for; the number of retries is bounded all the same.
            if (!response.performed && std::exchange(waiting_, false)) begin(card);
            return;
        default:
            return;
    }
}

void AdministrationSession::on_event(CommandRunner& card, const PhoneObjects& objects) {
    auto event = objects.find(ObjectTag::kEventList);
    if (!event || event->size() != 1) return;
    if (event->front() == kDataAvailable) channel_.on_data_available(objects);
    if (event->front() == kChannelStatusEvent) on_news(card, channel_.on_status(objects));
}

void AdministrationSession::on_timer(CommandRunner& card, const PhoneObjects& objects) {
    auto timer = objects.find(ObjectTag::kTimerIdentifier);
    if (!timer || !same(*timer, Bytes{kTimer}) || !std::exchange(waiting_, false)) return;
    begin(card);
}

void AdministrationSession::on_news(CommandRunner& card, const BipChannel::News& news) {
    if (news.opened) {
        auto request = first_request(card);
        auto key = request ? find_psk(card.environment, request->domain, parameters_.key) : std::nullopt;
        if (key) {
            dialogue_ = AdministrationDialogue::begin(
                {parameters_.identity, std::move(*key)},
                {parameters_.host, parameters_.agent, parameters_.uri, request->requested});
        }
        if (!dialogue_) {
            leave_connection();
            return end(card);
        }
        channel_.send(dialogue_->take_outgoing());
    }
    if (news.lost) return try_again(card);
    if (dialogue_ && !news.received.empty()) on_octets(card, news.received);
    begin(card);
}

void AdministrationSession::on_octets(CommandRunner& card, BytesView octets) {
    using State = AdministrationDialogue::State;
    bool had_requested = dialogue_->has_requested();
    auto state = dialogue_->receive(octets);
    if (state == State::kHasScript) {
        run_script(card);
        state = dialogue_->state();
    }
    channel_.send(dialogue_->take_outgoing());
    if (state == State::kLost) return try_again(card);
    if (state != State::kWaiting) {
        leave_connection();
        return end(card);
    }
    if (had_requested || !dialogue_->has_requested()) return;
    auto request = first_request(card);
    if (!request) return;
    request->requested = true;
    update(card, *request);
}

void AdministrationSession::run_script(CommandRunner& card) {
    auto& environment = card.environment;
    auto request = first_request(card);
    auto own = request ? environment.registry.application(request->domain) : std::nullopt;
    auto target = own;
    auto status = ScriptStatus::kOk;
    const auto& named = dialogue_->target();
    if (!own) {
        status = ScriptStatus::kSecurityError;
    } else if (named && !same(own->aid.bytes(), *named)) {
        auto aid = Aid::create(*named);
        target = aid ? environment.registry.application(*aid) : std::nullopt;
        if (!target) {
            status = ScriptStatus::kUnknownApplication;
        } else if (!target->is_security_domain()) {
            status = ScriptStatus::kNotASecurityDomain;
        } else if (target->security_domain != request->domain ||
                   !environment.keys.places(target->aid).empty()) {
            // It would have to check a channel of its own inside of this one (3.3.3.2).
            status = ScriptStatus::kSecurityError;
        }
    }
    Bytes answer;
    if (status == ScriptStatus::kOk) {
        RemoteAuthority authority{
            {.authenticated = true, .c_mac = true, .c_decryption = true, .r_mac = true, .r_encryption = true},
            [&](const CommandApdu&) { return find_dek(environment, request->domain, parameters_.key); }};
        answer = execution_.run(card, *target, ScriptFormat::kExpanded, authority, dialogue_->script(),
                                kMaxAnswer);
    }
    dialogue_->reply(status, std::move(answer));
    // From here on an interruption is followed by the next request (3.5).
    if (!request) return;
    request->uri = dialogue_->uri();
    update(card, *request);
}

void AdministrationSession::leave_connection() {
    dialogue_.reset();
    // A command session ends with its connection (3.6).
    execution_.reset();
    channel_.close();
}

void AdministrationSession::try_again(CommandRunner& card) {
    leave_connection();
    auto request = first_request(card);
    if (!request) return;
    if (request->retries == 0) return end(card);
    --request->retries;
    update(card, *request);
    auto domain = card.environment.registry.application(request->domain);
    auto parameters =
        domain ? complete_parameters(card.environment, *domain, request->trigger) : std::nullopt;
    if (parameters && !is_zero(parameters->delay)) {
        waiting_ = true;
        queue_->add(ProactiveType::kTimerManagement, kStartTimer, kPhoneDevice,
                    concat(encode_object(ObjectTag::kTimerIdentifier, Bytes{kTimer}),
                           encode_object(ObjectTag::kTimerValue, parameters->delay)));
    }
    begin(card);
}

void AdministrationSession::end(CommandRunner& card) {
    auto requests = AdministrationRequests::all(card.environment.nvm);
    if (!requests.empty()) requests.erase(requests.begin());
    AdministrationRequests::put(card.environment.nvm, requests);
    begin(card);
}

void AdministrationSession::update(CommandRunner& card, const AdministrationRequest& request) {
    auto requests = AdministrationRequests::all(card.environment.nvm);
    if (requests.empty()) return;
    requests.front() = request;
    AdministrationRequests::put(card.environment.nvm, requests);
}

}  // namespace oti::card
