// SPDX-License-Identifier: Apache-2.0
#include "bearer/smsc_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <map>

#include "base/log.h"
#include "bearer/handset_driver.h"
#include "net/signal.h"
#include "net/tcp_server.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using boost::asio::detached;
using std::chrono::steady_clock;

constexpr auto kWrite = 10s;

}  // namespace

class SmscServer::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(boost::asio::io_context& io, const ota::MobileNetwork::Options& options, std::size_t cards)
        : executor_(io.get_executor()), network_(options), changed_(executor_), cards_(cards) {}

    Status add(const Card& card);
    Status add(const std::string& phone) { return network_.add_phone(phone); }
    Status listen(boost::asio::io_context& io, const Endpoint& endpoint);
    std::uint16_t port() const { return server_->port(); }
    const ota::MobileNetwork::Counts& counts() const { return network_.counts(); }
    void stop();
    /// What a card is doing refers to what goes with the io_context.
    void wait_for_cards() { cards_.join(); }

  private:
    struct Session {
        explicit Session(net::TcpStream its_stream) : stream(std::move(its_stream)) {}
        net::TcpStream stream;
        ota::EsmeSessions::Id id;
        bool over = false;
    };
    using SelfPtr = std::shared_ptr<Impl>;
    using SessionPtr = std::shared_ptr<Session>;

    static net::Task<void> serve(SelfPtr self, SessionPtr session);
    static net::Task<void> read(SelfPtr self, SessionPtr session);
    static net::Task<void> write(SelfPtr self, SessionPtr session);
    static net::Task<void> watch_time(SelfPtr self);
    static net::Task<void> switch_on(SelfPtr self, std::string msisdn);
    static net::Task<void> hand_over(SelfPtr self, ota::MobileNetwork::Delivery delivery);

    /// A handset with its card.
    struct Handset {
        Handset(Impl& owner, const std::string& number, const Card& card)
            : driver(owner.executor_, std::make_shared<OwnCard>(*card.channel, owner.cards_),
                     {.on_submit = [&owner, number](const auto& message) {
                         owner.network_.sent(number, message, steady_clock::now());
                         owner.changed_.notify();
                     }}) {}
        HandsetDriver driver;
    };

    net::Executor executor_;
    ota::MobileNetwork network_;
    net::Signal changed_;  ///< the network was told something
    std::map<std::string, Handset> handsets_;
    std::optional<net::TcpServer> server_;
    std::vector<std::weak_ptr<Session>> sessions_;
    bool stopping_ = false;
    boost::asio::thread_pool cards_;  ///< for calls that block; the network gives a card one at a time
};

Status SmscServer::Impl::add(const Card& card) {
    OTI_CHECK(network_.add_handset(card.msisdn));
    OTI_TRY(auto number, ota::SmsAddress::of_number(card.msisdn));
    handsets_.try_emplace(number.digits, *this, number.digits, card);
    return {};
}

Status SmscServer::Impl::listen(boost::asio::io_context& io, const Endpoint& endpoint) {
    auto on_stream = [weak = weak_from_this()](net::TcpStream stream) {
        auto self = weak.lock();
        if (!self || self->stopping_) return;
        auto session = std::make_shared<Session>(std::move(stream));
        boost::asio::co_spawn(self->executor_, serve(self, std::move(session)), detached);
    };
    OTI_TRY(server_, net::TcpServer::start(io, endpoint.host, endpoint.port, std::move(on_stream)));
    boost::asio::co_spawn(executor_, watch_time(shared_from_this()), detached);
    for (const auto& [number, handset] : handsets_)
        boost::asio::co_spawn(executor_, switch_on(shared_from_this(), number), detached);
    return {};
}

void SmscServer::Impl::stop() {
    stopping_ = true;
    if (server_) server_->stop();
    for (auto& weak : sessions_) {
        if (auto session = weak.lock()) session->stream.close();
    }
    for (auto& [number, handset] : handsets_) handset.driver.stop();
    changed_.notify();
}

