// SPDX-License-Identifier: Apache-2.0
#include "bearer/message_centre.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.h"
#include "bearer/sms_mailboxes.h"
#include "net/signal.h"
#include "net/tcp_stream.h"
#include "ota/smpp_client.h"
#include "ota/smpp_status.h"
#include "ota/sms_tpdu.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using std::chrono::steady_clock;

constexpr auto kWrite = 10s;
/// For the centre's answer to our unbind.
constexpr auto kFarewell = 1s;

/// Addresses are compared without the sign of an international number, which SMPP has elsewhere.
std::string digits_of(std::string_view number) {
    return std::string(number.starts_with('+') ? number.substr(1) : number);
}

ota::SmppMessage message_of(const SmppAccount& account, std::string_view msisdn, Bytes user_data) {
    ota::SmppMessage message;
    message.source.ton = account.source_address.starts_with('+') ? 1 : 0;
    message.source.digits = digits_of(account.source_address);
    message.destination.digits = digits_of(msisdn);
    message.esm_class = ota::SmppMessage::kHasHeader;
    message.protocol = ota::kDataDownload;
    message.coding = account.coding;
    message.registered_delivery = account.receipts ? 1 : 0;
    message.short_message = std::move(user_data);
    return message;
}

Error stopped_error() {
    return {ErrorKind::kIo, "smpp.stopped", "the session with the message centre is being ended"};
}

}  // namespace

class MessageCentre::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(net::Executor executor, SmppAccount account, const SmppPatience& patience)
        : executor_(std::move(executor)),
          account_(std::move(account)),
          patience_(patience),
          client_({account_.system_id, account_.password, {}, 0x34, 0, 0, {}}, {}),
          boxes_(patience.kept),
          changed_(executor_),
          arrivals_(executor_) {}

    static net::Task<void> run(std::shared_ptr<Impl> self);
    static net::Task<Status> submit(std::shared_ptr<Impl> self, std::string msisdn, Bytes user_data);
    static net::Task<Result<std::optional<Bytes>>> receive(std::shared_ptr<Impl> self, std::string number,
                                                           net::Deadline deadline);
    void stop();
    void abandon();

  private:
    struct Submission {
        std::string number;
        net::Signal decided;
        std::optional<Status> outcome;
    };

    net::Task<Status> serve_connection();
    static net::Task<void> read(std::shared_ptr<Impl> self);
    static net::Task<void> write(std::shared_ptr<Impl> self);
    void pump();
    void on(const ota::SmppClient::Bound&);
    void on(const ota::SmppClient::Accepted& accepted);
    void on(const ota::SmppClient::Refused& refused);
    void on(const ota::SmppClient::Arrived& arrived);
    void on(const ota::SmppReceipt& receipt);
    void on(const ota::SmppClient::Closed& closed);
    void decide(std::uint64_t ticket, Status outcome);
    void decide_all(const Error& error);
    Error unreachable() const;
    std::string where() const { return account_.host + ":" + std::to_string(account_.port); }

    net::Executor executor_;
    SmppAccount account_;
    SmppPatience patience_;
    ota::SmppClient client_;
    SmsMailboxes boxes_;
    net::Signal changed_;   ///< there may be something to write, or another deadline
    net::Signal arrivals_;  ///< there may be something in a mailbox
    std::map<std::uint64_t, std::shared_ptr<Submission>> submissions_;  ///< by ticket
    std::optional<net::TcpStream> stream_;                              ///< while connected
    std::optional<Error> closed_;                                       ///< why this connection is to end
    std::optional<Error> refusal_;  ///< of the account, by the last connection
    std::string trouble_;           ///< of the last connection
    bool was_bound_ = false;
    bool stopping_ = false;
    net::Deadline last_moment_ = net::kNever;  ///< of a connection that is being stopped
};

// The connection
// ------------------------------------------------------------------------------------------------------

