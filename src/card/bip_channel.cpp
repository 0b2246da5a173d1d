// SPDX-License-Identifier: Apache-2.0
#include "card/bip_channel.h"

#include <algorithm>

namespace oti::card {
namespace {

/// What a command of 255 bytes has room for, and a TERMINAL RESPONSE of as many.
constexpr std::size_t kMaxSend = 239;
constexpr std::uint8_t kMaxReceive = 237;
constexpr std::uint8_t kImmediately = 0x01;
constexpr std::uint8_t kChannelNumber = 0x07, kLinkStands = 0x80;

}  // namespace

void BipChannel::open(BytesView connection) {
    state_ = State::kOpening;
    busy_ = true;
    queue_->add(ProactiveType::kOpenChannel, kImmediately, kPhoneDevice, connection);
}

void BipChannel::send(BytesView octets) {
    append(outgoing_, octets);
    go_on();
}

void BipChannel::close() {
    if (state_ != State::kOpen) return;
    state_ = State::kClosing;
    go_on();
}

void BipChannel::go_on() {
    if (busy_ || (state_ != State::kOpen && state_ != State::kClosing)) return;
    auto channel = static_cast<std::uint8_t>(kFirstChannel + number_);
    busy_ = true;
    if (!outgoing_.empty() && !lost_) {
        auto part = BytesView(outgoing_).first(std::min(outgoing_.size(), kMaxSend));
        queue_->add(ProactiveType::kSendData, kImmediately, channel,
                    encode_object(ObjectTag::kChannelData, part));
        outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(part.size()));
    } else if (state_ == State::kClosing) {
        queue_->add(ProactiveType::kCloseChannel, 0, channel, {});
    } else if (data_available_) {
        data_available_ = false;
        queue_->add(ProactiveType::kReceiveData, 0, channel,
                    encode_object(ObjectTag::kChannelDataLength, Bytes{kMaxReceive}));
    } else {
        busy_ = false;
    }
}

/// The phone keeps the channel until it is closed (7.5.11.1).
BipChannel::News BipChannel::lose() {
    News news{.lost = state_ == State::kOpen};
    lost_ = true;
    outgoing_.clear();
    if (state_ == State::kOpen) state_ = State::kClosing;
    go_on();
    return news;
}

BipChannel::News BipChannel::on_response(const TerminalResponse& response) {
    busy_ = false;
    if (response.type == ProactiveType::kOpenChannel) {
        auto status = response.objects.find(ObjectTag::kChannelStatus);
        bool stands = response.performed && status && status->size() == 2 &&
                      (status->front() & kChannelNumber) != 0 && (status->front() & kLinkStands) != 0;
        if (!stands) {
            reset();
            return {.lost = true};
        }
        number_ = status->front() & kChannelNumber;
        state_ = State::kOpen;
        return {.opened = true};
    }
    if (response.type == ProactiveType::kCloseChannel) {
        reset();
        return {};
    }
    if (!response.performed) return lose();
    News news;
    if (response.type == ProactiveType::kReceiveData) {
        if (auto data = response.objects.find(ObjectTag::kChannelData)) news.received = to_bytes(*data);
        auto more = response.objects.find(ObjectTag::kChannelDataLength);
        if (more && !more->empty() && more->front() != 0) data_available_ = true;
    }
    go_on();
    return news;
}

bool BipChannel::is_ours(const PhoneObjects& objects) const {
    auto status = objects.find(ObjectTag::kChannelStatus);
    return (state_ == State::kOpen || state_ == State::kClosing) && status && status->size() == 2 &&
           (status->front() & kChannelNumber) == number_;
}

void BipChannel::on_data_available(const PhoneObjects& objects) {
    if (!is_ours(objects)) return;
    data_available_ = true;
    go_on();
}

BipChannel::News BipChannel::on_status(const PhoneObjects& objects) {
    if (!is_ours(objects) || (objects.find(ObjectTag::kChannelStatus)->front() & kLinkStands) != 0) return {};
    return lose();
}

}  // namespace oti::card
