// SPDX-License-Identifier: Apache-2.0
// What an applet sees of a command (API 3.0.5, class APDU; JCRE specification 3.0.5, 9.4).
#include "javacard/apdu_exchange.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::javacard {
namespace {

using State = ApduExchange::State;

class ApduExchangeTest : public testing::Test {
  protected:
    ApduExchangeTest() {
        buffer.kind = ObjectKind::kBytes;
        buffer.data.resize(ApduExchange::kBufferSize);
    }
    void begin(iso7816::CommandApdu command, Protocol protocol = Protocol::kT1, bool extended = false) {
        exchange.begin(std::move(command), protocol, extended, buffer);
    }
    Bytes header(std::size_t size) const {
        return {buffer.data.begin(), buffer.data.begin() + static_cast<std::ptrdiff_t>(size)};
    }
    static void expect_refused(const auto& result, std::uint16_t reason) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().exception, exception::kApdu);
        EXPECT_EQ(result.error().reason, reason);
    }

    Object buffer;
    ApduExchange exchange;
};

TEST_F(ApduExchangeTest, HasWhatCameWithTheFirstBlock) {
    begin({0x80, 0x10, 0x01, 0x02, from_hex("AABBCC"), 0});
    EXPECT_EQ(header(8), from_hex("80 10 01 02 03 AA BB CC"));
    begin({0x80, 0x10, 0x01, 0x02, from_hex("AABBCC"), 0}, Protocol::kT0);
    EXPECT_EQ(header(8), from_hex("80 10 01 02 03 00 00 00"));
    EXPECT_EQ(exchange.state(), State::kInitial);
    EXPECT_EQ(exchange.set_incoming_and_receive(buffer), 3);
    EXPECT_EQ(header(8), from_hex("80 10 01 02 03 AA BB CC"));
    EXPECT_EQ(exchange.state(), State::kFullIncoming);
    EXPECT_EQ(exchange.receive_bytes(buffer, 5), 0);
    EXPECT_EQ(exchange.offset_cdata(), 5);
    EXPECT_EQ(exchange.incoming_length(), 3);
    expect_refused(exchange.set_incoming_and_receive(buffer), apdu_reason::kIllegalUse);
}

TEST_F(ApduExchangeTest, TellsWhatTheTerminalExpects) {
    struct Case {
        std::uint32_t ne;
        std::size_t data;
        Protocol protocol;
        std::int16_t expected;
    };
    // 9.4.1 and 9.4.2: cases 1 to 4.
    for (auto [ne, data, protocol, expected] :
         {Case{0, 0, Protocol::kT1, 0}, Case{0, 3, Protocol::kT1, 0}, Case{256, 0, Protocol::kT1, 256},
          Case{7, 3, Protocol::kT1, 7}, Case{0, 0, Protocol::kT0, 256}, Case{7, 0, Protocol::kT0, 7},
          Case{0, 3, Protocol::kT0, 256}}) {
        begin({0x80, 0x10, 0, 0, Bytes(data), ne}, protocol);
        EXPECT_EQ(exchange.set_outgoing(true), expected) << ne << " " << data;
        expect_refused(exchange.set_outgoing(true), apdu_reason::kIllegalUse);
    }
}

TEST_F(ApduExchangeTest, GivesLongDataInParts) {
    Bytes data(600);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
    begin({0x80, 0x10, 0, 0, data, 0}, Protocol::kT1, true);
    EXPECT_EQ(header(7), from_hex("80 10 00 00 00 02 58"));
    Bytes seen;
    auto offset = 7;
    auto count = exchange.set_incoming_and_receive(buffer).value();
    EXPECT_EQ(exchange.offset_cdata(), 7);
    EXPECT_EQ(exchange.incoming_length(), 600);
    while (count > 0) {
        append(seen, BytesView(buffer.data)
                         .subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count)));
        offset = 0;
        count = exchange.receive_bytes(buffer, 0).value();
    }
    EXPECT_EQ(seen, data);
    EXPECT_EQ(exchange.state(), State::kFullIncoming);
}

