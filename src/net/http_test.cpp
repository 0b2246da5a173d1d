// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <thread>

#include "net/http_testing.h"

namespace oti::net {
namespace {

class Http : public HttpTest {};

TEST_F(Http, CarriesRequestAndResponse) {
    auto server = start();
    auto agent = client();
    Bytes body(70'000, 0x5A);
    auto response = loop.run(agent.request("POST", url(server, "/gp/seram?session=1"), "application/json",
                                           body, soon(), {{"X-Trace", "7"}}));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201U);
    EXPECT_EQ(response->content_type, "text/plain");
    EXPECT_EQ(find_header(response->headers, "location"), "/there");
    EXPECT_EQ(response->body, body);
    EXPECT_EQ(last.method, "POST");
    EXPECT_EQ(last.path, "/gp/seram");
    EXPECT_EQ(last.query.at("session"), "1");
    EXPECT_EQ(last.content_type, "application/json");
    EXPECT_EQ(find_header(last.headers, "x-trace"), "7");
    EXPECT_TRUE(last.peer.authenticated);
    EXPECT_EQ(last.peer.common_name, "phone");
    EXPECT_EQ(last.peer.role, "agent");
}

TEST_F(Http, KeepsTheConnection) {
    auto server = start();
    auto agent = client();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(get(agent, url(server, "/")));
    EXPECT_EQ(agent.counters().connections, 1U);
}

TEST_F(Http, ReconnectsWhenTheKeptConnectionDied) {
    auto agent = client();
    std::uint16_t port = 0;
    {
        auto server = start();
        port = server.port();
        EXPECT_TRUE(get(agent, url(server, "/")));
    }
    EXPECT_TRUE(loop.runs_out());
    auto server = start({}, port);
    auto response = get(agent, url(server, "/again"));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(agent.counters().connections, 2U);
}

TEST_F(Http, AnswersHeadWithoutBody) {
    auto server = start();
    auto agent = client();
    auto response = loop.run(agent.request("HEAD", url(server, "/large"), "", {}, soon()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(find_header(response->headers, "content-length"), std::to_string(kBody + 1));
    EXPECT_TRUE(response->body.empty());
    EXPECT_TRUE(get(agent, url(server, "/")));
    EXPECT_EQ(agent.counters().connections, 1U);
}

TEST_F(Http, RefusesLargeBody) {
    auto server = start({.max_body = 1000});
    auto agent = client();
    auto response = loop.run(agent.request("POST", url(server, "/"), "", Bytes(3'000'000), soon()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 413U);
    EXPECT_TRUE(last.method.empty());
    auto chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7D0\r\n" +
                   std::string(2000, 'x') + "\r\n0\r\n\r\n";
    EXPECT_TRUE(raw(server, chunked).starts_with("HTTP/1.1 413 "));
}

TEST_F(Http, ReportsLargeResponse) {
    auto server = start();
    auto agent = client();
    expect(get(agent, url(server, "/large")), "net.too_large", ErrorKind::kIo);
    EXPECT_TRUE(get(agent, url(server, "/")));
}

TEST_F(Http, AnswersMalformedRequestWith400AndCloses) {
    auto server = start();
    for (std::string octets :
         {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
          "GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"}) {
        EXPECT_TRUE(raw(server, octets).starts_with("HTTP/1.1 400 ")) << octets;
    }
    EXPECT_TRUE(last.method.empty());
    auto long_header = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
    EXPECT_TRUE(raw(server, long_header).starts_with("HTTP/1.1 431 "));
}

TEST_F(Http, TellsTheClientToSendItsBody) {
    auto server = start();
    auto read = loop.run_beside([&] {
        RawTlsClient client(server.port(), identity);
        client.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        auto first = client.read("\r\n\r\n");
        client.write("hi");
        return first + client.read("\r\n\r\nhi");
    });
    EXPECT_TRUE(read.starts_with("HTTP/1.1 100 ")) << read;
    EXPECT_NE(read.find("HTTP/1.1 201 "), std::string::npos) << read;
}

TEST_F(Http, AnswersFaultOfHandlerWith500) {
    auto server = start();
    auto agent = client();
    EXPECT_EQ(get(agent, url(server, "/fault")).value().status, 500U);
    EXPECT_EQ(get(agent, url(server, "/split")).value().status, 500U);
    EXPECT_EQ(get(agent, url(server, "/")).value().status, 201U);
    EXPECT_EQ(agent.counters().connections, 1U);
}

TEST_F(Http, GivesUpAtTheDeadline) {
    auto server = start();
    auto agent = client();
    expect(loop.run(agent.request("GET", url(server, "/slow"), "", {}, after(50ms))), "net.timeout",
           ErrorKind::kIo);
    EXPECT_TRUE(get(agent, url(server, "/")));
    EXPECT_EQ(agent.counters().connections, 2U);
}

TEST_F(Http, ClosesIdleConnections) {
    auto server = start({.handshake_timeout = 50ms, .idle_timeout = 50ms});
    EXPECT_EQ(raw(server, "GET / HTTP/1.1\r\n"), "");
    EXPECT_FALSE(loop.run_beside([&] {
        crypto::OpensslPtr<BIO, BIO_free_all> silent(
            BIO_new_connect(("127.0.0.1:" + std::to_string(server.port())).c_str()));
        char octet = 0;
        return BIO_do_connect(silent.get()) == 1 && BIO_read(silent.get(), &octet, 1) > 0;
    }));
}

TEST_F(Http, SaysThatNobodyListens) {
    std::optional<Url> nowhere;
    {
        auto server = start();
        nowhere = url(server, "/");
    }
    EXPECT_TRUE(loop.runs_out());
    auto agent = client();
    expect(get(agent, *nowhere), "net.connect", ErrorKind::kIo);
    expect(get(agent, Url::parse("https://host.invalid/").value()), "net.connect", ErrorKind::kIo);
}

TEST_F(Http, RefusesToSendBrokenHeaders) {
    auto server = start();
    auto agent = client();
    expect(get(agent, url(server, "/"), {{"x", "1\r\ny: 2"}}), "net.usage", ErrorKind::kUsage);
    expect(get(agent, url(server, "/"), {{"x y", "1"}}), "net.usage", ErrorKind::kUsage);
    expect(loop.run(agent.request("GET /", url(server, "/"), "", {}, soon())), "net.usage",
           ErrorKind::kUsage);
}

TEST_F(Http, StopLetsARunningRequestEnd) {
    auto server = start();
    auto busy = client(), idle = client();
    EXPECT_TRUE(get(idle, url(server, "/")));
    auto response = boost::asio::co_spawn(loop.io, busy.request("GET", url(server, "/slow"), "", {}, soon()),
                                          boost::asio::use_future);
    while (last.path != "/slow") loop.io.run_one();
    server.stop();
    EXPECT_TRUE(loop.runs_out());
    auto result = response.get();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->status, 201U);
    EXPECT_FALSE(get(idle, url(server, "/")));
}

TEST_F(Http, ServerNeedsAFreePortAnAddressAndACertificate) {
    auto server = start();
    auto failure = [&](const std::string& address, std::uint16_t port, TlsIdentity who) {
        return HttpServer::listen(loop.io, address, port, std::move(who)).error().code;
    };
    EXPECT_EQ(failure("127.0.0.1", server.port(), identity), "net.listen");
    EXPECT_EQ(failure("here", 0, identity), "net.listen");
    EXPECT_EQ(failure("127.0.0.1", 0, authority.anonymous()), "net.tls");
}

TEST_F(Http, ServesOnSeveralThreads) {
    auto server = HttpServer::listen(loop.io, "127.0.0.1", 0, authority.identity("server"));
    server->serve([](HttpRequest request) -> Task<HttpResponse> {
        co_return HttpResponse{200, "", std::move(request.body)};
    });
    constexpr int kClients = 8, kRequests = 20;
    std::atomic<int> answered = 0, left = kClients;
    for (int i = 0; i < kClients; ++i) {
        boost::asio::any_io_executor strand = boost::asio::make_strand(loop.io);
        auto talk = [&, agent = HttpClient(strand, identity)]() mutable -> Task<void> {
            for (int n = 0; n < kRequests; ++n) {
                Bytes body(1000, static_cast<std::uint8_t>(n));
                auto response = co_await agent.request("POST", url(*server, "/"), "", body, soon());
                if (response && response->body == body) ++answered;
            }
            if (--left == 0) server->stop();
        };
        boost::asio::co_spawn(strand, std::move(talk), boost::asio::detached);
    }
    std::vector<std::jthread> threads;
    threads.reserve(3);
    for (int i = 0; i < 3; ++i) threads.emplace_back([this] { loop.io.run(); });
    threads.clear();
    EXPECT_EQ(answered, kClients * kRequests);
}

}  // namespace
}  // namespace oti::net
