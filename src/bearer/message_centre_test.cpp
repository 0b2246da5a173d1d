// SPDX-License-Identifier: Apache-2.0
// A session with message centres that refuse, vanish, lie and forget.
#include "bearer/message_centre.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <functional>

#include "base/hex.h"
#include "net/net_testing.h"
#include "net/tcp_server.h"
#include "ota/smpp_server.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using net::Task;
using ota::SmppServer;

/// A message centre that does with each message what the test says.
class Centre {
  public:
    Centre(boost::asio::io_context& io, std::uint16_t port) {
        server_.emplace(net::TcpServer::start(io, "127.0.0.1", port, [this, &io](net::TcpStream stream) {
                            ++connections;
                            boost::asio::co_spawn(io, serve(std::move(stream)), boost::asio::detached);
                        }).value());
    }
    std::uint16_t port() const { return server_->port(); }

    std::function<void(SmppServer&, const SmppServer::Submitted&)> on_submit =
        [](SmppServer& session, const SmppServer::Submitted& submitted) {
            EXPECT_TRUE(session.accept(submitted.sequence, "A"));
        };
    bool hang_up = false;  ///< after what is being answered
    Bytes garbage;         ///< sent after that
    int connections = 0;

  private:
    Task<void> serve(net::TcpStream stream) {
        SmppServer session("centre", [](const ota::SmppBind& bind) { return bind.password == "secret"; });
        bool closed = false;
        while (!closed) {
            auto bytes = co_await stream.read(net::kNever);
            if (!bytes) co_return;
            session.received(*bytes);
            while (auto event = session.next_event()) {
                if (const auto* submitted = std::get_if<SmppServer::Submitted>(&*event))
                    on_submit(session, *submitted);
                closed |= std::holds_alternative<SmppServer::Closed>(*event);
            }
            auto output = concat(session.take_output(), std::exchange(garbage, {}));
            if (!output.empty()) (void)co_await stream.write(std::move(output), net::after(5s));
            closed |= std::exchange(hang_up, false);
        }
    }

    std::optional<net::TcpServer> server_;
};

ota::SmppMessage from_card(std::string text) {
    ota::SmppMessage message;
    message.source.digits = "491701";
    message.esm_class = ota::SmppMessage::kHasHeader;
    message.short_message = from_hex(text);
    return message;
}

ota::SmppMessage receipt(const std::string& id, const std::string& state) {
    ota::SmppMessage message;
    message.esm_class = ota::SmppMessage::kReceipt;
    message.short_message = to_bytes(as_bytes("id:" + id + " stat:" + state));
    return message;
}

class MessageCentreTest : public testing::Test {
  protected:
    MessageCentre session(const std::string& password = "secret") {
        SmppAccount account{"127.0.0.1", centre.port(), "me", password, "+12345"};
        account.receipts = true;
        return MessageCentre::start(loop.io.get_executor(), account,
                                    {.first_retry = 1ms, .last_retry = 20ms, .submit = 5s, .kept = 600s})
            .value();
    }
    /// The error's code, or nothing.
    std::string submit(MessageCentre& session, const std::string& number = "+491701") {
        auto status = loop.run(session.submit(number, from_hex("027000")));
        return status ? "" : status.error().code;
    }
    std::string receive(MessageCentre& session, std::chrono::milliseconds patience = 5s) {
        auto received = loop.run(session.receive("+491701", net::after(patience)));
        if (!received) return received.error().code;
        return *received ? to_hex(**received) : "nothing";
    }

    net::TestLoop loop;
    Centre centre{loop.io, 0};
};

TEST_F(MessageCentreTest, HandsOverAndReceives) {
    std::vector<ota::SmppMessage> taken;
    centre.on_submit = [&](SmppServer& session, const SmppServer::Submitted& submitted) {
        taken.push_back(submitted.message);
        EXPECT_TRUE(session.accept(submitted.sequence, "A"));
        EXPECT_TRUE(session.deliver(receipt("A", "DELIVRD")));
        EXPECT_TRUE(session.deliver(from_card("027100AA")));
        EXPECT_TRUE(session.deliver(from_card("027100BB")));
    };
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].destination.digits, "491701");
    EXPECT_EQ(taken[0].source.digits, "12345");
    EXPECT_EQ(taken[0].source.ton, 1);
    EXPECT_EQ(taken[0].esm_class, 0x40);
    EXPECT_EQ(taken[0].protocol, 0x7F);
    EXPECT_EQ(taken[0].coding, 0xF6);
    EXPECT_EQ(to_hex(taken[0].short_message), "027000");
    EXPECT_EQ(receive(session), "027100AA");
    EXPECT_EQ(receive(session), "027100BB");
    EXPECT_EQ(receive(session, 1ms), "nothing");
}

