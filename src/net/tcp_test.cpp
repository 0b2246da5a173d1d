// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/net_testing.h"
#include "net/tcp_server.h"

namespace oti::net {
namespace {

using namespace std::chrono_literals;

struct Tcp : testing::Test {
    TcpServer serve() {
        return TcpServer::start(loop.io, "127.0.0.1", 0,
                                [this](TcpStream stream) { accepted.emplace(std::move(stream)); })
            .value();
    }
    Task<TcpStream> connect(std::uint16_t port) {
        auto stream = co_await connect_tcp(loop.io.get_executor(), "localhost", port, after(5s));
        while (!accepted) co_await boost::asio::post(boost::asio::use_awaitable);
        co_return std::move(stream).value();
    }

    TestLoop loop;
    std::optional<TcpStream> accepted;
};

TEST_F(Tcp, CarriesOctetsBothWays) {
    auto server = serve();
    loop.run([](Tcp& test, std::uint16_t port) -> Task<void> {
        auto client = co_await test.connect(port);
        EXPECT_TRUE(co_await client.write({1, 2, 3}, after(5s)));
        EXPECT_EQ(*co_await test.accepted->read(after(5s)), (Bytes{1, 2, 3}));
        EXPECT_TRUE(co_await test.accepted->write({4}, after(5s)));
        EXPECT_EQ(*co_await client.read(after(5s)), Bytes{4});
        test.accepted.reset();
        EXPECT_EQ((co_await client.read(after(5s))).error().code, "net.closed");
    }(*this, server.port()));
}

TEST_F(Tcp, LivesOnAfterNothingCameInTime) {
    auto server = serve();
    loop.run([](Tcp& test, std::uint16_t port) -> Task<void> {
        auto client = co_await test.connect(port);
        EXPECT_EQ((co_await client.read(after(1ms))).error().code, "net.timeout");
        EXPECT_EQ((co_await client.read(after(-1ms))).error().code, "net.timeout");
        EXPECT_TRUE(co_await test.accepted->write({5}, after(5s)));
        EXPECT_EQ(*co_await client.read(after(5s)), Bytes{5});
    }(*this, server.port()));
}

TEST_F(Tcp, GivesUpWritingToOneWhoDoesNotRead) {
    auto server = serve();
    loop.run([](Tcp& test, std::uint16_t port) -> Task<void> {
        auto client = co_await test.connect(port);
        constexpr std::size_t kMoreThanBuffers = std::size_t{64} << 20;
        EXPECT_EQ((co_await client.write(Bytes(kMoreThanBuffers), after(20ms))).error().code, "net.timeout");
        EXPECT_EQ((co_await client.write({1}, after(5s))).error().code, "net.closed");
    }(*this, server.port()));
}

TEST_F(Tcp, SaysThatNobodyIsThere) {
    auto port = serve().port();
    loop.run([](Tcp& test, std::uint16_t port) -> Task<void> {
        auto executor = test.loop.io.get_executor();
        auto refused = co_await connect_tcp(executor, "127.0.0.1", port, after(5s));
        EXPECT_EQ(refused.error().code, "net.connect");
        auto nameless = co_await connect_tcp(executor, "no.such.host.invalid", port, after(5s));
        EXPECT_FALSE(nameless);
    }(*this, port));
}

TEST_F(Tcp, EndsAReadWhenItIsClosed) {
    auto server = serve();
    loop.run([](Tcp& test, std::uint16_t port) -> Task<void> {
        auto client = co_await test.connect(port);
        boost::asio::post(test.loop.io, [&] { client.close(); });
        EXPECT_EQ((co_await client.read(kNever)).error().code, "net.closed");
    }(*this, server.port()));
}

}  // namespace
}  // namespace oti::net