net::Task<void> SmscServer::Impl::switch_on(SelfPtr self, std::string msisdn) {
    auto started = co_await self->handsets_.at(msisdn).driver.start();
    if (!started && !self->stopping_) log::warning("{}: {}", msisdn, started.error().message);
}

net::Task<void> SmscServer::Impl::serve(SelfPtr self, SessionPtr session) {
    session->id = self->network_.connected(steady_clock::now());
    std::erase_if(self->sessions_, [](const auto& weak) { return weak.expired(); });
    self->sessions_.push_back(session);
    log::info("an ESME has connected");
    co_await (read(self, session) && write(self, session));
    log::info("an ESME is gone");
    self->network_.disconnected(session->id, steady_clock::now());
    self->changed_.notify();
}

net::Task<void> SmscServer::Impl::read(SelfPtr self, SessionPtr session) {
    while (true) {
        auto bytes = co_await session->stream.read(net::kNever);
        if (!bytes) break;
        self->network_.received(session->id, *bytes, steady_clock::now());
        self->changed_.notify();
    }
    session->over = true;
    self->changed_.notify();
}

net::Task<void> SmscServer::Impl::write(SelfPtr self, SessionPtr session) {
    while (!session->over) {
        if (auto output = self->network_.take_output(session->id); !output.empty()) {
            if (!co_await session->stream.write(std::move(output), net::after(kWrite))) break;
            continue;
        }
        if (self->stopping_ || self->network_.is_over(session->id)) break;
        co_await self->changed_.wait(net::kNever);
    }
    session->stream.close();
}

net::Task<void> SmscServer::Impl::watch_time(SelfPtr self) {
    while (!self->stopping_) {
        auto now = steady_clock::now();
        self->network_.tick(now);
        while (auto delivery = self->network_.next_delivery(now)) {
            boost::asio::co_spawn(self->executor_, hand_over(self, std::move(*delivery)), detached);
        }
        self->changed_.notify();
        co_await self->changed_.wait(self->network_.next_deadline().value_or(net::kNever));
    }
}

net::Task<void> SmscServer::Impl::hand_over(SelfPtr self, ota::MobileNetwork::Delivery delivery) {
    auto& handset = self->handsets_.at(delivery.msisdn);
    auto said = co_await handset.driver.deliver(delivery.message);
    auto now = steady_clock::now();
    if (said) {
        log::debug("{}: {:04X}, {} bytes of report", delivery.msisdn, said->sw, said->data.size());
        self->network_.delivered(delivery.msisdn, *said, now);
    } else if (!self->stopping_) {
        log::warning("{}: {}; it is tried again", delivery.msisdn, said.error().message);
        self->network_.failed(delivery.msisdn, now);
    }
    self->changed_.notify();
}

SmscServer::SmscServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
SmscServer::SmscServer(SmscServer&&) noexcept = default;

SmscServer::~SmscServer() {
    if (!impl_) return;
    impl_->stop();
    impl_->wait_for_cards();
}

Result<SmscServer> SmscServer::start(boost::asio::io_context& io, const Endpoint& endpoint,
                                     const ota::MobileNetwork::Options& options,
                                     const std::vector<Card>& cards, const std::vector<std::string>& phones) {
    auto impl = std::make_shared<Impl>(io, options, std::max<std::size_t>(cards.size(), 1));
    for (const auto& card : cards) OTI_CHECK(impl->add(card));
    for (const auto& phone : phones) OTI_CHECK(impl->add(phone));
    OTI_CHECK(impl->listen(io, endpoint));
    return SmscServer(std::move(impl));
}

std::uint16_t SmscServer::port() const {
    return impl_->port();
}

const ota::MobileNetwork::Counts& SmscServer::counts() const {
    return impl_->counts();
}

void SmscServer::stop() {
    impl_->stop();
}

}  // namespace oti::bearer
