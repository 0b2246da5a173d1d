// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/strong_id.h"
#include "ota/smpp_server.h"

namespace oti::ota {

/// The senders that are connected to a message centre, and what waits for those that are not: a message for
/// a system_id is kept until a session that is bound by that name as receiver has taken it. Without the
/// connections: octets and the time go in, octets and submissions come out.
class EsmeSessions {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Id = StrongId<struct EsmeSessionTag, std::uint64_t>;

    static constexpr std::size_t kMaxKept = 1000;         ///< for a system_id; the oldest gives way
    static constexpr std::size_t kWindow = 10;            ///< messages that wait for their response
    static constexpr std::chrono::seconds kBindTime{30};  ///< then who has not bound is dropped …
    static constexpr std::chrono::seconds kSilence{300};  ///< … and who is bound and says nothing
    static constexpr std::chrono::seconds kRetry{1};      ///< of what was refused for the time being

    /// A message that an ESME hands over, to be accepted or refused.
    struct Submission {
        Id session;
        std::uint32_t sequence = 0;
        std::string system_id;
        SmppMessage message;
    };

    /// What the receiver of a message said to it at last: not that it would rather have it later.
    struct Answer {
        std::uint64_t delivery = 0;
        std::uint32_t status = 0;
    };

    EsmeSessions(std::string own_system_id, SmppServer::Check may_bind)
        : own_system_id_(std::move(own_system_id)), may_bind_(std::move(may_bind)) {}

    /// There is one by this name: who binds by it takes the place of who was bound.
    void only_one(std::string system_id) { only_one_.insert(std::move(system_id)); }

    Id connected(Time now);
    void received(Id id, BytesView bytes, Time now);
    void disconnected(Id id, Time now);
    Bytes take_output(Id id);
    /// Its connection is to be dropped once the output is written.
    bool is_over(Id id) const;

    std::optional<Submission> next_submission();
    /// Both do nothing where the session has gone.
    void accept(const Submission& submission, const std::string& message_id);
    void refuse(const Submission& submission, std::uint32_t status);

    /// Returns what `next_answer` and `withdraw` call it.
    std::uint64_t deliver(const std::string& system_id, SmppMessage message, Time now);
    std::optional<Answer> next_answer();
    /// It is not sent (again), and what is still said to it is ignored.
    void withdraw(const std::string& system_id, std::uint64_t delivery, Time now);

    void tick(Time now);
    std::optional<Time> next_deadline() const;

  private:
    struct Session {
        SmppServer server;
        Time heard;
        bool over = false;
    };
    struct Kept {
        std::uint64_t delivery;
        SmppMessage message;
        std::optional<std::pair<Id, std::uint32_t>> sent;  ///< on which session, as which PDU
        Time not_before{};                                 ///< zero: whenever somebody is there
    };
    void answered(Id id, const SmppServer::Answered& answer, Time now);
    void end_others(Id id, const std::string& system_id);
    void flush(const std::string& system_id, Time now);
    SmppServer* receiver(const std::string& system_id, Id& id);
    Time limit_of(const Session& session) const {
        return session.heard + (session.server.bound() ? kSilence : kBindTime);
    }

    std::string own_system_id_;
    SmppServer::Check may_bind_;
    std::uint64_t last_id_ = 0;
    std::map<Id, Session> sessions_;
    std::map<std::string, std::deque<Kept>> kept_;  ///< by system_id
    std::deque<Submission> submissions_;
    std::deque<Answer> answers_;
    std::uint64_t last_delivery_ = 0;
    std::set<std::string> only_one_;
};

}  // namespace oti::ota
