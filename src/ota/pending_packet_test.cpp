// SPDX-License-Identifier: Apache-2.0
// Answers that the card has signed, and such as anybody can send.
#include "ota/pending_packet.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "scp/scp80_card.h"

namespace oti::ota {
namespace {

using scp::PacketStatus;

/// The virtual card never says it (TS 102 225, table 5).
constexpr PacketStatus kMoreTime{0x08};

class PendingPacketTest : public testing::Test {
  protected:
    static scp::Scp80Keys keys() {
        return {scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
    }
    /// Signed by the card, to this very packet.
    static Bytes answer(BytesView packet, PacketStatus status) {
        auto card = scp::Scp80Card::receive(packet).value();
        EXPECT_EQ(card.open(keys(), 0), PacketStatus::kOk);
        auto known = keys();
        return card.response(status, from_hex("019000"), &known).value();
    }
    static Bytes refusal(std::uint8_t status) {
        return concat(from_hex("000B 0A 000000 0000000000 00"), Bytes{status});
    }
    /// What comes of it: "answered", "nothing" or the error.
    std::string take(BytesView response_packet) {
        auto taken = packet_.answer(host_, response_packet);
        if (!taken) return taken.error().code;
        return *taken ? "answered" : "nothing";
    }

    scp::Scp80Host host_ = scp::Scp80Host::create(keys(), 1, {}, {}).value();
    PendingPacket packet_ = PendingPacket::create(host_, 5, from_hex("80CA004200")).value();
};

TEST_F(PendingPacketTest, IsAnsweredThoughRefusalsCameBefore) {
    EXPECT_TRUE(packet_.is_due());
    auto first = packet_.send();
    EXPECT_FALSE(packet_.is_due());
    EXPECT_EQ(take(refusal(0x06)), "nothing");
    EXPECT_TRUE(packet_.is_due());
    EXPECT_EQ(packet_.send(), first);
    EXPECT_EQ(take(answer(first, PacketStatus::kOk)), "answered");
}

TEST_F(PendingPacketTest, IsRefusedWhenAllOfItsSendingsAre) {
    for (int n = 0; n < 3; ++n) {
        (void)packet_.send();
        EXPECT_EQ(take(refusal(0x01)), "nothing");
    }
    EXPECT_FALSE(packet_.is_due()) << "that was the last time";
    EXPECT_EQ(packet_.no_answer().error().code, "ota.refused");
}

TEST_F(PendingPacketTest, IsUnansweredWhereSilenceFollowsARefusal) {
    (void)packet_.send();
    EXPECT_EQ(take(refusal(0x06)), "nothing");
    (void)packet_.send();
    EXPECT_TRUE(packet_.no_answer());
    (void)packet_.send();
    EXPECT_EQ(packet_.no_answer().error().code, "ota.no_answer");
}

TEST_F(PendingPacketTest, WaitsForACardThatSaysThatItNeedsTime) {
    auto sent = packet_.send();
    EXPECT_EQ(take(refusal(0x08)), "ota.por_mac") << "anybody can say that";
    EXPECT_EQ(take(refusal(0x06)), "nothing");
    EXPECT_EQ(take(answer(sent, kMoreTime)), "nothing");
    EXPECT_FALSE(packet_.is_due());
    EXPECT_FALSE(packet_.refusal());
    EXPECT_EQ(take(answer(sent, PacketStatus::kOk)), "answered");
}

TEST_F(PendingPacketTest, LetsNonsenseGo) {
    auto sent = packet_.send();
    auto good = answer(sent, PacketStatus::kOk);
    EXPECT_EQ(take({}), "ota.por_format");
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_TRUE(take(BytesView(good).first(size)).starts_with("ota.por")) << size;
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto changed = good;
        changed[at] ^= 0x01;
        EXPECT_TRUE(take(changed).starts_with("ota.por")) << at;
    }
    EXPECT_FALSE(packet_.is_due());
    EXPECT_EQ(take(good), "answered");
}

}  // namespace
}  // namespace oti::ota
