// SPDX-License-Identifier: Apache-2.0
#include "ota/esme_sessions.h"

#include <algorithm>

namespace oti::ota {
namespace {

/// Statuses by which an ESME says that it would rather have the message later.
bool is_for_the_time_being(std::uint32_t status) {
    return status == smpp_status::kThrottled || status == smpp_status::kQueueFull ||
           status == smpp_status::kReceiverBusy;
}

}  // namespace

EsmeSessions::Id EsmeSessions::connected(Time now) {
    Id id(++last_id_);
    sessions_.emplace(id, Session{SmppServer(own_system_id_, may_bind_), now});
    return id;
}

void EsmeSessions::received(Id id, BytesView bytes, Time now) {
    auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    auto& [server, heard, over] = found->second;
    heard = now;
    bool was_bound = server.bound().has_value();
    server.received(bytes);
    while (auto event = server.next_event()) {
        if (auto* submitted = std::get_if<SmppServer::Submitted>(&*event)) {
            auto system_id = server.bound() ? server.bound()->system_id : std::string();
            submissions_.push_back({id, submitted->sequence, system_id, std::move(submitted->message)});
        } else if (const auto* answer = std::get_if<SmppServer::Answered>(&*event)) {
            answered(id, *answer, now);
        } else {
            over = true;
        }
    }
    if (was_bound || !server.bound()) return;
    const auto& system_id = server.bound()->system_id;
    if (only_one_.contains(system_id)) end_others(id, system_id);
    flush(system_id, now);
}

void EsmeSessions::end_others(Id id, const std::string& system_id) {
    for (auto& [its_id, session] : sessions_) {
        const auto& bound = session.server.bound();
        session.over |= its_id != id && bound && bound->system_id == system_id;
    }
    auto found = kept_.find(system_id);
    if (found == kept_.end()) return;
    for (auto& message : found->second) message.sent.reset();
}

void EsmeSessions::disconnected(Id id, Time now) {
    sessions_.erase(id);
    for (auto& [system_id, kept] : kept_) {
        // It may have arrived; the one who sends twice is better than the one who loses.
        for (auto& message : kept)
            if (message.sent && message.sent->first == id) message.sent.reset();
        flush(system_id, now);
    }
}

Bytes EsmeSessions::take_output(Id id) {
    auto found = sessions_.find(id);
    return found == sessions_.end() ? Bytes() : found->second.server.take_output();
}

bool EsmeSessions::is_over(Id id) const {
    auto found = sessions_.find(id);
    return found == sessions_.end() || found->second.over;
}

std::optional<EsmeSessions::Submission> EsmeSessions::next_submission() {
    if (submissions_.empty()) return std::nullopt;
    auto submission = std::move(submissions_.front());
    submissions_.pop_front();
    return submission;
}

void EsmeSessions::accept(const Submission& submission, const std::string& message_id) {
    auto found = sessions_.find(submission.session);
    if (found != sessions_.end()) (void)found->second.server.accept(submission.sequence, message_id);
}

void EsmeSessions::refuse(const Submission& submission, std::uint32_t status) {
    auto found = sessions_.find(submission.session);
    if (found != sessions_.end()) found->second.server.refuse(submission.sequence, status);
}

std::uint64_t EsmeSessions::deliver(const std::string& system_id, SmppMessage message, Time now) {
    auto delivery = ++last_delivery_;
    auto& kept = kept_[system_id];
    if (kept.size() == kMaxKept) kept.pop_front();
    kept.push_back({delivery, std::move(message), std::nullopt});
    flush(system_id, now);
    return delivery;
}

std::optional<EsmeSessions::Answer> EsmeSessions::next_answer() {
    if (answers_.empty()) return std::nullopt;
    auto answer = answers_.front();
    answers_.pop_front();
    return answer;
}

void EsmeSessions::withdraw(const std::string& system_id, std::uint64_t delivery, Time now) {
    auto found = kept_.find(system_id);
    if (found == kept_.end()) return;
    std::erase_if(found->second, [&](const auto& kept) { return kept.delivery == delivery; });
    flush(system_id, now);
}

void EsmeSessions::answered(Id id, const SmppServer::Answered& answer, Time now) {
    for (auto& [system_id, kept] : kept_) {
        auto found = std::ranges::find(kept, std::optional(std::pair(id, answer.sequence)), &Kept::sent);
        if (found == kept.end()) continue;
        if (is_for_the_time_being(answer.status)) {
            found->sent.reset();
            found->not_before = now + kRetry;
        } else {
            answers_.push_back({found->delivery, answer.status});
            kept.erase(found);
        }
        return flush(system_id, now);
    }
}

SmppServer* EsmeSessions::receiver(const std::string& system_id, Id& id) {
    for (auto& [its_id, session] : sessions_) {
        if (session.over || !session.server.may_deliver() || session.server.bound()->system_id != system_id)
            continue;
        id = its_id;
        return &session.server;
    }
    return nullptr;
}

void EsmeSessions::flush(const std::string& system_id, Time now) {
    auto found = kept_.find(system_id);
    if (found == kept_.end()) return;
    auto& kept = found->second;
    Id id;
    auto* server = receiver(system_id, id);
    auto waiting = std::ranges::count_if(kept, [](const auto& message) { return message.sent.has_value(); });
    for (auto& message : kept) {
        if (server == nullptr || static_cast<std::size_t>(waiting) >= kWindow) break;
        if (message.sent || message.not_before > now) continue;
        message.not_before = {};
        auto sequence = server->deliver(message.message);
        if (!sequence) continue;  // cannot be: what was taken from a PDU fits into one
        message.sent.emplace(id, *sequence);
        ++waiting;
    }
    if (kept.empty()) kept_.erase(found);
}

void EsmeSessions::tick(Time now) {
    for (auto& [id, session] : sessions_) session.over |= limit_of(session) <= now;
    std::vector<std::string> all;
    for (auto& [system_id, kept] : kept_) {
        all.push_back(system_id);
        for (auto& message : kept)
            if (message.not_before <= now) message.not_before = {};
    }
    for (const auto& system_id : all) flush(system_id, now);
}

std::optional<EsmeSessions::Time> EsmeSessions::next_deadline() const {
    auto next = Time::max();
    for (const auto& [id, session] : sessions_)
        if (!session.over) next = std::min(next, limit_of(session));
    for (const auto& [system_id, kept] : kept_)
        for (const auto& message : kept)
            if (message.not_before != Time{}) next = std::min(next, message.not_before);
    if (next == Time::max()) return std::nullopt;
    return next;
}

}  // namespace oti::ota
