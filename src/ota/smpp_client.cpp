// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_client.h"

#include <algorithm>

namespace oti::ota {

Status SmppClient::connected(Time now) {
    disconnected();
    SmppPdu pdu{SmppCommand::kBindTransceiver, 0, next_sequence(), bind_};
    OTI_CHECK(send(pdu));
    state_ = State::kBinding;
    heard_ = now;
    waiting_[pdu.sequence] = {pdu.command, 0, {}, now + limits_.response};
    return {};
}

void SmppClient::disconnected() {
    for (auto& [sequence, waiting] : waiting_)
        if (waiting.command == SmppCommand::kSubmit && waiting.ticket != 0)
            queue_.emplace(waiting.ticket, std::move(waiting.message));
    waiting_.clear();
    unanswered_.clear();
    output_.clear();
    stream_ = {};
    state_ = State::kClosed;
    last_sequence_ = 0;
}

void SmppClient::received(BytesView bytes, Time now) {
    if (state_ == State::kClosed) return;
    heard_ = now;
    stream_.add(bytes);
    while (state_ != State::kClosed) {
        auto next = stream_.next();
        if (!next) return close(ErrorKind::kIo, next.error().code, next.error().message);
        if (!*next) break;
        auto pdu = SmppPdu::parse(**next);
        if (pdu)
            handle(*pdu, now);
        else
            not_understood(**next, pdu.error());
    }
    fill_window(now);
}

void SmppClient::not_understood(BytesView bytes, const Error& error) {
    auto header = SmppHeader::read(bytes);
    // A request gets a generic_nack and costs nothing else (4.3). A response that cannot be read leaves
    // unknown what became of the request.
    if (!header || header->command & kSmppResponse) return close(ErrorKind::kIo, error.code, error.message);
    respond(SmppCommand::kGenericNack,
            error.code == "smpp.command" ? smpp_status::kInvalidCommand : smpp_status::kInvalidLength,
            header->sequence);
}

void SmppClient::handle(const SmppPdu& pdu, Time now) {
    if (static_cast<std::uint32_t>(pdu.command) & kSmppResponse)
        handle_response(pdu, now);
    else
        handle_request(pdu);
}

void SmppClient::handle_request(const SmppPdu& pdu) {
    switch (pdu.command) {
        case SmppCommand::kEnquireLink:
            return respond(response_to(pdu.command), smpp_status::kOk, pdu.sequence);
        case SmppCommand::kUnbind:
            respond(response_to(pdu.command), smpp_status::kOk, pdu.sequence);
            return close(ErrorKind::kIo, "smpp.unbound", "SMPP: the message centre ended the session");
        case SmppCommand::kDeliver:
            break;
        default:
            return respond(response_to(pdu.command), smpp_status::kInvalidBindState, pdu.sequence);
    }
    if (state_ == State::kBinding)
        return respond(response_to(pdu.command), smpp_status::kInvalidBindState, pdu.sequence);
    const auto& message = std::get<SmppMessage>(pdu.body);
    if (auto receipt = SmppReceipt::of(message)) {
        events_.emplace_back(*receipt);
        return respond(response_to(pdu.command), smpp_status::kOk, pdu.sequence);
    }
    unanswered_[++last_delivery_] = pdu.sequence;
    events_.emplace_back(Arrived{last_delivery_, message});
}

void SmppClient::handle_response(const SmppPdu& pdu, Time now) {
    auto found = waiting_.find(pdu.sequence);
    if (found == waiting_.end()) return;
    bool refused = pdu.command == SmppCommand::kGenericNack;
    if (!refused && pdu.command != response_to(found->second.command))
        return close(ErrorKind::kIo, "smpp.response", "SMPP: a response of another kind than its request");
    auto waiting = std::move(found->second);
    waiting_.erase(found);
    switch (waiting.command) {
        case SmppCommand::kBindTransceiver:
            if (refused || pdu.status != smpp_status::kOk)
                return close(ErrorKind::kAuthentication, "smpp.bind",
                             "SMPP: the bind was refused: " + smpp_status::meaning(pdu.status));
            state_ = State::kBound;
            events_.emplace_back(Bound{});
            return;
        case SmppCommand::kUnbind:
            return close(ErrorKind::kIo, "smpp.unbound", "SMPP: the session has ended");
        case SmppCommand::kSubmit:
            return handle_submit_response(pdu, std::move(waiting), now);
        default:
            return;
    }
}

void SmppClient::handle_submit_response(const SmppPdu& pdu, Waiting waiting, Time now) {
    if (pdu.status == smpp_status::kThrottled || pdu.status == smpp_status::kQueueFull) {
        // One step for all that were refused together.
        if (held_until_ <= now) {
            backoff_ = std::clamp(backoff_ * 2, limits_.backoff, limits_.longest_backoff);
            held_until_ = now + backoff_;
        }
        if (waiting.ticket != 0) queue_.emplace(waiting.ticket, std::move(waiting.message));
        return;
    }
    if (waiting.ticket == 0) return;
    const auto* reply = std::get_if<SmppReply>(&pdu.body);
    if (pdu.status == smpp_status::kOk && reply) {
        backoff_ = {};
        events_.emplace_back(Accepted{waiting.ticket, reply->id, std::move(waiting.message)});
        return;
    }
    events_.emplace_back(
        Refused{waiting.ticket, pdu.status == smpp_status::kOk ? smpp_status::kSystemError : pdu.status});
}

void SmppClient::tick(Time now) {
    if (state_ == State::kClosed) return;
    for (const auto& [sequence, waiting] : waiting_)
        if (waiting.due <= now)
            return close(ErrorKind::kIo, "smpp.timeout", "SMPP: the message centre did not answer in time");
    auto enquiring = std::ranges::any_of(
        waiting_, [](const auto& entry) { return entry.second.command == SmppCommand::kEnquireLink; });
    if (state_ == State::kBound && !enquiring && now - heard_ >= limits_.silence)
        request(SmppCommand::kEnquireLink, now);
    fill_window(now);
}

std::optional<SmppClient::Time> SmppClient::next_deadline() const {
    if (state_ == State::kClosed) return std::nullopt;
    auto next = Time::max();
    bool enquiring = false;
    for (const auto& [sequence, waiting] : waiting_) {
        next = std::min(next, waiting.due);
        enquiring |= waiting.command == SmppCommand::kEnquireLink;
    }
    if (state_ == State::kBound && !enquiring) next = std::min<Time>(next, heard_ + limits_.silence);
    if (state_ == State::kBound && !queue_.empty() && submits_waiting() < limits_.window)
        next = std::min(next, held_until_);
    if (next == Time::max()) return std::nullopt;
    return next;
}

Result<std::uint64_t> SmppClient::submit(SmppMessage message, Time now) {
    OTI_CHECK((SmppPdu{SmppCommand::kSubmit, 0, 1, message}.encode()));
    if (queue_.size() >= limits_.queue)
        return fail(ErrorKind::kIo, "smpp.queue", "SMPP: too many messages wait for the message centre");
    auto ticket = ++last_ticket_;
    queue_.emplace(ticket, std::move(message));
    fill_window(now);
    return ticket;
}

void SmppClient::withdraw(std::uint64_t ticket) {
    queue_.erase(ticket);
    for (auto& [sequence, waiting] : waiting_)
        if (waiting.ticket == ticket) waiting.ticket = 0;
}

void SmppClient::answer(std::uint64_t delivery, std::uint32_t status) {
    auto found = unanswered_.extract(delivery);
    if (found) respond(response_to(SmppCommand::kDeliver), status, found.mapped());
}

void SmppClient::unbind(Time now) {
    if (state_ != State::kBound) return;
    state_ = State::kUnbinding;
    request(SmppCommand::kUnbind, now);
}

std::optional<SmppClient::Event> SmppClient::next_event() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void SmppClient::fill_window(Time now) {
    while (state_ == State::kBound && now >= held_until_ && !queue_.empty() &&
           submits_waiting() < limits_.window) {
        auto first = queue_.extract(queue_.begin());
        SmppPdu pdu{SmppCommand::kSubmit, 0, next_sequence(), first.mapped()};
        if (!send(pdu)) continue;  // cannot be: `submit` has encoded it once
        waiting_[pdu.sequence] = {pdu.command, first.key(), std::move(first.mapped()),
                                  now + limits_.response};
    }
}

void SmppClient::request(SmppCommand command, Time now) {
    auto sequence = next_sequence();
    if (send({command, 0, sequence, {}})) waiting_[sequence] = {command, 0, {}, now + limits_.response};
}

void SmppClient::respond(SmppCommand command, std::uint32_t status, std::uint32_t sequence) {
    SmppPdu pdu{command, status, sequence, {}};
    // deliver_sm_resp has a message_id, which is empty (4.6.2).
    if (command == response_to(SmppCommand::kDeliver)) pdu.body = SmppReply{};
    (void)send(pdu);
}

Status SmppClient::send(const SmppPdu& pdu) {
    OTI_TRY(auto bytes, pdu.encode());
    append(output_, bytes);
    return {};
}

void SmppClient::close(ErrorKind kind, std::string code, std::string message) {
    auto last = take_output();
    disconnected();
    output_ = std::move(last);
    events_.emplace_back(Closed{{kind, std::move(code), std::move(message)}});
}

std::uint32_t SmppClient::next_sequence() {
    // 1 to 7FFFFFFF (5.1.4).
    last_sequence_ = last_sequence_ == 0x7FFFFFFF ? 1 : last_sequence_ + 1;
    return last_sequence_;
}

std::size_t SmppClient::submits_waiting() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        waiting_, [](const auto& entry) { return entry.second.command == SmppCommand::kSubmit; }));
}

}  // namespace oti::ota
