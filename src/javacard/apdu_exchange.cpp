// SPDX-License-Identifier: Apache-2.0
#include "javacard/apdu_exchange.h"

#include <algorithm>

namespace oti::javacard {
namespace {

auto refuse(std::uint16_t reason) {
    return throw_(exception::kApdu, reason);
}

void put_extended(Object& buffer, std::size_t value) {
    buffer.data[4] = 0;
    buffer.put_u16(5, static_cast<std::uint16_t>(value));
}

}  // namespace

void ApduExchange::begin(iso7816::CommandApdu command, Protocol protocol, bool extended, Object& buffer) {
    *this = {};
    command_ = std::move(command);
    protocol_ = protocol;
    extended_ = extended;
    in_progress_ = true;
    std::ranges::fill(buffer.data, std::uint8_t{0});
    std::ranges::copy(std::array{command_.cla, command_.ins, command_.p1, command_.p2}, buffer.data.begin());
    auto size = command_.data.size();
    if (has_extended_header()) {
        put_extended(buffer, size != 0 ? size : command_.ne);
    } else {
        buffer.data[4] = static_cast<std::uint8_t>(size != 0 ? size : command_.ne);
    }
    // A block of T=1 brings header and data at once, and there are applets that rely on it.
    if (protocol_ == Protocol::kT1) {
        auto first = std::min(size, buffer.data.size() - data_offset());
        std::ranges::copy(BytesView(command_.data).first(first),
                          buffer.data.begin() + static_cast<std::ptrdiff_t>(data_offset()));
    }
}

Bytes ApduExchange::end() {
    in_progress_ = false;
    // 9.4.1.1.3 and 9.4.2.1: without chaining, zeros make up for what was promised and did not come.
    if (!chaining_allowed_ && state_ >= State::kPartialOutgoing) response_.resize(outgoing_length_);
    return std::move(response_);
}

bool ApduExchange::has_extended_header() const {
    return command_.data.size() > iso7816::kMaxShortData || command_.ne > iso7816::kMaxShortNe;
}

// 9.4.1, 9.4.2: with T=0, a command without a Le is taken for one that has it.
std::size_t ApduExchange::ne() const {
    if (command_.ne == 0) return protocol_ == Protocol::kT0 ? iso7816::kMaxShortNe : 0;
    return std::min<std::size_t>(command_.ne, kMaxExtended);
}

std::int16_t ApduExchange::take(Object& buffer, std::size_t offset) {
    auto size = std::min(command_.data.size() - received_, buffer.data.size() - offset);
    std::ranges::copy(BytesView(command_.data).subspan(received_, size),
                      buffer.data.begin() + static_cast<std::ptrdiff_t>(offset));
    received_ += size;
    state_ = received_ == command_.data.size() ? State::kFullIncoming : State::kPartialIncoming;
    return static_cast<std::int16_t>(size);
}

Guest<std::int16_t> ApduExchange::set_incoming_and_receive(Object& buffer) {
    if (state_ != State::kInitial) return refuse(apdu_reason::kIllegalUse);
    return take(buffer, data_offset());
}

Guest<std::int16_t> ApduExchange::receive_bytes(Object& buffer, std::int16_t offset) {
    if (state_ != State::kPartialIncoming && state_ != State::kFullIncoming) {
        return refuse(apdu_reason::kIllegalUse);
    }
    auto left = command_.data.size() - received_;
    auto block = std::min<std::size_t>(left, static_cast<std::size_t>(in_block_size()));
    if (offset < 0 || static_cast<std::size_t>(offset) + block > buffer.data.size()) {
        return refuse(apdu_reason::kBufferBounds);
    }
    return take(buffer, static_cast<std::size_t>(offset));
}

Guest<std::int16_t> ApduExchange::incoming_length() const {
    if (state_ != State::kPartialIncoming && state_ != State::kFullIncoming) {
        return refuse(apdu_reason::kIllegalUse);
    }
    return static_cast<std::int16_t>(command_.data.size());
}

Guest<std::int16_t> ApduExchange::offset_cdata() const {
    if (state_ != State::kPartialIncoming && state_ != State::kFullIncoming) {
        return refuse(apdu_reason::kIllegalUse);
    }
    return static_cast<std::int16_t>(data_offset());
}

Guest<std::int16_t> ApduExchange::set_outgoing(bool chaining_allowed) {
    if (is_outgoing()) return refuse(apdu_reason::kIllegalUse);
    state_ = State::kOutgoing;
    chaining_allowed_ = chaining_allowed;
    return static_cast<std::int16_t>(ne());
}

bool ApduExchange::is_length(std::int16_t length) const {
    return length >= 0 && (extended_ || length <= static_cast<std::int16_t>(iso7816::kMaxShortNe));
}

Guest<void> ApduExchange::set_outgoing_length(std::int16_t length) {
    if (state_ != State::kOutgoing) return refuse(apdu_reason::kIllegalUse);
    if (!is_length(length)) return refuse(apdu_reason::kBadLength);
    // A block holds the status word too.
    bool one_block = !chaining_allowed_ && protocol_ == Protocol::kT1;
    if (one_block && length + 2 > out_block_size()) return refuse(apdu_reason::kBadLength);
    outgoing_length_ = static_cast<std::size_t>(length);
    state_ = State::kOutgoingLengthKnown;
    return {};
}

Guest<void> ApduExchange::send_bytes(const Object& source, std::int16_t offset, std::int16_t length) {
    bool may_send = state_ >= State::kOutgoingLengthKnown && !sent_at_once_;
    if (!may_send) return refuse(apdu_reason::kIllegalUse);
    if (offset < 0 || length < 0 ||
        static_cast<std::size_t>(offset) + static_cast<std::size_t>(length) > source.data.size()) {
        return refuse(apdu_reason::kBufferBounds);
    }
    if (response_.size() + static_cast<std::size_t>(length) > outgoing_length_) {
        return refuse(apdu_reason::kIllegalUse);
    }
    append(
        response_,
        BytesView(source.data).subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
    state_ = response_.size() == outgoing_length_ ? State::kFullOutgoing : State::kPartialOutgoing;
    return {};
}

Guest<void> ApduExchange::set_outgoing_and_send(const Object& buffer, std::int16_t offset,
                                                std::int16_t length) {
    if (is_outgoing()) return refuse(apdu_reason::kIllegalUse);
    if (!is_length(length)) return refuse(apdu_reason::kBadLength);
    auto before = state_;
    OTI_CHECK(set_outgoing(true));
    OTI_CHECK(set_outgoing_length(length));
    auto sent = send_bytes(buffer, offset, length);
    if (!sent) {
        state_ = before;
        return sent;
    }
    sent_at_once_ = true;
    return {};
}

}  // namespace oti::javacard
