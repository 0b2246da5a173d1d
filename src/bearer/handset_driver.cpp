// SPDX-License-Identifier: Apache-2.0
#include "bearer/handset_driver.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>
#include <deque>
#include <map>

#include "base/log.h"
#include "bearer/endpoint.h"
#include "net/blocking.h"
#include "net/signal.h"
#include "net/tcp_stream.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using boost::asio::detached;
using ota::Handset;
using std::chrono::steady_clock;

constexpr auto kConnect = 20s, kWrite = 30s;
/// International; where the handset says that messages come by, of which it is told nothing.
constexpr const char* kCentre = "4917000000";

Endpoint endpoint_of(const ota::ChannelTarget& target) {
    namespace ip = boost::asio::ip;
    ip::address_v4::bytes_type v4{};
    ip::address_v6::bytes_type v6{};
    if (target.address.size() == v4.size()) {
        std::ranges::copy(target.address, v4.begin());
        return {ip::make_address_v4(v4).to_string(), target.port};
    }
    std::ranges::copy(BytesView(target.address).first(std::min(target.address.size(), v6.size())),
                      v6.begin());
    return {ip::make_address_v6(v6).to_string(), target.port};
}

}  // namespace

net::Task<Result<bool>> OwnCard::take() {
    co_return !std::exchange(was_taken_, true);
}

net::Task<Result<Bytes>> OwnCard::transmit(Bytes command) {
    co_return co_await net::run_blocking(*pool_, [this, &command] { return channel_->transmit(command); });
}

class HandsetDriver::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(net::Executor executor, std::shared_ptr<HandsetCard> card, Listener listener)
        : executor_(std::move(executor)),
          card_(std::move(card)),
          handset_({.digits = kCentre}, {.channels = true}),
          listener_(std::move(listener)),
          changed_(executor_) {}

    /// Until neither has anything to say; the message is handed on first.
    static net::Task<Status> run(std::shared_ptr<Impl> self, std::optional<ota::SmsDeliver> message);
    static net::Task<Result<Handset::Report>> deliver(std::shared_ptr<Impl> self, ota::SmsDeliver message);
    static net::Task<Status> finish(std::shared_ptr<Impl> self, std::chrono::milliseconds patience);
    void stop();

  private:
    /// A connection of the card's.
    struct Link {
        std::optional<net::TcpStream> stream;
        std::deque<Bytes> outgoing;
        bool closing = false;  ///< by the card, once what it has sent is gone
    };
    using SelfPtr = std::shared_ptr<Impl>;
    using LinkPtr = std::shared_ptr<Link>;

    net::Task<Status> talk(std::optional<ota::SmsDeliver> message);
    void serve(const Handset::Wish& wish);
    void forget_all();
    void close(const LinkPtr& link);
    bool is_idle() const { return !running_ && links_.empty() && timers_.empty(); }

    static net::Task<void> go_on(SelfPtr self);
    static net::Task<void> carry(SelfPtr self, std::uint8_t channel, LinkPtr link, Endpoint target);
    static net::Task<void> read(SelfPtr self, std::uint8_t channel, LinkPtr link);
    static net::Task<void> write(SelfPtr self, LinkPtr link);
    static net::Task<void> wake_up(SelfPtr self, std::uint8_t timer, net::Deadline due);

    net::Executor executor_;
    std::shared_ptr<HandsetCard> card_;
    Handset handset_;
    Listener listener_;
    net::Signal changed_;
    std::optional<Handset::Report> report_;                 ///< to the message that is being handed on
    std::map<std::uint8_t, LinkPtr> links_;                 ///< by channel
    std::map<std::uint8_t, net::Deadline> timers_;          ///< by number
    steady_clock::time_point moved_ = steady_clock::now();  ///< when something happened
    bool is_on_ = false, running_ = false, stopping_ = false;
};

net::Task<Status> HandsetDriver::Impl::run(SelfPtr self, std::optional<ota::SmsDeliver> message) {
    while (self->running_) co_await self->changed_.wait(net::kNever);
    self->running_ = true;
    self->report_.reset();
    auto done = co_await self->talk(std::move(message));
    self->running_ = false;
    if (!done) {
        self->forget_all();
        self->is_on_ = false;
    }
    // A card with a connection is not to be reset.
    if (self->links_.empty()) self->card_->let_go();
    self->moved_ = steady_clock::now();
    self->changed_.notify();
    co_return done;
}

net::Task<Status> HandsetDriver::Impl::talk(std::optional<ota::SmsDeliver> message) {
    OTI_CO_TRY(auto is_new, co_await card_->take());
    if (is_new || !is_on_) {
        forget_all();
        handset_.start();
        is_on_ = true;
    }
    if (message) handset_.deliver(*message);
    while (auto command = handset_.next()) {
        if (stopping_) co_return fail(ErrorKind::kIo, "handset.stopped", "the handset is being stopped");
        OTI_CO_TRY(auto response, co_await card_->transmit(std::move(*command)));
        OTI_CO_CHECK(handset_.answer(response));
        for (const auto& wish : handset_.take_wishes()) serve(wish);
    }
    co_return Status{};
}

