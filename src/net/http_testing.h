// SPDX-License-Identifier: Apache-2.0
// For tests only.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/net_testing.h"

namespace oti::net {

using namespace std::chrono_literals;

inline Deadline soon() {
    return after(10s);
}

/// A server that says what it was asked, and clients of its authority.
class HttpTest : public testing::Test {
  protected:
    HttpServer start(HttpServerOptions options = {}, std::uint16_t port = 0) {
        auto server =
            HttpServer::listen(loop.io, "127.0.0.1", port, authority.identity("server", "sp"), options);
        server.value().serve([this](HttpRequest request) { return answer(std::move(request)); });
        return std::move(*server);
    }
    Task<HttpResponse> answer(HttpRequest request) {
        last = request;
        if (request.path == "/fault") throw std::runtime_error("a fault on purpose");
        if (request.path == "/split") co_return HttpResponse{200, "", {}, {{"x", "1\r\ny: 2"}}};
        if (request.path == "/large") co_return HttpResponse{200, "", Bytes(kBody + 1)};
        if (request.path == "/slow") {
            boost::asio::steady_timer pause(loop.io, 200ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
        }
        co_return HttpResponse{201, "text/plain", request.body, {{"Location", "/there"}}};
    }
    Url url(const HttpServer& server, const std::string& target, const std::string& host = "127.0.0.1") {
        return Url::parse("https://" + host + ":" + std::to_string(server.port()) + target).value();
    }
    HttpClient client() { return client(authority.identity("phone", "agent")); }
    HttpClient client(TlsIdentity who) { return HttpClient(loop.io.get_executor(), std::move(who), kBody); }
    Result<HttpResponse> get(HttpClient& client, const Url& url, Headers headers = {}) {
        return loop.run(client.request("GET", url, "", {}, soon(), std::move(headers)));
    }
    /// What a raw client reads until the server closes.
    std::string raw(const HttpServer& server, const std::string& octets) {
        return loop.run_beside([&] {
            RawTlsClient client(server.port(), identity);
            client.write(octets);
            return client.read();
        });
    }
    static void expect(const Result<HttpResponse>& result, const std::string& code, ErrorKind kind) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_EQ(result.error().kind, kind) << result.error().message;
        EXPECT_FALSE(result.error().hint.empty());
    }

    static constexpr std::size_t kBody = 100'000;
    TestLoop loop;
    TestAuthority authority{"our authority"}, other{"another authority"};
    TlsIdentity identity = authority.identity("raw", "agent");
    HttpRequest last;
};

}  // namespace oti::net
