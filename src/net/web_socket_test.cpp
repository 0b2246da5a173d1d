// SPDX-License-Identifier: Apache-2.0
#include "net/web_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http_server.h"
#include "net/net_testing.h"

namespace oti::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Deadline soon() {
    return after(10s);
}

Task<void> echo(WebSocket socket, HttpRequest) {
    while (auto message = co_await socket.receive(soon())) {
        if (!co_await socket.send(std::move(*message), soon())) co_return;
    }
}

class WebSockets : public testing::Test {
  protected:
    HttpServer start(WebSocketHandler handler, HttpServerOptions options = {}) {
        auto server =
            HttpServer::listen(loop.io, "127.0.0.1", 0, authority.identity("server", "sp"), options);
        server.value().serve([](HttpRequest) -> Task<HttpResponse> { co_return HttpResponse{404, "", {}}; },
                             {{"/ws", "oti.v1", std::move(handler)}});
        return std::move(*server);
    }
    Task<Result<WebSocket>> connect(const HttpServer& server, const std::string& path = "/ws",
                                    const std::string& subprotocol = "oti.v1", Deadline deadline = soon()) {
        auto url = Url::parse("wss://127.0.0.1:" + std::to_string(server.port()) + path).value();
        return connect_web_socket(loop.io.get_executor(), url, authority.identity("phone", "agent"),
                                  subprotocol, deadline);
    }
    /// Runs a client's conversation over a WebSocket that must come to be.
    void talk(const HttpServer& server, std::function<Task<void>(WebSocket&)> conversation) {
        loop.run([](auto connecting, auto talking) -> Task<void> {
            auto socket = co_await std::move(connecting);
            if (!socket) throw std::runtime_error(socket.error().message);
            co_await talking(*socket);
        }(connect(server), std::move(conversation)));
    }
    static void expect_code(const auto& result, const std::string& code) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code) << result.error().message;
    }

    TestLoop loop;
    TestAuthority authority{"our authority"};
};

TEST_F(WebSockets, CarryMessagesOfAllSizes) {
    std::string name;
    auto server = start([&](WebSocket socket, HttpRequest request) -> Task<void> {
        name = socket.peer().common_name + "/" + request.peer.role + request.query.at("se");
        co_await echo(std::move(socket), std::move(request));
    });
    loop.run([](auto connecting) -> Task<void> {
        auto socket = (co_await std::move(connecting)).value();
        EXPECT_EQ(socket.peer().common_name, "server");
        for (std::size_t i = 0; i < 100; ++i) {
            Bytes message(i * i * 7, static_cast<std::uint8_t>(i));
            EXPECT_TRUE(co_await socket.send(message, soon()));
            auto answer = co_await socket.receive(soon());
            EXPECT_TRUE(answer && *answer == message);
        }
        Bytes largest(kMaxWebSocketMessage, 0xA5);
        EXPECT_TRUE(co_await socket.send(largest, soon()));
        EXPECT_EQ((co_await socket.receive(soon())).value(), largest);
    }(connect(server, "/ws?se=1")));
    EXPECT_EQ(name, "phone/agent1");
}

TEST_F(WebSockets, CarryBothDirectionsAtOnce) {
    constexpr unsigned kCount = 60, kSize = 40'000;
    auto send_all = [](WebSocket& socket) -> Task<void> {
        for (unsigned i = 0; i < kCount; ++i) {
            EXPECT_TRUE(co_await socket.send(Bytes(kSize, static_cast<std::uint8_t>(i)), soon()));
        }
    };
    auto receive_all = [](WebSocket& socket) -> Task<void> {
        for (unsigned i = 0; i < kCount; ++i) {
            auto message = co_await socket.receive(soon());
            EXPECT_TRUE(message && *message == Bytes(kSize, static_cast<std::uint8_t>(i)));
        }
    };
    auto both = [&](WebSocket& socket) -> Task<void> {
        using namespace asio::experimental::awaitable_operators;
        co_await (send_all(socket) && receive_all(socket));
    };
    auto server = start([&](WebSocket socket, HttpRequest) -> Task<void> {
        co_await both(socket);
        expect_code(co_await socket.receive(soon()), "net.closed");
    });
    talk(server, [&](WebSocket& socket) -> Task<void> {
        co_await both(socket);
        co_await socket.close(CloseCode::kNormal, "done");
    });
}

