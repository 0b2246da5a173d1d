// SPDX-License-Identifier: Apache-2.0
#include "bearer/smpp_connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.h"
#include "ota/sms_tpdu.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using std::chrono::steady_clock;

constexpr auto kWrite = 10s;
/// For the centre's answer to our unbind.
constexpr auto kFarewell = 1s;

ota::SmppBind bind_of(const SmppAccount& account) {
    return {account.system_id, account.password, {}, 0x34, 0, 0, {}};
}

}  // namespace

SmppConnection::SmppConnection(net::Executor executor, SmppAccount account, const SmppPatience& patience,
                               OnEvent on_event)
    : executor_(std::move(executor)),
      account_(std::move(account)),
      patience_(patience),
      on_event_(std::move(on_event)),
      client_(bind_of(account_), {}),
      changed_(executor_) {}

Result<SmppConnection::Ptr> SmppConnection::start(const net::Executor& executor, SmppAccount account,
                                                  const SmppPatience& patience, OnEvent on_event) {
    OTI_CHECK((ota::SmppPdu{ota::SmppCommand::kBindTransceiver, 0, 1, bind_of(account)}.encode()));
    Ptr connection(new SmppConnection(executor, std::move(account), patience, std::move(on_event)));
    boost::asio::co_spawn(executor, run(connection), boost::asio::detached);
    return connection;
}

Error SmppConnection::stopped_error() {
    return {ErrorKind::kIo, "smpp.stopped", "the session with the message centre is being ended"};
}

// The connection
// ------------------------------------------------------------------------------------------------------

net::Task<void> SmppConnection::run(Ptr self) {
    auto pause = self->patience_.first_retry;
    std::string told;  // what is wrong is said once, not at each try
    while (!self->stopping_) {
        self->was_bound_ = false;
        auto ended = co_await self->serve_connection();
        if (self->stopping_) break;
        self->trouble_ = ended ? "" : ended.error().message;
        if (self->was_bound_) pause = self->patience_.first_retry;
        if (self->refusal_) pause = self->patience_.last_retry;
        if (self->trouble_ != std::exchange(told, self->trouble_)) {
            log::warning("message centre {}: {}; it is tried again", self->where(), self->trouble_);
        }
        for (auto until = net::after(pause); !self->stopping_ && steady_clock::now() < until;) {
            co_await self->changed_.wait(until);
        }
        pause = std::min(pause * 2, self->patience_.last_retry);
    }
}

net::Task<Status> SmppConnection::serve_connection() {
    auto self = shared_from_this();
    OTI_CO_TRY(auto stream, co_await net::connect_tcp(executor_, account_.host, account_.port,
                                                      net::after(patience_.connect)));
    if (stopping_) co_return Status{};
    closed_.reset();
    stream_.emplace(std::move(stream));
    OTI_CO_CHECK(client_.connected(steady_clock::now()));
    co_await (read(self) && write(self));
    stream_.reset();
    client_.disconnected();
    co_return std::unexpected(*closed_);
}

net::Task<void> SmppConnection::read(Ptr self) {
    while (true) {
        auto bytes = co_await self->stream_->read(net::kNever);
        if (!bytes) {
            if (!self->closed_) self->closed_ = bytes.error();
            self->changed_.notify();
            co_return;
        }
        self->client_.received(*bytes, steady_clock::now());
        self->pump();
        self->changed_.notify();
    }
}

/// Also the one who watches the time.
net::Task<void> SmppConnection::write(Ptr self) {
    auto& stream = *self->stream_;
    while (true) {
        self->client_.tick(steady_clock::now());
        self->pump();
        if (auto output = self->client_.take_output(); !output.empty()) {
            auto written = co_await stream.write(std::move(output), net::after(kWrite));
            if (!written && !self->closed_) self->closed_ = written.error();
            if (written) continue;
        }
        if (self->closed_ || steady_clock::now() >= self->last_moment_) break;
        auto next = self->client_.next_deadline().value_or(net::kNever);
        co_await self->changed_.wait(std::min(next, self->last_moment_));
    }
    stream.close();
}

void SmppConnection::stop() {
    if (std::exchange(stopping_, true)) return;
    auto now = steady_clock::now();
    client_.unbind(now);
    last_moment_ = now + kFarewell;
    decide_all(stopped_error());
    changed_.notify();
}

void SmppConnection::abandon() {
    stop();
    if (stream_) stream_->close();
}

// What happens on it
// --------------------------------------------------------------------------------------------------

void SmppConnection::pump() {
    while (auto event = client_.next_event()) {
        on_event_(*event);
        std::visit([this](const auto& happened) { on(happened); }, *event);
    }
}

void SmppConnection::on(const ota::SmppClient::Bound&) {
    log::debug("bound at the message centre {}", where());
    was_bound_ = true;
    refusal_.reset();
}

void SmppConnection::on(const ota::SmppClient::Closed& closed) {
    closed_ = closed.why;
    if (closed.why.code != "smpp.bind") return;
    refusal_ = closed.why;
    refusal_->hint = "check system_id and password of the account";
    decide_all(*refusal_);
}

void SmppConnection::on(const ota::SmppClient::Refused& refused) {
    decide(refused.ticket,
           fail(ErrorKind::kPolicy, "smpp.refused",
                "the message centre refused a message: " + ota::smpp_status::meaning(refused.status)));
}

// Its users
// -----------------------------------------------------------------------------------------------------------

void SmppConnection::answer(std::uint64_t delivery, std::uint32_t status) {
    client_.answer(delivery, status);
    changed_.notify();
}

void SmppConnection::decide(std::uint64_t ticket, Status outcome) {
    auto found = submissions_.find(ticket);
    if (found == submissions_.end()) return;
    found->second->outcome = std::move(outcome);
    found->second->decided.notify();
    submissions_.erase(found);
}

void SmppConnection::decide_all(const Error& error) {
    while (!submissions_.empty()) {
        auto ticket = submissions_.begin()->first;
        client_.withdraw(ticket);
        decide(ticket, std::unexpected(error));
    }
}

Error SmppConnection::unreachable() const {
    auto why = trouble_.empty() ? "no answer in time" : trouble_;
    return {ErrorKind::kIo, "smpp.unreachable", "message centre " + where() + ": " + why,
            "check the address, and that the message centre runs"};
}

net::Task<Status> SmppConnection::submit(Ptr self, ota::SmppMessage message) {
    if (self->stopping_) co_return std::unexpected(stopped_error());
    if (self->refusal_) co_return std::unexpected(*self->refusal_);
    if (message.text().size() > ota::kMaxUserData) {
        co_return fail(ErrorKind::kUsage, "sms.too_long", "more than the 140 bytes of a short message");
    }
    auto deadline = net::after(self->patience_.submit);
    OTI_CO_TRY(auto ticket, self->client_.submit(std::move(message), steady_clock::now()));
    auto submission = std::make_shared<Submission>(net::Signal(self->executor_));
    self->submissions_[ticket] = submission;
    self->changed_.notify();
    while (!submission->outcome && steady_clock::now() < deadline) {
        co_await submission->decided.wait(deadline);
    }
    if (submission->outcome) co_return std::move(*submission->outcome);
    self->submissions_.erase(ticket);
    self->client_.withdraw(ticket);
    co_return std::unexpected(self->unreachable());
}

}  // namespace oti::bearer