TEST_F(ApduExchangeTest, RefusesABlockThatDoesNotFit) {
    begin({0x80, 0x10, 0, 0, Bytes(600), 0}, Protocol::kT1, true);
    ASSERT_TRUE(exchange.set_incoming_and_receive(buffer));
    expect_refused(exchange.receive_bytes(buffer, 8), apdu_reason::kBufferBounds);
    expect_refused(exchange.receive_bytes(buffer, -1), apdu_reason::kBufferBounds);
    EXPECT_EQ(exchange.receive_bytes(buffer, 7), 254);
}

TEST_F(ApduExchangeTest, SendsInParts) {
    begin({0x80, 0x10, 0, 0, {}, 256});
    expect_refused(exchange.send_bytes(buffer, 0, 1), apdu_reason::kIllegalUse);
    expect_refused(exchange.set_outgoing_length(4), apdu_reason::kIllegalUse);
    ASSERT_TRUE(exchange.set_outgoing(true));
    expect_refused(exchange.set_outgoing_length(257), apdu_reason::kBadLength);
    expect_refused(exchange.set_outgoing_length(-1), apdu_reason::kBadLength);
    ASSERT_TRUE(exchange.set_outgoing_length(4));
    EXPECT_EQ(exchange.state(), State::kOutgoingLengthKnown);
    expect_refused(exchange.send_bytes(buffer, 0, 5), apdu_reason::kIllegalUse);
    expect_refused(exchange.send_bytes(buffer, 260, 2), apdu_reason::kBufferBounds);
    expect_refused(exchange.send_bytes(buffer, -1, 1), apdu_reason::kBufferBounds);
    ASSERT_TRUE(exchange.send_bytes(buffer, 0, 3));
    EXPECT_EQ(exchange.state(), State::kPartialOutgoing);
    ASSERT_TRUE(exchange.send_bytes(buffer, 1, 1));
    EXPECT_EQ(exchange.state(), State::kFullOutgoing);
    EXPECT_EQ(exchange.end(), from_hex("80 10 00 10"));
    EXPECT_FALSE(exchange.in_progress());
}

TEST_F(ApduExchangeTest, SendsAtOnceAndNoMore) {
    begin({0x80, 0x10, 0, 0, {}, 256});
    expect_refused(exchange.set_outgoing_and_send(buffer, 0, 257), apdu_reason::kBadLength);
    expect_refused(exchange.set_outgoing_and_send(buffer, 200, 100), apdu_reason::kBufferBounds);
    ASSERT_TRUE(exchange.set_outgoing_and_send(buffer, 0, 2));
    expect_refused(exchange.send_bytes(buffer, 0, 0), apdu_reason::kIllegalUse);
    expect_refused(exchange.set_outgoing_and_send(buffer, 0, 2), apdu_reason::kIllegalUse);
    EXPECT_EQ(exchange.end(), from_hex("8010"));
}

TEST_F(ApduExchangeTest, MakesUpWithZerosWhereNothingMayFollow) {
    begin({0x80, 0x10, 0, 0, {}, 256}, Protocol::kT0);
    ASSERT_TRUE(exchange.set_outgoing(false));
    ASSERT_TRUE(exchange.set_outgoing_length(4));
    ASSERT_TRUE(exchange.send_bytes(buffer, 0, 1));
    EXPECT_EQ(exchange.end(), from_hex("80 00 00 00"));
    // With chaining allowed, what was sent is all.
    begin({0x80, 0x10, 0, 0, {}, 256}, Protocol::kT0);
    ASSERT_TRUE(exchange.set_outgoing(true));
    ASSERT_TRUE(exchange.set_outgoing_length(4));
    ASSERT_TRUE(exchange.send_bytes(buffer, 0, 1));
    EXPECT_EQ(exchange.end(), from_hex("80"));
}

}  // namespace
}  // namespace oti::javacard
