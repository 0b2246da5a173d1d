// SPDX-License-Identifier: Apache-2.0
#include "net/delay_relay.h"

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "base/bytes.h"
#include "net/internal/listener.h"
#include "net/internal/live_set.h"

namespace oti::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;
using std::chrono::steady_clock;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kRead = std::size_t{64} << 10, kMaxInFlight = std::size_t{32} << 20;
constexpr std::size_t kMaxConnections = 1000;

struct Counts {
    std::atomic<std::uint64_t> up{0}, down{0};
};

struct Route {
    std::string host;
    std::uint16_t port = 0;
    std::chrono::nanoseconds one_way{0};
};

/// What left one side and has not yet arrived at the other.
struct Chunk {
    Bytes bytes;  // empty: the end of the stream
    steady_clock::time_point due;
};

/// One direction of a connection.
struct Direction {
    Direction(tcp::socket& source, tcp::socket& sink, std::atomic<std::uint64_t>& counter)
        : from(source), to(sink), delivered(counter), changed(source.get_executor(), Deadline::max()) {}

    tcp::socket& from;
    tcp::socket& to;
    std::atomic<std::uint64_t>& delivered;
    std::deque<Chunk> in_flight;
    std::size_t size = 0;
    asio::steady_timer changed;             // a condition variable: cancelled when in_flight changes
    steady_clock::time_point not_before{};  // what is read earlier counts as sent then
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket client, Route route, std::shared_ptr<Counts> counts)
        : client_(std::move(client)),
          target_(client_.get_executor()),
          route_(std::move(route)),
          counts_(std::move(counts)),
          up_(client_, target_, counts_->up),
          down_(target_, client_, counts_->down) {
        up_.not_before = steady_clock::now() + 2 * route_.one_way;
    }

    Executor executor() { return client_.get_executor(); }

    void stop() {
        asio::post(client_.get_executor(), [self = shared_from_this()] { self->close(); });
    }

    static Task<void> run(std::shared_ptr<Connection> self) {
        tcp::resolver resolver(self->executor());
        auto [resolve_code, endpoints] =
            co_await resolver.async_resolve(self->route_.host, std::to_string(self->route_.port), kAwait);
        if (resolve_code || self->closed_) co_return;
        auto [connect_code, endpoint] = co_await asio::async_connect(self->target_, endpoints, kAwait);
        if (connect_code || self->closed_) co_return;
        self->target_.set_option(tcp::no_delay(true));
        co_await (take_in(self, self->up_) && deliver(self, self->up_) && take_in(self, self->down_) &&
                  deliver(self, self->down_));
    }

  private:
    static Task<void> take_in(std::shared_ptr<Connection> self, Direction& direction) {
        std::vector<std::uint8_t> buffer(kRead);
        for (;;) {
            if (direction.size >= kMaxInFlight) {
                co_await direction.changed.async_wait(kAwait);
                if (self->closed_) co_return;
                continue;
            }
            auto [code, count] = co_await direction.from.async_read_some(asio::buffer(buffer), kAwait);
            if (code && code != asio::error::eof) co_return self->close();
            auto sent = std::max(steady_clock::now(), direction.not_before);
            direction.in_flight.push_back(
                {to_bytes(BytesView(buffer).first(count)), sent + self->route_.one_way});
            direction.size += count;
            direction.changed.cancel();
            if (code) co_return;
        }
    }

    static Task<void> deliver(std::shared_ptr<Connection> self, Direction& direction) {
        asio::steady_timer arrival(self->executor());
        for (;;) {
            while (direction.in_flight.empty()) {
                co_await direction.changed.async_wait(kAwait);
                if (self->closed_) co_return;
            }
            auto chunk = std::move(direction.in_flight.front());
            direction.in_flight.pop_front();
            arrival.expires_at(chunk.due);
            co_await arrival.async_wait(kAwait);
            if (chunk.bytes.empty()) {
                boost::system::error_code ignored;
                direction.to.shutdown(tcp::socket::shutdown_send, ignored);
                co_return;
            }
            auto [code, count] = co_await asio::async_write(direction.to, asio::buffer(chunk.bytes), kAwait);
            direction.delivered += count;
            direction.size -= chunk.bytes.size();
            direction.changed.cancel();
            if (code) co_return self->close();
        }
    }

    void close() {
        boost::system::error_code ignored;
        closed_ = true;
        client_.close(ignored);
        target_.close(ignored);
        up_.changed.cancel();
        down_.changed.cancel();
    }

    tcp::socket client_, target_;
    Route route_;
    std::shared_ptr<Counts> counts_;
    Direction up_, down_;
    bool closed_ = false;
};

}  // namespace

class DelayRelay::Impl {
  public:
    std::shared_ptr<Listener> listener;
    Route route;
    std::shared_ptr<Counts> counts = std::make_shared<Counts>();
    LiveSet<Connection> connections;
};

Result<DelayRelay> DelayRelay::start(asio::io_context& io, std::uint16_t listen_port, std::string target_host,
                                     std::uint16_t target_port, std::chrono::nanoseconds one_way) {
    auto impl = std::make_shared<Impl>();
    impl->route = {std::move(target_host), target_port, one_way};
    OTI_TRY(impl->listener, Listener::open(io, "127.0.0.1", listen_port));
    impl->listener->start([impl](tcp::socket socket) {
        auto connection = std::make_shared<Connection>(std::move(socket), impl->route, impl->counts);
        if (!impl->connections.add(connection, kMaxConnections)) return;
        asio::co_spawn(
            connection->executor(), Connection::run(connection),
            [impl, connection](const std::exception_ptr&) { impl->connections.remove(connection.get()); });
    });
    return DelayRelay(std::move(impl));
}

DelayRelay& DelayRelay::operator=(DelayRelay&& other) noexcept {
    stop();
    impl_ = std::move(other.impl_);
    return *this;
}

std::uint16_t DelayRelay::port() const {
    return impl_->listener->port();
}

void DelayRelay::stop() {
    if (!impl_) return;
    impl_->listener->stop();
    impl_->connections.stop();
}

std::uint64_t DelayRelay::bytes_up() const {
    return impl_->counts->up;
}

std::uint64_t DelayRelay::bytes_down() const {
    return impl_->counts->down;
}

}  // namespace oti::net