TEST_F(WebSockets, KeepTheOrderOfManySenders) {
    auto server = start(echo);
    talk(server, [](WebSocket& socket) -> Task<void> {
        for (std::uint8_t i = 0; i < 50; ++i) {
            asio::co_spawn(socket.executor(), socket.send(Bytes(10'000, i), soon()), asio::detached);
        }
        for (std::uint8_t i = 0; i < 50; ++i) {
            EXPECT_EQ((co_await socket.receive(soon())).value(), Bytes(10'000, i));
        }
    });
}

TEST_F(WebSockets, TellWhyThePeerClosed) {
    auto server = start([](WebSocket socket, HttpRequest) -> Task<void> {
        EXPECT_TRUE(co_await socket.send({1}, soon()));
        co_await socket.close(CloseCode::kPolicy, "enough");
        expect_code(co_await socket.receive(soon()), "net.closed");
        expect_code(co_await socket.send({2}, soon()), "net.closed");
    });
    talk(server, [](WebSocket& socket) -> Task<void> {
        EXPECT_EQ((co_await socket.receive(soon())).value(), Bytes{1});
        auto closed = co_await socket.receive(soon());
        expect_code(closed, "net.closed");
        EXPECT_NE(closed.error().message.find("code 1008 enough"), std::string::npos)
            << closed.error().message;
        expect_code(co_await socket.send({2}, soon()), "net.closed");
        co_await socket.close(CloseCode::kNormal, "twice");
    });
}

TEST_F(WebSockets, SendWhatWaitsBeforeClosing) {
    unsigned received = 0;
    auto server = start([&](WebSocket socket, HttpRequest) -> Task<void> {
        while (co_await socket.receive(soon())) ++received;
    });
    talk(server, [](WebSocket& socket) -> Task<void> {
        for (std::uint8_t i = 0; i < 20; ++i) {
            asio::co_spawn(socket.executor(), socket.send(Bytes(50'000, i), soon()), asio::detached);
        }
        asio::steady_timer queued(socket.executor(), 0ms);
        co_await queued.async_wait(asio::use_awaitable);
        co_await socket.close(CloseCode::kNormal, std::string(500, 'x'));
    });
    server.stop();
    EXPECT_TRUE(loop.runs_out());
    EXPECT_EQ(received, 20U);
}

TEST_F(WebSockets, NoticeADroppedHandle) {
    auto server = start([](WebSocket, HttpRequest) -> Task<void> { co_return; });
    talk(server, [](WebSocket& socket) -> Task<void> {
        expect_code(co_await socket.receive(soon()), "net.closed");
        expect_code(co_await socket.send({1}, soon()), "net.closed");
    });
}

TEST_F(WebSockets, SurviveTheDeadlineOfAReceive) {
    auto server = start(echo);
    talk(server, [](WebSocket& socket) -> Task<void> {
        expect_code(co_await socket.receive(after(20ms)), "net.timeout");
        EXPECT_TRUE(co_await socket.send({7}, soon()));
        EXPECT_EQ((co_await socket.receive(soon())).value(), Bytes{7});
    });
}

TEST_F(WebSockets, AreCutWhenASendCannotEndInTime) {
    std::optional<asio::steady_timer> never;
    auto server = start([&](WebSocket socket, HttpRequest) -> Task<void> {
        // Receives nothing, so that everything between the two fills up.
        never.emplace(socket.executor(), kNever);
        boost::system::error_code code;
        co_await never->async_wait(asio::redirect_error(asio::use_awaitable, code));
    });
    talk(server, [](WebSocket& socket) -> Task<void> {
        auto deadline = after(300ms);
        Status sent;
        for (int i = 0; i < 100 && sent; ++i)
            sent = co_await socket.send(Bytes(kMaxWebSocketMessage), deadline);
        expect_code(sent, "net.timeout");
        expect_code(co_await socket.receive(soon()), "net.timeout");
    });
    never->cancel();
    server.stop();
    EXPECT_TRUE(loop.runs_out());
}

TEST_F(WebSockets, HaveOneReceiver) {
    auto server = start(echo);
    talk(server, [](WebSocket& socket) -> Task<void> {
        using namespace asio::experimental::awaitable_operators;
        auto [first, second] = co_await (socket.receive(after(20ms)) && socket.receive(soon()));
        expect_code(first, "net.timeout");
        expect_code(second, "net.usage");
    });
}

TEST_F(WebSockets, PingASilentPeer) {
    auto server = start(echo, {.web_socket_idle = 100ms});
    talk(server, [](WebSocket& socket) -> Task<void> {
        expect_code(co_await socket.receive(after(350ms)), "net.timeout");
        EXPECT_TRUE(co_await socket.send({7}, soon()));
        EXPECT_EQ((co_await socket.receive(soon())).value(), Bytes{7});
    });
}

TEST_F(WebSockets, RefuseToSendTooMuch) {
    auto server = start(echo);
    talk(server, [](WebSocket& socket) -> Task<void> {
        expect_code(co_await socket.send(Bytes(kMaxWebSocketMessage + 1), soon()), "net.too_large");
        EXPECT_TRUE(co_await socket.send({7}, soon()));
        EXPECT_EQ((co_await socket.receive(soon())).value(), Bytes{7});
    });
}

TEST_F(WebSockets, AreDeclinedElsewhereOrInAnotherLanguage) {
    auto server = start(echo);
    auto elsewhere = loop.run(connect(server, "/elsewhere"));
    expect_code(elsewhere, "net.http");
    EXPECT_NE(elsewhere.error().message.find("404"), std::string::npos);
    expect_code(loop.run(connect(server, "/ws", "oti.v2")), "net.http");
    expect_code(loop.run(connect(server, "/ws", "oti.v1", after(0ms))), "net.timeout");
}

TEST_F(WebSockets, CloseWhatIsNoBinaryMessage) {
    std::vector<std::string> ends;
    auto server = start([&](WebSocket socket, HttpRequest) -> Task<void> {
        auto message = co_await socket.receive(soon());
        EXPECT_FALSE(message);
        if (!message) ends.push_back(message.error().code);
    });
    auto raw = [&](std::string frame) {
        return loop.run_beside([&] {
            RawTlsClient client(server.port(), authority.identity("raw"));
            client.write(
                "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                "Sec-WebSocket-Protocol: oti.v0, oti.v1\r\n\r\n");
            EXPECT_TRUE(client.read("\r\n\r\n").starts_with("HTTP/1.1 101 "));
            client.write(frame);
            return client.read();
        });
    };
    using std::string_literals::operator""s;
    // A text message; one announced with 2 MiB; a reserved opcode; a frame without a mask. RFC 6455, 5.2.
    EXPECT_NE(raw("\x81\x81\0\0\0\0a\x88\x80\0\0\0\0"s).find("\x03\xEB"), std::string::npos);
    EXPECT_NE(raw("\x82\xFF\0\0\0\0\0\x20\0\0\0\0\0\0"s).find("\x03\xF1"), std::string::npos);
    EXPECT_NE(raw("\x83\x81\0\0\0\0a"s).find("\x03\xEA"), std::string::npos);
    EXPECT_NE(raw("\x82\x01"
                  "a"s)
                  .find("\x03\xEA"),
              std::string::npos);
    server.stop();
    EXPECT_TRUE(loop.runs_out());
    EXPECT_EQ(ends, (std::vector<std::string>{"net.closed", "net.too_large", "net.http", "net.http"}));
}

TEST_F(WebSockets, EndWithTheServer) {
    unsigned ended = 0;
    auto server = start([&](WebSocket socket, HttpRequest) -> Task<void> {
        expect_code(co_await socket.receive(soon()), "net.closed");
        ++ended;
    });
    auto first = loop.run(connect(server)).value();
    auto second = loop.run(connect(server)).value();
    asio::co_spawn(loop.io, first.receive(soon()), [&](const std::exception_ptr&, Result<Bytes> message) {
        expect_code(message, "net.closed");
        EXPECT_NE(message.error().message.find("code 1001"), std::string::npos) << message.error().message;
        ++ended;
    });
    loop.io.poll();
    server.stop();
    EXPECT_TRUE(loop.runs_out());
    EXPECT_EQ(ended, 3U);
}

TEST_F(WebSockets, LeaveNothingBehindWhenTheLoopIsDropped) {
    auto own = std::make_unique<TestLoop>();
    {
        auto server = HttpServer::listen(own->io, "127.0.0.1", 0, authority.identity("server"));
        server->serve([](HttpRequest) -> Task<HttpResponse> { co_return HttpResponse{404, "", {}}; },
                      {{"/ws", "oti.v1", echo}});
        auto url = Url::parse("wss://127.0.0.1:" + std::to_string(server->port()) + "/ws").value();
        auto socket = own->run(
            connect_web_socket(own->io.get_executor(), url, authority.identity("phone"), "oti.v1", soon()));
        ASSERT_TRUE(socket);
    }
    own.reset();
}

}  // namespace
}  // namespace oti::net
