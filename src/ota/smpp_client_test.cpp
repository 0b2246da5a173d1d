// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_client.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::ota {
namespace {

using namespace std::chrono_literals;

/// A client, and a message centre whose every answer the test writes itself.
class SmppClientTest : public testing::Test {
  protected:
    SmppClientTest() : client_({"me", "secret", {}, 0x34, 0, 0, {}}, {.window = 2, .queue = 4}) {}

    std::vector<SmppPdu> sent() {
        std::vector<SmppPdu> all;
        stream_.add(client_.take_output());
        while (auto bytes = *stream_.next()) all.push_back(*SmppPdu::parse(*bytes));
        return all;
    }
    void answer(const SmppPdu& pdu) { client_.received(*pdu.encode(), now_); }
    void answer(const SmppPdu& request, std::uint32_t status, std::string id = {}) {
        SmppPdu pdu{response_to(request.command), status, request.sequence, {}};
        if (status == 0 && request.command != SmppCommand::kUnbind &&
            request.command != SmppCommand::kEnquireLink)
            pdu.body = SmppReply{std::move(id), {}};
        answer(pdu);
    }
    void bind() {
        ASSERT_TRUE(client_.connected(now_));
        answer(sent().at(0), 0, "centre");
        ASSERT_TRUE(std::holds_alternative<SmppClient::Bound>(*client_.next_event()));
    }
    static SmppMessage message(std::uint8_t text) {
        SmppMessage message;
        message.short_message = {text};
        return message;
    }
    std::string closed() {
        while (auto event = client_.next_event())
            if (auto* closed = std::get_if<SmppClient::Closed>(&*event)) return closed->why.code;
        return "";
    }

