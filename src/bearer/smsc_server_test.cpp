// SPDX-License-Identifier: Apache-2.0
// Our message centre and our session with one, over loopback.
#include "bearer/smsc_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/detached.hpp>

#include "base/hex.h"
#include "bearer/message_centre.h"
#include "bearer/smpp_bearer.h"
#include "net/net_testing.h"
#include "net/tcp_stream.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using net::Task;

/// Answers each ENVELOPE with how many there were.
class CountingCard final : public iso7816::CardChannel {
  public:
    Result<Bytes> transmit(BytesView command) override {
        constexpr std::uint8_t kEnvelope = 0xC2;
        if (command[1] != kEnvelope) return from_hex("9000");
        if (failures > 0 && failures-- > 0) return fail(ErrorKind::kIo, "test", "the card is gone");
        return concat(from_hex("027100"), Bytes{++envelopes}, from_hex("9000"));
    }
    Status reset() override { return {}; }
    std::atomic<std::uint8_t> envelopes = 0;
    std::atomic<int> failures = 0;
};

class SmscServerTest : public testing::Test {
  protected:
    SmscServer serve(std::uint16_t port = 0) {
        ota::MobileNetwork::Options options;
        options.system_id = "me";
        options.password = "secret";
        options.retry = 1ms;
        return SmscServer::start(loop.io, {"127.0.0.1", port}, options, {{"+491701", &card}}).value();
    }
    MessageCentre session(std::uint16_t port) {
        SmppAccount account{"127.0.0.1", port, "me", "secret", "12345"};
        account.receipts = true;
        return MessageCentre::start(loop.io.get_executor(), account,
                                    {.first_retry = 1ms, .last_retry = 10ms, .submit = 10s})
            .value();
    }
    std::string submit(MessageCentre& session) {
        auto status = loop.run(session.submit("491701", from_hex("027000")));
        return status ? "" : status.error().code;
    }
    std::string receive(MessageCentre& session) {
        auto received = loop.run(session.receive("491701", net::after(10s)));
        if (!received) return received.error().code;
        return *received ? to_hex(**received) : "nothing";
    }

    CountingCard card;
    net::TestLoop loop;
};

TEST_F(SmscServerTest, HandsMessagesToTheCardAndItsAnswersBack) {
    auto server = serve();
    auto session = this->session(server.port());
    for (auto answer : {"02710001", "02710002", "02710003"}) {
        EXPECT_EQ(submit(session), "");
        EXPECT_EQ(receive(session), answer);
    }
    EXPECT_EQ(server.counts().delivered, 3U);
}

TEST_F(SmscServerTest, TriesAgainWhileTheCardIsGone) {
    card.failures = 3;
    auto server = serve();
    auto session = this->session(server.port());
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(receive(session), "02710001");
}

TEST_F(SmscServerTest, DiesAndComesBack) {
    std::optional<SmscServer> server(serve());
    auto port = server->port();
    auto session = this->session(port);
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(receive(session), "02710001");
    server->stop();
    server.reset();
    std::string late = "waits";
    boost::asio::co_spawn(
        loop.io,
        [](MessageCentre& to, std::string& outcome) -> Task<void> {
            auto status = co_await to.submit("491701", from_hex("027000"));
            outcome = status ? "" : status.error().code;
        }(session, late),
        boost::asio::detached);
    loop.io.restart();
    loop.io.run_for(50ms);
    EXPECT_EQ(late, "waits");
    server.emplace(serve(port));
    EXPECT_EQ(receive(session), "02710002");
    EXPECT_EQ(late, "");
}

TEST_F(SmscServerTest, OutlivesPeersThatLie) {
    auto server = serve();
    auto said = loop.run([](net::Executor executor, std::uint16_t port) -> Task<std::string> {
        auto stream = co_await net::connect_tcp(executor, "127.0.0.1", port, net::after(5s));
        (void)co_await stream->write(from_hex("FFFFFFFF000000090000000000000001"), net::after(5s));
        auto answer = co_await stream->read(net::after(5s));
        co_return answer ? to_hex(*answer) : answer.error().code;
    }(loop.io.get_executor(), server.port()));
    EXPECT_EQ(said, "net.closed");
    auto session = this->session(server.port());
    EXPECT_EQ(submit(session), "");
}

TEST_F(SmscServerTest, ServesOneWhoWaitsForEachStep) {
    auto server = serve();
    auto done = loop.run_beside([port = server.port()] {
        SmppAccount account{"127.0.0.1", port, "me", "secret", "12345"};
        auto bearer = SmppBearer::start(account, "+491701").value();
        EXPECT_TRUE(bearer->deliver(from_hex("027000")));
        auto answer = bearer->receive(10s);
        EXPECT_TRUE(answer && *answer);
        EXPECT_FALSE(*bearer->receive(1ms));
        account.password = "wrong";
        auto stranger = SmppBearer::start(account, "+491701").value();
        EXPECT_EQ(stranger->deliver(from_hex("027000")).error().code, "smpp.bind");
        return true;
    });
    EXPECT_TRUE(done);
}

TEST_F(SmscServerTest, RefusesWhatItCannotBe) {
    ota::MobileNetwork::Options options;
    auto start = [&](const std::string& host, const std::string& number) {
        auto server = SmscServer::start(loop.io, {host, 0}, options, {{number, &card}, {"+491701", &card}});
        return server ? "" : server.error().code;
    };
    EXPECT_EQ(start("no address", "1"), "net.listen");
    EXPECT_EQ(start("127.0.0.1", "somebody"), "sms.address");
    EXPECT_EQ(start("127.0.0.1", "491701"), "sms.address") << "twice";
}

}  // namespace
}  // namespace oti::bearer
