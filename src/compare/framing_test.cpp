// SPDX-License-Identifier: Apache-2.0
// The declared octets of TLS, HTTP and WebSocket, held to the real stack over loopback.
#include "compare/framing.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "net/delay_relay.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/net_testing.h"
#include "seram/frames.h"
#include "seram/json.h"

namespace oti::compare {
namespace {

using namespace std::chrono_literals;
using net::after;
using net::Task;

/// Handshakes vary by the length of a DER integer here and there; headers by a digit of a length.
constexpr std::size_t kOfHandshake = 40;
constexpr std::size_t kOfHeaders = 6;

testing::AssertionResult near(std::uint64_t measured, std::size_t declared, std::size_t tolerance) {
    auto difference = measured > declared ? measured - declared : declared - measured;
    if (difference <= tolerance) return testing::AssertionSuccess();
    return testing::AssertionFailure() << measured << " octets measured, " << declared << " declared";
}

class Framing : public testing::Test {
  public:
    void SetUp() override {
        auto listening = net::HttpServer::listen(loop.io, "127.0.0.1", 0,
                                                 authority.identity("transit-operator", "sp", {"127.0.0.1"}));
        server.emplace(std::move(listening.value()));
        auto echo = [](net::WebSocket socket, net::HttpRequest) -> Task<void> {
            (void)co_await socket.send(Bytes(10), after(5s));
            while (auto message = co_await socket.receive(after(5s))) {
                if (!co_await socket.send(std::move(*message), after(5s))) co_return;
            }
        };
        server->serve(
            [](net::HttpRequest request) -> Task<net::HttpResponse> {
                co_return net::HttpResponse{200, std::string(seram::kJson), std::move(request.body)};
            },
            {{std::string(seram::kStreamPath), std::string(seram::kSubprotocol), echo}});
        relay.emplace(net::DelayRelay::start(loop.io, 0, "127.0.0.1", server->port(), 0ms).value());
    }
    net::Url url(const std::string& scheme, const std::string& target) {
        return net::Url::parse(scheme + "://127.0.0.1:" + std::to_string(relay->port()) + target).value();
    }
    net::TlsIdentity phone() { return authority.identity("phone-1", "agent"); }

    net::TestLoop loop;
    net::TestAuthority authority{"our authority"};
    std::optional<net::HttpServer> server;
    std::optional<net::DelayRelay> relay;
};

TEST_F(Framing, IsThatOfTheStream) {
    constexpr std::size_t kHello = 80;
    auto target = std::string(seram::kStreamPath) + "?hello=" + to_hex(Bytes(kHello));
    loop.run([](Framing& test, net::Url where) -> Task<void> {
        auto socket = (co_await net::connect_web_socket(test.loop.io.get_executor(), where, test.phone(),
                                                        std::string(seram::kSubprotocol), after(5s)))
                          .value();
        EXPECT_TRUE(co_await socket.receive(after(5s)));
        auto up = kClientHello + kClientFlight + upgrade_request(kHello);
        auto down = kServerFlight + kTicket + kUpgradeResponse + web_socket_message(10, false);
        EXPECT_TRUE(near(test.relay->bytes_up(), up, kOfHandshake));
        EXPECT_TRUE(near(test.relay->bytes_down(), down, kOfHandshake));
        for (std::size_t size : {0U, 10U, 125U, 126U, 2000U, 9000U}) {
            auto up_before = test.relay->bytes_up(), down_before = test.relay->bytes_down();
            EXPECT_TRUE(co_await socket.send(Bytes(size), after(5s)));
            EXPECT_TRUE(co_await socket.receive(after(5s)));
            EXPECT_EQ(test.relay->bytes_up() - up_before, web_socket_message(size, true)) << size;
            EXPECT_EQ(test.relay->bytes_down() - down_before, web_socket_message(size, false)) << size;
        }
    }(*this, url("wss", target)));
}

TEST_F(Framing, IsThatOfTheJsonBinding) {
    loop.run([](Framing& test, net::Url where) -> Task<void> {
        net::HttpClient client(test.loop.io.get_executor(), test.phone());
        auto post = [&](std::size_t size) -> Task<void> {
            auto response = co_await client.request("POST", where, std::string(seram::kJson),
                                                    Bytes(size, 'x'), after(5s));
            EXPECT_TRUE(response && response->status == 200);
        };
        co_await post(100);
        auto up = kClientHello + kClientFlight + json_request(100);
        auto down = kServerFlight + kTicket + json_response(100);
        EXPECT_TRUE(near(test.relay->bytes_up(), up, kOfHandshake));
        EXPECT_TRUE(near(test.relay->bytes_down(), down, kOfHandshake));
        for (std::size_t size : {50U, 2000U}) {
            auto up_before = test.relay->bytes_up(), down_before = test.relay->bytes_down();
            co_await post(size);
            EXPECT_TRUE(near(test.relay->bytes_up() - up_before, json_request(size), kOfHeaders));
            EXPECT_TRUE(near(test.relay->bytes_down() - down_before, json_response(size), kOfHeaders));
        }
    }(*this, url("https", "/gp/seram/remoteManagement?sessionId=00000000-0000-4000-8000-000000000001")));
}

}  // namespace
}  // namespace oti::compare