net::Task<void> MessageCentre::Impl::run(std::shared_ptr<Impl> self) {
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

net::Task<Status> MessageCentre::Impl::serve_connection() {
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

net::Task<void> MessageCentre::Impl::read(std::shared_ptr<Impl> self) {
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
net::Task<void> MessageCentre::Impl::write(std::shared_ptr<Impl> self) {
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

void MessageCentre::Impl::stop() {
    if (std::exchange(stopping_, true)) return;
    auto now = steady_clock::now();
    client_.unbind(now);
    last_moment_ = now + kFarewell;
    decide_all(stopped_error());
    changed_.notify();
    arrivals_.notify();
}

void MessageCentre::Impl::abandon() {
    stop();
    if (stream_) stream_->close();
}

// What happens on it
// --------------------------------------------------------------------------------------------------

void MessageCentre::Impl::pump() {
    while (auto event = client_.next_event()) {
        std::visit([this](const auto& happened) { on(happened); }, *event);
    }
}

void MessageCentre::Impl::on(const ota::SmppClient::Bound&) {
    log::debug("bound at the message centre {}", where());
    was_bound_ = true;
    refusal_.reset();
}

void MessageCentre::Impl::on(const ota::SmppClient::Closed& closed) {
    closed_ = closed.why;
    if (closed.why.code != "smpp.bind") return;
    refusal_ = closed.why;
    refusal_->hint = "check system_id and password of the account";
    decide_all(*refusal_);
}

void MessageCentre::Impl::on(const ota::SmppClient::Accepted& accepted) {
    auto found = submissions_.find(accepted.ticket);
    if (found == submissions_.end()) return;
    if (account_.receipts) {
        boxes_.sent(found->second->number, accepted.message_id, steady_clock::now());
    }
    decide(accepted.ticket, {});
}

void MessageCentre::Impl::on(const ota::SmppClient::Refused& refused) {
    decide(refused.ticket,
           fail(ErrorKind::kPolicy, "smpp.refused",
                "the message centre refused a message: " + ota::smpp_status::meaning(refused.status)));
}

void MessageCentre::Impl::on(const ota::SmppClient::Arrived& arrived) {
    const auto& message = arrived.message;
    if ((message.esm_class & ota::SmppMessage::kHasHeader) == 0) {
        log::info("a message from {} has no user data header, and is no card's", message.source.digits);
        return;
    }
    boxes_.arrived(digits_of(message.source.digits), to_bytes(message.text()), steady_clock::now());
    arrivals_.notify();
}

void MessageCentre::Impl::on(const ota::SmppReceipt& receipt) {
    log::debug("message {}: {}", receipt.message_id, receipt.state);
    if (!receipt.final) return;
    if (receipt.delivered) return boxes_.delivered(receipt.message_id);
    auto number = boxes_.undelivered(receipt.message_id, receipt.state, steady_clock::now());
    if (!number) return;
    log::warning("message {} to {} was not delivered: {}", receipt.message_id, *number, receipt.state);
    arrivals_.notify();
}

// Its users
// -----------------------------------------------------------------------------------------------------------

void MessageCentre::Impl::decide(std::uint64_t ticket, Status outcome) {
    auto found = submissions_.find(ticket);
    if (found == submissions_.end()) return;
    found->second->outcome = std::move(outcome);
    found->second->decided.notify();
    submissions_.erase(found);
}

void MessageCentre::Impl::decide_all(const Error& error) {
    while (!submissions_.empty()) {
        auto ticket = submissions_.begin()->first;
        client_.withdraw(ticket);
        decide(ticket, std::unexpected(error));
    }
}

Error MessageCentre::Impl::unreachable() const {
    auto why = trouble_.empty() ? "no answer in time" : trouble_;
    return {ErrorKind::kIo, "smpp.unreachable", "message centre " + where() + ": " + why,
            "check the address, and that the message centre runs"};
}

net::Task<Status> MessageCentre::Impl::submit(std::shared_ptr<Impl> self, std::string msisdn,
                                              Bytes user_data) {
    if (self->stopping_) co_return std::unexpected(stopped_error());
    if (self->refusal_) co_return std::unexpected(*self->refusal_);
    if (user_data.size() > ota::kMaxUserData) {
        co_return fail(ErrorKind::kUsage, "sms.too_long", "more than the 140 bytes of a short message");
    }
    auto deadline = net::after(self->patience_.submit);
    OTI_CO_TRY(auto ticket, self->client_.submit(message_of(self->account_, msisdn, std::move(user_data)),
                                                 steady_clock::now()));
    auto submission = std::make_shared<Submission>(digits_of(msisdn), net::Signal(self->executor_));
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

net::Task<Result<std::optional<Bytes>>> MessageCentre::Impl::receive(std::shared_ptr<Impl> self,
                                                                     std::string number,
                                                                     net::Deadline deadline) {
    while (!self->stopping_) {
        if (auto message = self->boxes_.take(number, steady_clock::now())) co_return std::move(*message);
        if (steady_clock::now() >= deadline) co_return std::nullopt;
        co_await self->arrivals_.wait(deadline);
    }
    co_return std::unexpected(stopped_error());
}

Result<MessageCentre> MessageCentre::start(net::Executor executor, SmppAccount account,
                                           const SmppPatience& patience) {
    ota::SmppBind bind{account.system_id, account.password, {}, 0x34, 0, 0, {}};
    OTI_CHECK((ota::SmppPdu{ota::SmppCommand::kBindTransceiver, 0, 1, std::move(bind)}.encode()));
    OTI_CHECK((ota::SmppPdu{ota::SmppCommand::kSubmit, 0, 1, message_of(account, {}, {})}.encode()));
    auto impl = std::make_shared<Impl>(executor, std::move(account), patience);
    boost::asio::co_spawn(executor, Impl::run(impl), boost::asio::detached);
    return MessageCentre(std::move(impl));
}

MessageCentre::MessageCentre(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
MessageCentre::MessageCentre(MessageCentre&&) noexcept = default;

MessageCentre& MessageCentre::operator=(MessageCentre&& other) noexcept {
    if (impl_) impl_->abandon();
    impl_ = std::move(other.impl_);
    return *this;
}

MessageCentre::~MessageCentre() {
    if (impl_) impl_->abandon();
}

net::Task<Status> MessageCentre::submit(std::string msisdn, Bytes user_data) {
    return Impl::submit(impl_, std::move(msisdn), std::move(user_data));
}

net::Task<Result<std::optional<Bytes>>> MessageCentre::receive(std::string msisdn, net::Deadline deadline) {
    return Impl::receive(impl_, digits_of(msisdn), deadline);
}

void MessageCentre::stop() {
    impl_->stop();
}

}  // namespace oti::bearer
