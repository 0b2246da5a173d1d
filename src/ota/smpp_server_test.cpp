// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_server.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::ota {
namespace {

class SmppServerTest : public testing::Test {
  protected:
    SmppServerTest() : server_("centre", [](const SmppBind& bind) { return bind.password == "secret"; }) {}

    /// What the centre answers, as command and status.
    std::string answer(SmppCommand command, std::uint32_t sequence, decltype(SmppPdu::body) body = {}) {
        server_.received(*SmppPdu{command, 0, sequence, std::move(body)}.encode());
        return answer();
    }
    std::string answer() {
        auto header = SmppHeader::read(server_.take_output());
        return header ? to_hex(Bytes{static_cast<std::uint8_t>(header->command >> 24),
                                     static_cast<std::uint8_t>(header->command),
                                     static_cast<std::uint8_t>(header->status),
                                     static_cast<std::uint8_t>(header->sequence)})
                      : "";
    }
    std::string bind(SmppCommand command, std::string password = "secret") {
        return answer(command, 1, SmppBind{"me", std::move(password), {}, 0x34, 0, 0, {}});
    }
    std::string closed() {
        while (auto event = server_.next_event())
            if (auto* closed = std::get_if<SmppServer::Closed>(&*event)) return closed->why.code;
        return "";
    }

    SmppServer server_;
};

TEST_F(SmppServerTest, TakesMessagesFromWhoIsBoundToSend) {
    EXPECT_EQ(answer(SmppCommand::kSubmit, 9, SmppMessage{}), "80040409");
    EXPECT_EQ(bind(SmppCommand::kBindTransmitter), "80020001");
    EXPECT_EQ(bind(SmppCommand::kBindTransmitter), "80020501");
    EXPECT_EQ(answer(SmppCommand::kSubmit, 2, SmppMessage{}), "") << "its user has not decided";
    EXPECT_EQ(std::get<SmppServer::Submitted>(*server_.next_event()).sequence, 2U);
    ASSERT_TRUE(server_.accept(2, "A"));
    EXPECT_EQ(answer(), "80040002");
    server_.refuse(3, smpp_status::kThrottled);
    EXPECT_EQ(answer(), "80045803");
    EXPECT_EQ(server_.deliver({}).error().code, "smpp.unbound");
}

TEST_F(SmppServerTest, DeliversToWhoIsBoundToReceive) {
    EXPECT_EQ(bind(SmppCommand::kBindReceiver), "80010001");
    EXPECT_EQ(answer(SmppCommand::kSubmit, 2, SmppMessage{}), "80040402");
    EXPECT_EQ(*server_.deliver({}), 1U);
    EXPECT_EQ(answer(), "00050001");
    for (int twice = 0; twice < 2; ++twice) answer(response_to(SmppCommand::kDeliver), 1, SmppReply{});
    EXPECT_EQ(std::get<SmppServer::Answered>(*server_.next_event()).status, smpp_status::kOk);
    EXPECT_FALSE(server_.next_event()) << "a response counts once";
}

TEST_F(SmppServerTest, EndsWithWhoMayNotBindOrUnbinds) {
    EXPECT_EQ(bind(SmppCommand::kBindTransceiver, "wrong"), "80090D01");
    EXPECT_EQ(closed(), "smpp.bind");
    EXPECT_EQ(bind(SmppCommand::kBindTransceiver), "") << "nor may it try again";
}

TEST_F(SmppServerTest, OutlivesPdusThatLieAndEndsAtLengthsThatDo) {
    EXPECT_EQ(bind(SmppCommand::kBindTransceiver), "80090001");
    server_.received(from_hex("0000001400000004000000000000000800000000"));
    EXPECT_EQ(answer(), "80000208");
    server_.received(from_hex("00000010000000770000000000000009"));
    EXPECT_EQ(answer(), "80000309");
    EXPECT_EQ(answer(SmppCommand::kEnquireLink, 10), "8015000A");
    server_.received(from_hex("0000000F000000040000000000000008"));
    EXPECT_EQ(closed(), "smpp.length");
}

}  // namespace
}  // namespace oti::ota