TEST_F(MessageCentreTest, SaysWhyAMessageWasRefused) {
    centre.on_submit = [&](SmppServer& session, const SmppServer::Submitted& submitted) {
        session.refuse(submitted.sequence, ota::smpp_status::kInvalidDestination);
    };
    auto session = this->session();
    auto status = loop.run(session.submit("+491701", from_hex("027000")));
    EXPECT_EQ(status.error().code, "smpp.refused");
    EXPECT_EQ(status.error().message,
              "the message centre refused a message: invalid destination address (status 0B)");
    EXPECT_EQ(loop.run(session.submit("+491701", Bytes(141))).error().code, "sms.too_long");
    EXPECT_EQ(submit(session, "+49170112345678901234567890"), "smpp.field");
}

TEST_F(MessageCentreTest, SaysThatTheAccountIsRefusedAndTriesAgain) {
    auto session = this->session("wrong");
    auto status = loop.run(session.submit("+491701", from_hex("027000")));
    EXPECT_EQ(status.error().code, "smpp.bind");
    EXPECT_EQ(status.error().kind, ErrorKind::kAuthentication);
    EXPECT_EQ(submit(session), "smpp.bind");
    EXPECT_EQ(receive(session, 100ms), "nothing");
    EXPECT_GT(centre.connections, 1);
}

TEST_F(MessageCentreTest, OutlivesACentreThatDiesWithAMessageInHand) {
    int seen = 0;
    centre.on_submit = [&](SmppServer& session, const SmppServer::Submitted& submitted) {
        if (++seen == 1) return void(centre.hang_up = true);
        EXPECT_TRUE(session.accept(submitted.sequence, "A"));
        EXPECT_TRUE(session.deliver(from_card("027100AA")));
    };
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(receive(session), "027100AA");
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(centre.connections, 2);
}

TEST_F(MessageCentreTest, BindsAgainAfterLengthsThatLie) {
    centre.garbage = from_hex("FFFFFFFF000000050000000000000001");
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(centre.connections, 2);
}

TEST_F(MessageCentreTest, SendsAgainWhatWasThrottled) {
    int seen = 0;
    centre.on_submit = [&](SmppServer& session, const SmppServer::Submitted& submitted) {
        if (++seen == 1) return session.refuse(submitted.sequence, ota::smpp_status::kThrottled);
        EXPECT_TRUE(session.accept(submitted.sequence, "A"));
    };
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(seen, 2);
}

TEST_F(MessageCentreTest, EndsAWaitWhenAReceiptSaysThatTheMessageWillNotArrive) {
    centre.on_submit = [&](SmppServer& session, const SmppServer::Submitted& submitted) {
        auto id = "M" + std::to_string(submitted.sequence);
        EXPECT_TRUE(session.accept(submitted.sequence, id));
        EXPECT_TRUE(session.deliver(receipt(id, "ENROUTE")));
        EXPECT_TRUE(session.deliver(receipt("another", "EXPIRED")));
        EXPECT_TRUE(session.deliver(receipt(id, "EXPIRED")));
    };
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    EXPECT_EQ(receive(session), "smpp.undelivered");
    EXPECT_EQ(receive(session, 1ms), "nothing");
}

TEST_F(MessageCentreTest, SaysThatNobodyAnswers) {
    auto dead = net::TcpServer::start(loop.io, "127.0.0.1", 0, [](net::TcpStream) {}).value().port();
    SmppAccount account{"127.0.0.1", dead, "me", "secret", "12345"};
    auto session = MessageCentre::start(loop.io.get_executor(), account,
                                        {.first_retry = 1ms, .last_retry = 5ms, .submit = 50ms})
                       .value();
    EXPECT_EQ(submit(session), "smpp.unreachable");
    account.password = "more than 8";
    EXPECT_EQ(MessageCentre::start(loop.io.get_executor(), account).error().code, "smpp.field");
}

TEST_F(MessageCentreTest, StopsInGoodOrder) {
    auto session = this->session();
    EXPECT_EQ(submit(session), "");
    centre.on_submit = [](auto&, auto&) {};
    std::string left, waited;
    auto keep = [](std::string& to, auto task) -> Task<void> {
        to = (co_await std::move(task)).error().code;
    };
    boost::asio::co_spawn(loop.io, keep(left, session.submit("1", {})), boost::asio::detached);
    boost::asio::co_spawn(loop.io, keep(waited, session.receive("1", net::kNever)), boost::asio::detached);
    boost::asio::post(loop.io, [&] { session.stop(); });
    EXPECT_EQ(receive(session), "smpp.stopped");
    loop.io.run_for(20ms);
    EXPECT_EQ(left, "smpp.stopped");
    EXPECT_EQ(waited, "smpp.stopped");
    EXPECT_EQ(submit(session), "smpp.stopped");
}

}  // namespace
}  // namespace oti::bearer
