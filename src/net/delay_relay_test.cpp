// SPDX-License-Identifier: Apache-2.0
#include "net/delay_relay.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/net_testing.h"

namespace oti::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kOneWay = 20ms;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// Sends back what it receives, and the end of the stream too.
class EchoServer {
  public:
    explicit EchoServer(asio::io_context& io)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        asio::co_spawn(io, serve(), asio::detached);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    Task<void> serve() {
        for (;;) {
            auto [code, socket] = co_await acceptor_.async_accept(kAwait);
            if (code) co_return;
            asio::co_spawn(acceptor_.get_executor(), echo(std::move(socket)), asio::detached);
        }
    }
    static Task<void> echo(tcp::socket socket) {
        Bytes buffer(65536);
        for (;;) {
            auto [code, count] = co_await socket.async_read_some(asio::buffer(buffer), kAwait);
            if (code) co_return;
            co_await asio::async_write(socket, asio::buffer(buffer, count), kAwait);
        }
    }
    tcp::acceptor acceptor_;
};

class Relay : public testing::Test {
  protected:
    DelayRelay start(std::uint16_t target) {
        return DelayRelay::start(loop.io, 0, "127.0.0.1", target, kOneWay).value();
    }
    static Task<tcp::socket> connect(std::uint16_t port) {
        tcp::socket socket(co_await asio::this_coro::executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
        co_return socket;
    }
    static Task<Bytes> exchange(tcp::socket& socket, const Bytes& message) {
        co_await asio::async_write(socket, asio::buffer(message), asio::use_awaitable);
        Bytes answer(message.size());
        co_await asio::async_read(socket, asio::buffer(answer), asio::use_awaitable);
        co_return answer;
    }

    TestLoop loop;
    EchoServer echo{loop.io};
};

TEST_F(Relay, DelaysEachDirectionAndTheHandshake) {
    auto relay = start(echo.port());
    loop.run([](std::uint16_t port) -> Task<void> {
        auto begin = steady_clock::now();
        auto socket = co_await connect(port);
        EXPECT_EQ(co_await exchange(socket, {1, 2, 3}), (Bytes{1, 2, 3}));
        EXPECT_GE(steady_clock::now() - begin, 4 * kOneWay);
        begin = steady_clock::now();
        EXPECT_EQ(co_await exchange(socket, {4, 5}), (Bytes{4, 5}));
        EXPECT_GE(steady_clock::now() - begin, 2 * kOneWay);
    }(relay.port()));
    EXPECT_EQ(relay.bytes_up(), 5U);
    EXPECT_EQ(relay.bytes_down(), 5U);
}

TEST_F(Relay, KeepsOctetsInOrderWhileManyAreOnTheWay) {
    auto relay = start(echo.port());
    Bytes sent(8'000'000);
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    loop.run([](std::uint16_t port, const Bytes& octets) -> Task<void> {
        auto socket = co_await connect(port);
        asio::co_spawn(
            socket.get_executor(),
            [&]() -> Task<void> { co_await asio::async_write(socket, asio::buffer(octets), kAwait); },
            asio::detached);
        Bytes received(octets.size());
        co_await asio::async_read(socket, asio::buffer(received), asio::use_awaitable);
        EXPECT_TRUE(received == octets);
    }(relay.port(), sent));
    EXPECT_EQ(relay.bytes_up(), sent.size());
    EXPECT_EQ(relay.bytes_down(), sent.size());
}

TEST_F(Relay, PassesTheEndOfAStreamOn) {
    auto relay = start(echo.port());
    loop.run([](std::uint16_t port) -> Task<void> {
        auto socket = co_await connect(port);
        co_await asio::async_write(socket, asio::buffer(Bytes{1, 2, 3}), asio::use_awaitable);
        socket.shutdown(tcp::socket::shutdown_send);
        Bytes answer(4);
        auto [code, count] = co_await asio::async_read(socket, asio::buffer(answer), kAwait);
        EXPECT_EQ(code, asio::error::eof);
        EXPECT_EQ(count, 3U);
    }(relay.port()));
}

TEST_F(Relay, ClosesWhereTheTargetDoesNotListen) {
    std::uint16_t nowhere = 0;
    {
        tcp::acceptor gone(loop.io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        nowhere = gone.local_endpoint().port();
    }
    auto relay = start(nowhere);
    loop.run([](std::uint16_t port) -> Task<void> {
        auto socket = co_await connect(port);
        Bytes answer(1);
        auto [code, count] = co_await asio::async_read(socket, asio::buffer(answer), kAwait);
        EXPECT_TRUE(code);
    }(relay.port()));
    EXPECT_EQ(relay.bytes_up(), 0U);
}

TEST_F(Relay, StopEndsItsConnections) {
    auto relay = start(echo.port());
    auto socket = loop.run([](std::uint16_t port) -> Task<tcp::socket> {
        auto connected = co_await connect(port);
        co_await exchange(connected, {1});
        co_return connected;
    }(relay.port()));
    relay.stop();
    loop.run([](tcp::socket open) -> Task<void> {
        Bytes answer(1);
        auto [code, count] = co_await asio::async_read(open, asio::buffer(answer), kAwait);
        EXPECT_TRUE(code);
    }(std::move(socket)));
}

TEST_F(Relay, CarriesHttp) {
    TestAuthority authority("authority");
    auto server = HttpServer::listen(loop.io, "127.0.0.1", 0, authority.identity("server"));
    server.value().serve([](HttpRequest request) -> Task<HttpResponse> {
        co_return HttpResponse{200, "", std::move(request.body)};
    });
    auto relay = start(server->port());
    HttpClient client(loop.io.get_executor(), authority.identity("phone"));
    auto url = Url::parse("https://127.0.0.1:" + std::to_string(relay.port())).value();
    auto begin = steady_clock::now();
    auto response = loop.run(client.request("POST", url, "", {1, 2}, after(10s)));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, (Bytes{1, 2}));
    // A round trip each for TCP, TLS 1.3 and HTTP.
    EXPECT_GE(steady_clock::now() - begin, 6 * kOneWay);
}

}  // namespace
}  // namespace oti::net