    SmppClient client_;
    SmppStream stream_;
    SmppClient::Time now_{};
};

TEST_F(SmppClientTest, SendsNoMoreThanTheWindow) {
    for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_EQ(*client_.submit(message(i), now_), i);
    EXPECT_TRUE(sent().empty()) << "not connected";
    bind();
    auto first = sent();
    ASSERT_EQ(first.size(), 2U);
    answer(first[1], 0, "B");
    auto accepted = std::get<SmppClient::Accepted>(*client_.next_event());
    EXPECT_EQ(accepted.ticket, 2U);
    EXPECT_EQ(accepted.message_id, "B");
    auto second = sent();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(std::get<SmppMessage>(second[0].body).short_message, Bytes{3});
    answer(second[0], smpp_status::kSystemError);
    EXPECT_EQ(std::get<SmppClient::Refused>(*client_.next_event()).ticket, 3U);
}

TEST_F(SmppClientTest, WaitsLongerEachTimeItIsThrottled) {
    bind();
    ASSERT_TRUE(client_.submit(message(1), now_));
    for (auto wait : {1s, 2s, 4s}) {
        auto submits = sent();
        ASSERT_EQ(submits.size(), 1U) << wait.count();
        answer(submits[0], smpp_status::kThrottled);
        EXPECT_EQ(*client_.next_deadline(), now_ + wait);
        client_.tick(now_ + wait - 1ms);
        EXPECT_TRUE(sent().empty());
        client_.tick(now_ += wait);
    }
    answer(sent().at(0), 0, "A");
    EXPECT_TRUE(std::holds_alternative<SmppClient::Accepted>(*client_.next_event()));
}

TEST_F(SmppClientTest, SendsAgainWhatACentreThatDiedHadNotAnswered) {
    bind();
    for (std::uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(client_.submit(message(i), now_));
    answer(sent().at(0), 0, "A");
    (void)sent();
    client_.disconnected();
    EXPECT_FALSE(client_.next_deadline());
    (void)client_.next_event();
    bind();
    auto again = sent();
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(std::get<SmppMessage>(again[0].body).short_message, Bytes{2});
    EXPECT_EQ(std::get<SmppMessage>(again[1].body).short_message, Bytes{3});
}

TEST_F(SmppClientTest, GivesUpWhenNoResponseComes) {
    ASSERT_TRUE(client_.connected(now_));
    client_.tick(now_ += 10s);
    EXPECT_EQ(closed(), "smpp.timeout");
    bind();
    ASSERT_TRUE(client_.submit(message(1), now_));
    client_.tick(now_ += 10s);
    EXPECT_EQ(closed(), "smpp.timeout");
}

TEST_F(SmppClientTest, EnquiresAfterSilence) {
    bind();
    client_.tick(now_ += 30s);
    auto enquiry = sent();
    ASSERT_EQ(enquiry.size(), 1U);
    EXPECT_EQ(enquiry[0].command, SmppCommand::kEnquireLink);
    answer(enquiry[0], 0);
    client_.tick(now_ += 29s);
    EXPECT_TRUE(sent().empty());
    client_.tick(now_ += 1s);
    EXPECT_EQ(sent().size(), 1U);
    client_.tick(now_ += 10s);
    EXPECT_EQ(closed(), "smpp.timeout");
}

TEST_F(SmppClientTest, HandsOverMessagesAndReceipts) {
    bind();
    answer(SmppPdu{SmppCommand::kDeliver, 0, 5, message(9)});
    auto arrived = std::get<SmppClient::Arrived>(*client_.next_event());
    EXPECT_EQ(arrived.message, message(9));
    EXPECT_TRUE(sent().empty()) << "its user has not decided";
    for (int twice = 0; twice < 2; ++twice) client_.answer(arrived.delivery, smpp_status::kReceiverBusy);
    auto response = sent();
    ASSERT_EQ(response.size(), 1U);
    EXPECT_EQ(response[0].command, response_to(SmppCommand::kDeliver));
    EXPECT_EQ(response[0].sequence, 5U);
    EXPECT_EQ(response[0].status, smpp_status::kReceiverBusy);
    auto receipt = message(0);
    receipt.esm_class = SmppMessage::kReceipt;
    receipt.short_message = to_bytes(as_bytes("id:A stat:EXPIRED err:000"));
    answer(SmppPdu{SmppCommand::kDeliver, 0, 6, receipt});
    EXPECT_FALSE(std::get<SmppReceipt>(*client_.next_event()).delivered);
    auto responses = sent();
    ASSERT_EQ(responses.size(), 1U);
    EXPECT_EQ(responses[0].command, response_to(SmppCommand::kDeliver));
    EXPECT_EQ(responses[0].sequence, 6U);
}

TEST_F(SmppClientTest, AnswersNothingOnASessionThatItDidNotComeBy) {
    bind();
    answer(SmppPdu{SmppCommand::kDeliver, 0, 1, message(1)});
    auto old = std::get<SmppClient::Arrived>(*client_.next_event()).delivery;
    client_.disconnected();
    bind();
    answer(SmppPdu{SmppCommand::kDeliver, 0, 1, message(2)});
    client_.answer(old, smpp_status::kOk);
    EXPECT_TRUE(sent().empty());
    client_.answer(std::get<SmppClient::Arrived>(*client_.next_event()).delivery, smpp_status::kOk);
    EXPECT_EQ(sent().size(), 1U);
}

TEST_F(SmppClientTest, SaysThatItWasRefused) {
    ASSERT_TRUE(client_.connected(now_));
    answer(sent().at(0), smpp_status::kInvalidPassword);
    EXPECT_EQ(closed(), "smpp.bind");
}

TEST_F(SmppClientTest, OutlivesRequestsThatLieAndEndsAtLengthsThatDo) {
    bind();
    client_.received(from_hex("00000014000000050000000000000008"
                              "00000000"),
                     now_);
    client_.received(from_hex("00000010000000770000000000000009"), now_);
    auto nacks = sent();
    ASSERT_EQ(nacks.size(), 2U);
    EXPECT_EQ(nacks[0].status, smpp_status::kInvalidLength);
    EXPECT_EQ(nacks[1].status, smpp_status::kInvalidCommand);
    EXPECT_EQ(nacks[1].sequence, 9U);
    EXPECT_EQ(closed(), "");
    client_.received(from_hex("FFFFFFFF000000050000000000000008"), now_);
    EXPECT_EQ(closed(), "smpp.length");
}

TEST_F(SmppClientTest, IgnoresResponsesNobodyWaitsFor) {
    bind();
    answer(SmppPdu{response_to(SmppCommand::kSubmit), 0, 77, SmppReply{"X", {}}});
    EXPECT_FALSE(client_.next_event());
    client_.unbind(now_);
    auto unbind = sent();
    ASSERT_EQ(unbind.size(), 1U);
    answer(unbind[0], 0);
    EXPECT_EQ(closed(), "smpp.unbound");
}

TEST_F(SmppClientTest, SendsNothingAgainThatWasWithdrawn) {
    bind();
    for (std::uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(client_.submit(message(i), now_));
    auto first = sent();
    client_.withdraw(1);
    client_.withdraw(3);
    answer(first[0], 0, "A");
    EXPECT_FALSE(client_.next_event()) << "nobody waits for it";
    client_.withdraw(2);
    answer(first[1], smpp_status::kThrottled);
    client_.disconnected();
    bind();
    EXPECT_TRUE(sent().empty());
}

TEST(SmppStatus, SaysWhatItMeans) {
    EXPECT_EQ(smpp_status::meaning(0x0E), "invalid password (status 0E)");
    EXPECT_EQ(smpp_status::meaning(0x400), "a reason of its own (status 0400)");
    EXPECT_EQ(smpp_status::meaning(0), "no error (status 00)");
}

TEST_F(SmppClientTest, BoundsItsQueue) {
    for (std::uint8_t i = 1; i <= 4; ++i) ASSERT_TRUE(client_.submit(message(i), now_));
    EXPECT_EQ(client_.submit(message(5), now_).error().code, "smpp.queue");
}

}  // namespace
}  // namespace oti::ota