void HandsetDriver::Impl::serve(const Handset::Wish& wish) {
    if (stopping_) return;
    if (const auto* report = std::get_if<Handset::Report>(&wish)) {
        report_ = *report;
    } else if (const auto* submit = std::get_if<ota::SmsSubmit>(&wish)) {
        listener_.on_submit(*submit);
    } else if (const auto* wanted = std::get_if<Handset::OpenChannel>(&wish)) {
        auto link = std::make_shared<Link>();
        links_[wanted->channel] = link;
        boost::asio::co_spawn(executor_,
                              carry(shared_from_this(), wanted->channel, link, endpoint_of(wanted->target)),
                              detached);
    } else if (const auto* sent = std::get_if<Handset::SendData>(&wish)) {
        auto link = links_.find(sent->channel);
        // That it is gone shows when it is read.
        if (link != links_.end()) link->second->outgoing.push_back(sent->octets);
    } else if (const auto* closed = std::get_if<Handset::CloseChannel>(&wish)) {
        auto link = links_.extract(closed->channel);
        if (link) link.mapped()->closing = true;
    } else if (const auto* timer = std::get_if<Handset::StartTimer>(&wish)) {
        auto due = net::after(timer->duration);
        timers_[timer->timer] = due;
        boost::asio::co_spawn(executor_, wake_up(shared_from_this(), timer->timer, due), detached);
    }
    changed_.notify();
}

/// Connections and timers are those of a card that was reset since, or is gone.
void HandsetDriver::Impl::forget_all() {
    for (auto& [channel, link] : links_) close(link);
    links_.clear();
    timers_.clear();
}

void HandsetDriver::Impl::close(const LinkPtr& link) {
    link->closing = true;
    link->outgoing.clear();
    if (link->stream) link->stream->close();
}

void HandsetDriver::Impl::stop() {
    stopping_ = true;
    forget_all();
    changed_.notify();
}

/// After something happened outside.
net::Task<void> HandsetDriver::Impl::go_on(SelfPtr self) {
    auto done = co_await run(self, std::nullopt);
    if (done || self->stopping_) co_return;
    log::warning("the handset: {}", done.error().message);
}

net::Task<void> HandsetDriver::Impl::carry(SelfPtr self, std::uint8_t channel, LinkPtr link,
                                           Endpoint target) {
    auto stream = co_await net::connect_tcp(self->executor_, target.host, target.port, net::after(kConnect));
    if (link->closing) co_return;
    self->listener_.on_event(
        fmt::format("{} {}", stream ? "connected to" : "no connection to", target.to_string()));
    if (stream) {
        link->stream.emplace(std::move(*stream));
    } else {
        self->links_.erase(channel);
    }
    self->handset_.opened(channel, stream.has_value());
    co_await (go_on(self) && read(self, channel, link) && write(self, link));
}

net::Task<void> HandsetDriver::Impl::read(SelfPtr self, std::uint8_t channel, LinkPtr link) {
    while (link->stream && !link->closing) {
        auto octets = co_await link->stream->read(net::kNever);
        if (link->closing) co_return;
        if (octets) {
            self->handset_.received(channel, *octets);
        } else {
            self->listener_.on_event("the connection is lost");
            link->closing = true;
            self->links_.erase(channel);
            self->handset_.lost(channel);
        }
        // The card takes it before there is more.
        co_await go_on(self);
    }
}

net::Task<void> HandsetDriver::Impl::write(SelfPtr self, LinkPtr link) {
    while (link->stream) {
        if (!link->outgoing.empty()) {
            auto octets = std::move(link->outgoing.front());
            link->outgoing.pop_front();
            if (!co_await link->stream->write(std::move(octets), net::after(kWrite))) break;
        } else if (link->closing) {
            break;
        } else {
            co_await self->changed_.wait(net::kNever);
        }
    }
    if (link->stream) link->stream->close();
}

net::Task<void> HandsetDriver::Impl::wake_up(SelfPtr self, std::uint8_t timer, net::Deadline due) {
    auto is_mine = [&] {
        auto found = self->timers_.find(timer);
        return found != self->timers_.end() && found->second == due;
    };
    while (is_mine() && steady_clock::now() < due) co_await self->changed_.wait(due);
    if (!is_mine()) co_return;
    self->timers_.erase(timer);
    self->handset_.expired(timer);
    co_await go_on(self);
}

net::Task<Result<Handset::Report>> HandsetDriver::Impl::deliver(SelfPtr self, ota::SmsDeliver message) {
    OTI_CO_CHECK(co_await run(self, std::move(message)));
    co_return self->report_.value_or(Handset::Report{});
}

net::Task<Status> HandsetDriver::Impl::finish(SelfPtr self, std::chrono::milliseconds patience) {
    while (!self->is_idle() && !self->stopping_) {
        auto deadline = self->moved_ + patience;
        for (const auto& [timer, due] : self->timers_) deadline = std::max(deadline, due + patience);
        if (!self->running_ && steady_clock::now() >= deadline) {
            co_return fail(ErrorKind::kIo, "handset.silent",
                           fmt::format("nothing came over the card's connection for {} s",
                                       std::chrono::duration_cast<std::chrono::seconds>(patience).count()),
                           "look whether the server answers");
        }
        co_await self->changed_.wait(self->running_ ? net::kNever : deadline);
    }
    co_return Status{};
}

HandsetDriver::HandsetDriver(net::Executor executor, std::shared_ptr<HandsetCard> card, Listener listener)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(card), std::move(listener))) {}
HandsetDriver::HandsetDriver(HandsetDriver&&) noexcept = default;

HandsetDriver::~HandsetDriver() {
    if (impl_) impl_->stop();
}

net::Task<Status> HandsetDriver::start() {
    return Impl::run(impl_, std::nullopt);
}

net::Task<Result<Handset::Report>> HandsetDriver::deliver(ota::SmsDeliver message) {
    return Impl::deliver(impl_, std::move(message));
}

net::Task<Status> HandsetDriver::finish(std::chrono::milliseconds patience) {
    return Impl::finish(impl_, patience);
}

void HandsetDriver::stop() {
    impl_->stop();
}

}  // namespace oti::bearer
