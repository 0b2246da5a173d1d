// SPDX-License-Identifier: Apache-2.0
#include "ota/handset.h"

#include <algorithm>

namespace oti::ota {
namespace {

using iso7816::CommandApdu;
using Type = ProactiveCommand::Type;

// TS 102 221, 10.1.2; class 80.
constexpr std::uint8_t kTerminalProfile = 0x10, kFetch = 0x12, kTerminalResponse = 0x14, kEnvelope = 0xC2;
constexpr Tag kSmsDownload = 0xD1, kEventDownload = 0xD6, kTimerExpiration = 0xD7;
constexpr std::uint8_t kCard = 0x81, kTerminal = 0x82, kNetwork = 0x83;
constexpr std::uint8_t kDataAvailable = 0x09, kChannelStatus = 0x0A;
// General results (TS 102 223, 8.12), with more where it has to be said.
const Bytes kPerformed{0x00}, kBeyondCapabilities{0x30}, kNoChannel{0x3A, 0x01}, kClosed{0x3A, 0x02},
    kNoSuchChannel{0x3A, 0x03}, kUnreachable{0x3A, 0x07};
constexpr std::uint8_t kStands = 0x80, kDropped = 0x05;
constexpr std::uint8_t kMaxShown = 0xFF;
constexpr std::size_t kTransmitBuffer = 0xFF;

// Profile download, SMS-PP data download; commands by 91xx; SEND SHORT MESSAGE (TS 102 223, 5.2).
const Bytes kProfile{0x03, 0x01, 0x01, 0x02};
// With events, timers, channels, and TCP for a client.
const Bytes kProfileWithChannels{0x23, 0x01, 0x01, 0x02, 0x01, 0x0C, 0x00, 0x01, 0x00,
                                 0x00, 0x00, 0x0F, 0xE2, 0x00, 0x00, 0x00, 0x01};

Bytes shown_length(std::size_t size) {
    return encode_object(object_tag::kDataLength,
                         Bytes{static_cast<std::uint8_t>(std::min<std::size_t>(size, kMaxShown))});
}

}  // namespace

void Handset::start() {
    *this = Handset(centre_, abilities_);
    envelopes_.push_back({Due::kProfile, abilities_.channels ? kProfileWithChannels : kProfile});
}

std::optional<Bytes> Handset::next() {
    if (asked_ != Due::kNothing) return std::nullopt;
    if (response_) {
        asked_ = Due::kResponse;
        in_command_ = false;
        return CommandApdu{0x80, kTerminalResponse, 0, 0, *std::exchange(response_, std::nullopt), 0}
            .encode();
    }
    if (in_command_) return std::nullopt;
    if (fetch_) {
        asked_ = Due::kFetch;
        auto length = *std::exchange(fetch_, std::nullopt);
        return CommandApdu{0x80, kFetch, 0, 0, {}, length == 0 ? iso7816::kMaxShortNe : length}.encode();
    }
    if (envelopes_.empty()) return std::nullopt;
    auto [kind, data] = std::move(envelopes_.front());
    envelopes_.pop_front();
    asked_ = kind;
    in_a_row_ = 0;
    if (kind == Due::kProfile) return CommandApdu{0x80, kTerminalProfile, 0, 0, std::move(data), 0}.encode();
    return CommandApdu{0x80, kEnvelope, 0, 0, std::move(data), iso7816::kMaxShortNe}.encode();
}

Status Handset::answer(BytesView bytes) {
    OTI_TRY(auto response, iso7816::ResponseApdu::parse(bytes));
    auto sw = static_cast<std::uint16_t>(response.sw);
    auto asked = std::exchange(asked_, Due::kNothing);
    constexpr std::uint16_t kWants = 0x91;
    if (asked == Due::kFetch) {
        OTI_TRY(auto command, ProactiveCommand::parse(response.data));
        in_command_ = true;
        return carry_out(command);
    }
    if (asked == Due::kMessage) wishes_.emplace_back(Report{sw, std::move(response.data)});
    if (sw >> 8 == kWants) fetch_ = static_cast<std::uint8_t>(sw);
    return {};
}

void Handset::deliver(const SmsDeliver& message) {
    auto address = centre_.encode();
    // Its length counts octets here, type included (TS 102 223, 8.1).
    auto content = concat(encode_object(object_tag::kDevices, Bytes{kNetwork, kCard}),
                          encode_tlv(object_tag::kAddress, BytesView(address).subspan(1)),
                          encode_object(object_tag::kTpdu, message.encode()));
    envelopes_.push_back({Due::kMessage, encode_tlv(kSmsDownload, content)});
}

Handset::Channel* Handset::channel(std::uint8_t number) {
    if (number == 0 || number > channels_.size()) return nullptr;
    return &channels_[number - 1];
}

Bytes Handset::status_of(std::uint8_t number) const {
    auto state = channels_[number - 1].state;
    bool stands = state == Channel::State::kOpen;
    return encode_object(object_tag::kChannelStatus,
                         Bytes{static_cast<std::uint8_t>(number | (stands ? kStands : 0)),
                               state == Channel::State::kLost ? kDropped : std::uint8_t{0}});
}

void Handset::tell(std::uint8_t event, BytesView objects) {
    auto content = concat(encode_object(object_tag::kEvents, Bytes{event}),
                          encode_object(object_tag::kDevices, Bytes{kTerminal, kCard}), objects);
    envelopes_.push_back({Due::kEvent, encode_tlv(kEventDownload, content)});
}

void Handset::opened(std::uint8_t number, bool stands) {
    auto* found = channel(number);
    if (found == nullptr || found->state != Channel::State::kOpening) return;
    auto command = *std::exchange(found->command, std::nullopt);
    found->state = stands ? Channel::State::kOpen : Channel::State::kFree;
    auto objects = stands ? status_of(number) : Bytes{};
    append(objects, encode_object(object_tag::kBearer, command.bearer));
    append(objects, encode_object(object_tag::kBufferSize, command.buffer_size));
    respond(command, stands ? kPerformed : kUnreachable, objects);
}

void Handset::received(std::uint8_t number, BytesView octets) {
    auto* found = channel(number);
    if (found == nullptr || found->state != Channel::State::kOpen || octets.empty()) return;
    bool was_empty = found->received.empty();
    append(found->received, octets);
    // Only if there was nothing in the buffer (7.5.10.1).
    if (was_empty) tell(kDataAvailable, concat(status_of(number), shown_length(found->received.size())));
}

void Handset::lost(std::uint8_t number) {
    auto* found = channel(number);
    if (found == nullptr || found->state != Channel::State::kOpen) return;
    found->state = Channel::State::kLost;
    tell(kChannelStatus, status_of(number));
}

void Handset::expired(std::uint8_t timer) {
    if (timer >= timers_.size()) return;
    auto content = concat(encode_object(object_tag::kDevices, Bytes{kTerminal, kCard}),
                          encode_object(object_tag::kTimer, Bytes{timer}),
                          encode_object(object_tag::kTimerValue, encode_timer(timers_[timer])));
    envelopes_.push_back({Due::kEvent, encode_tlv(kTimerExpiration, content)});
}

void Handset::respond(const ProactiveCommand& command, BytesView result, BytesView objects) {
    response_ = concat(encode_object(object_tag::kDetails, command.details),
                       encode_tlv(object_tag::kDevices, Bytes{kTerminal, kCard}),
                       encode_object(object_tag::kResult, result), objects);
}

Status Handset::carry_out(const ProactiveCommand& command) {
    bool of_channel = command.type >= Type::kOpenChannel && command.type <= Type::kSendData;
    constexpr unsigned kMostInARow = 64;
    if (!of_channel && ++in_a_row_ == kMostInARow)
        return fail(ErrorKind::kCard, "sms.endless", "the card wants one thing after another");
    bool can_more = abilities_.channels;
    if (command.type == Type::kSendShortMessage && command.message) {
        wishes_.emplace_back(*command.message);
        respond(command, kPerformed);
    } else if (can_more && of_channel) {
        carry_out_on_channel(command);
    } else if (can_more && command.type == Type::kSetUpEventList) {
        // All events that there are are told.
        respond(command, kPerformed);
    } else if (can_more && command.type == Type::kTimerManagement && command.qualifier == 0 &&
               command.timer > 0 && command.timer < timers_.size()) {
        timers_[command.timer] = command.duration;
        wishes_.emplace_back(StartTimer{command.timer, command.duration});
        respond(command, kPerformed, encode_object(object_tag::kTimer, Bytes{command.timer}));
    } else {
        respond(command, kBeyondCapabilities);
    }
    return {};
}

void Handset::open(const ProactiveCommand& command) {
    auto free = std::ranges::find(channels_, Channel::State::kFree, &Channel::state);
    if (!command.target || free == channels_.end())
        return respond(command, command.target ? kNoChannel : kBeyondCapabilities);
    *free = {Channel::State::kOpening, {}, command};
    auto number = static_cast<std::uint8_t>(1 + (free - channels_.begin()));
    wishes_.emplace_back(OpenChannel{number, *command.target});
}

void Handset::carry_out_on_channel(const ProactiveCommand& command) {
    if (command.type == Type::kOpenChannel) return open(command);
    auto* found = channel(command.channel);
    if (found == nullptr || found->state == Channel::State::kFree || found->state == Channel::State::kOpening)
        return respond(command, kNoSuchChannel);
    if (command.type == Type::kCloseChannel) {
        if (found->state == Channel::State::kOpen) wishes_.emplace_back(CloseChannel{command.channel});
        *found = {};
        return respond(command, kPerformed);
    }
    if (command.type == Type::kReceiveData) {
        auto& waiting = found->received;
        auto size = std::min<std::size_t>(waiting.size(), command.length);
        auto data = BytesView(waiting).first(size);
        auto objects = concat(encode_object(object_tag::kData, data), shown_length(waiting.size() - size));
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size));
        return respond(command, kPerformed, objects);
    }
    if (found->state == Channel::State::kLost) return respond(command, kClosed);
    wishes_.emplace_back(SendData{command.channel, command.data});
    respond(command, kPerformed, shown_length(kTransmitBuffer));
}

}  // namespace oti::ota
