// SPDX-License-Identifier: Apache-2.0
// A phone that is somewhere else, our message centre, and who writes to it, over loopback.
#include "bearer/sms_phone.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "base/hex.h"
#include "bearer/message_centre.h"
#include "bearer/smsc_server.h"
#include "net/net_testing.h"
#include "net/signal.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;
using net::Task;

constexpr SmppPatience kHaste{.first_retry = 1ms, .last_retry = 10ms, .submit = 10s};

class SmsPhoneTest : public testing::Test {
  protected:
    SmscServer serve(std::uint16_t port = 0) {
        ota::MobileNetwork::Options options;
        options.system_id = "me";
        options.password = "secret";
        return SmscServer::start(loop.io, {"127.0.0.1", port}, options, {}, {"+491703"}).value();
    }
    SmsPhone phone(std::uint16_t port, const std::string& password = "secret") {
        auto on_message = [this](ota::SmsDeliver message) -> Task<bool> {
            return take(*this, std::move(message));
        };
        SmppAccount account{.host = "127.0.0.1", .port = port, .system_id = "+491703", .password = password};
        return SmsPhone::start(loop.io.get_executor(), account, on_message, kHaste).value();
    }
    MessageCentre sender(std::uint16_t port) {
        SmppAccount account{"127.0.0.1", port, "me", "secret", "12345"};
        account.receipts = true;
        return MessageCentre::start(loop.io.get_executor(), account, kHaste).value();
    }
    std::string write(MessageCentre& sender, std::string_view text) {
        auto status = loop.run(sender.submit("+491703", from_hex(text)));
        return status ? "" : status.error().code;
    }
    std::string say(SmsPhone& phone, std::string_view text) {
        ota::SmsSubmit message;
        message.destination.digits = "12345";
        message.content.user_data = from_hex(text);
        auto status = loop.run(phone.send(message));
        return status ? "" : status.error().code;
    }
    std::string receive(MessageCentre& sender) {
        auto received = loop.run(sender.receive("491703", net::after(10s)));
        if (!received) return received.error().code;
        return *received ? to_hex(**received) : "nothing";
    }
    /// Until the phone has been given so many.
    void wait_for(std::size_t messages) {
        loop.run([](SmsPhoneTest& self, std::size_t count) -> Task<void> {
            while (self.seen.size() < count) co_await self.happened.wait(net::kNever);
        }(*this, messages));
    }
    static Task<bool> take(SmsPhoneTest& self, ota::SmsDeliver message) {
        EXPECT_FALSE(std::exchange(self.taking, true)) << "one at a time";
        self.seen.push_back(message.originator.digits + " " + to_hex(message.content.user_data));
        self.happened.notify();
        while (self.is_slow) co_await self.happened.wait(net::kNever);
        self.taking = false;
        if (self.refusals == 0) co_return true;
        --self.refusals;
        co_return false;
    }

    net::TestLoop loop;
    net::Signal happened{loop.io.get_executor()};
    std::vector<std::string> seen;
    bool taking = false, is_slow = false;
    int refusals = 0;
};

using Lines = std::vector<std::string>;

TEST_F(SmsPhoneTest, TakesMessagesAndSendsSome) {
    auto server = serve();
    auto sender = this->sender(server.port());
    auto phone = this->phone(server.port());
    for (auto text : {"027001", "027002"}) EXPECT_EQ(write(sender, text), "");
    wait_for(2);
    EXPECT_EQ(seen, (Lines{"12345 027001", "12345 027002"}));
    EXPECT_EQ(say(phone, "0271AA"), "");
    EXPECT_EQ(receive(sender), "0271AA");
    EXPECT_EQ(say(phone, "0271BB"), "") << "whenever it likes";
    EXPECT_EQ(receive(sender), "0271BB");
    EXPECT_EQ(server.counts().returned, 2U);
}

TEST_F(SmsPhoneTest, GetsAgainWhatItCouldNotHandOver) {
    auto server = serve();
    auto sender = this->sender(server.port());
    auto phone = this->phone(server.port());
    refusals = 1;
    EXPECT_EQ(write(sender, "027001"), "");
    wait_for(2);
    EXPECT_EQ(seen, (Lines{"12345 027001", "12345 027001"}));
    EXPECT_EQ(say(phone, "0271AA"), "");
    EXPECT_EQ(server.counts().delivered, 1U);
}

TEST_F(SmsPhoneTest, FetchesWhatCameBeforeItWasSwitchedOn) {
    auto server = serve();
    auto sender = this->sender(server.port());
    EXPECT_EQ(write(sender, "027001"), "");
    auto phone = this->phone(server.port());
    wait_for(1);
    EXPECT_EQ(seen, Lines{"12345 027001"});
}

TEST_F(SmsPhoneTest, GetsAgainWhatItHadInHandWhenItWasSwitchedOff) {
    auto server = serve();
    auto sender = this->sender(server.port());
    is_slow = true;
    {
        auto phone = this->phone(server.port());
        EXPECT_EQ(write(sender, "027001"), "");
        wait_for(1);
    }
    is_slow = false;
    happened.notify();
    auto phone = this->phone(server.port());
    wait_for(2);
    EXPECT_EQ(seen, (Lines{"12345 027001", "12345 027001"}));
    EXPECT_EQ(say(phone, "0271AA"), "");
    EXPECT_EQ(server.counts().delivered, 1U);
}

TEST_F(SmsPhoneTest, TakesOneAtATimeAlsoWhenTheSessionBeginsAnew) {
    std::optional<SmscServer> server(serve());
    auto port = server->port();
    auto phone = this->phone(port);
    is_slow = true;
    {
        auto sender = this->sender(port);
        EXPECT_EQ(write(sender, "027001"), "");
        wait_for(1);
    }
    server->stop();
    server.reset();
    loop.io.restart();
    loop.io.run_for(20ms);  // for the port to be free
    server.emplace(serve(port));
    auto sender = this->sender(port);
    EXPECT_EQ(write(sender, "027002"), "");
    EXPECT_EQ(say(phone, "0271AA"), "") << "it is bound again, and still at the first message";
    EXPECT_EQ(seen.size(), 1U);
    is_slow = false;
    happened.notify();
    wait_for(2);
    EXPECT_EQ(seen.back(), "12345 027002");
}

TEST_F(SmsPhoneTest, SaysWhatIsWrong) {
    auto server = serve();
    auto stranger = phone(server.port(), "wrong");
    EXPECT_EQ(say(stranger, "0271AA"), "smpp.bind");
    auto phone = this->phone(server.port());
    EXPECT_EQ(say(phone, std::string(2 * 141, '0')), "sms.too_long");
    phone.stop();
    EXPECT_EQ(say(phone, "0271AA"), "smpp.stopped");
    auto start = [&](const std::string& number) {
        SmppAccount account{.host = "127.0.0.1", .port = server.port(), .system_id = number};
        auto started = SmsPhone::start(loop.io.get_executor(), account, {});
        return started ? "" : started.error().code;
    };
    EXPECT_EQ(start("somebody"), "sms.address");
    EXPECT_EQ(start("1234567890123456"), "smpp.field");
}

}  // namespace
}  // namespace oti::bearer
