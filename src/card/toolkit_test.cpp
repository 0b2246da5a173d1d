// SPDX-License-Identifier: Apache-2.0
#include "card/toolkit.h"

#include "card/toolkit_fixture.h"

namespace oti::card {
namespace {

TEST_F(ToolkitTest, RunsACompactScript) {
    EXPECT_EQ(run(host(), "80CA004200"), "0:0190004204F04F5449");
    // GET STATUS without GET RESPONSE, and with.
    EXPECT_EQ(run(host(), "80F28000024F00").substr(0, 6), "0:0161");
    auto with = run(host(), "80F28000024F0000C0000000");
    EXPECT_EQ(with.substr(0, 8), "0:029000");
    EXPECT_NE(with.find("A000000151000000"), std::string::npos);
}

TEST_F(ToolkitTest, RunsAnExpandedScript) {
    EXPECT_EQ(run(host(kExpanded), "AA07220580CA004200"), "0:AB0D80010123084204F04F54499000");
    EXPECT_EQ(run(host(kExpanded), "AA07990580CA004200"), "0:AB06800101900101");
    EXPECT_EQ(run(host(kExpanded), "AA08220580CA004200"), "0:AB06800101900102");
}

TEST_F(ToolkitTest, StopsAtTheFirstRefusal) {
    EXPECT_EQ(run(host(), "80E400000A4F08F00102030405060780CA004200"), "0:016A88");
    EXPECT_EQ(run(host(), "00A4040008A000000151000000"), "0:016D00");
    EXPECT_EQ(run(host(), "8050000008000102030405060700"), "0:016D00");
    EXPECT_EQ(run(host(), "80F2"), "0:016700");
}

TEST_F(ToolkitTest, NoPacketIsTakenTwice) {
    auto packet = testing::must(host().command(5, from_hex("80CA004200")));
    auto first = deliver(packet);
    EXPECT_EQ(testing::must(host().response(5, BytesView(first.data).subspan(3))).status,
              scp::ResponseStatus::kOk);
    auto again = testing::must(host().response(5, BytesView(deliver(packet).data).subspan(3)));
    EXPECT_EQ(again.status, scp::ResponseStatus::kCounterLow);
    EXPECT_TRUE(again.authenticated);
    // Nor after power was off.
    se_ = testing::reopen(random_, medium_);
    EXPECT_EQ(testing::must(host().response(5, BytesView(deliver(packet).data).subspan(3))).status,
              scp::ResponseStatus::kCounterLow);
}

TEST_F(ToolkitTest, StrangersGetNothingSigned) {
    auto stranger = host(kCompact, "1619", kVersion, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
    auto answer = deliver(testing::must(stranger.command(1, from_hex("80CA004200"))));
    EXPECT_EQ(to_hex(answer.data), "027100000B0A00000000000000000001");
    EXPECT_EQ(run(host({1, 2, 3}), "80CA004200"), "9:");
    EXPECT_EQ(run(host(kCompact, "1619", 7), "80CA004200"), "6:");
    // A checksum at least, and a counter.
    EXPECT_EQ(run(host(kCompact, "0001"), "80CA004200"), "10:");
    EXPECT_EQ(run(host(kCompact, "1401"), "80CA004200"), "10:");
    // Whoever wants no answer gets none.
    EXPECT_EQ(run(host(kCompact, "1600"), "80CA004200"), "nothing");
    EXPECT_EQ(run(host(kCompact, "1619"), "80CA004200"), "0:0190004204F04F5449");
}

TEST_F(ToolkitTest, AnswersByShortMessage) {
    auto sender = host(kCompact, "1639");
    auto announced = deliver(testing::must(sender.command(1, from_hex("80CA004200"))));
    EXPECT_EQ(static_cast<unsigned>(announced.sw) >> 8, 0x91U);
    EXPECT_TRUE(announced.data.empty());
    auto fetched = terminal_.plain("8012000000");
    ASSERT_EQ(fetched.sw, StatusWord::kOk);
    EXPECT_EQ(fetched.data.size(), static_cast<unsigned>(announced.sw) & 0xFF);
    // D0, command details and device identities, then the TPDU.
    auto text = to_hex(fetched.data);
    EXPECT_EQ(text.substr(4, 18), "810301130082028183");
    // UDHI, reference, the sender, PID, class 2 data.
    EXPECT_EQ(text.substr(22, 2), "8B");
    EXPECT_EQ(text.substr(26, 20), "410008812143658700F6");
    auto at = text.find("027100");
    ASSERT_NE(at, std::string::npos);
    auto proof = testing::must(sender.response(1, BytesView(fetched.data).subspan(at / 2 + 3)));
    EXPECT_EQ(to_hex(proof.data), "0190004204F04F5449");
    EXPECT_EQ(terminal_.plain("801400000C810301130002028281830100").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("8012000000").sw, StatusWord::kConditionsNotSatisfied);
}

TEST_F(ToolkitTest, ALoadGoesOnInTheNextPacket) {
    auto file = load_file("hello.cap");
    EXPECT_EQ(run(host(), "80E602000A 05F04F544901 00 00 00 00"), "0:016101");
    unsigned number = 0;
    for (std::size_t at = 0; at < file.size(); at += 200, ++number) {
        auto block = BytesView(file).subspan(at, std::min<std::size_t>(200, file.size() - at));
        bool last = at + block.size() == file.size();
        auto load = concat(Bytes{0x80, 0xE8, static_cast<std::uint8_t>(last ? 0x80 : 0),
                                 static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(block.size())},
                           block);
        EXPECT_EQ(run(host(), load), "0:016101") << number;
    }
    EXPECT_EQ(run(host(), "80E60C001A 05F04F544901 06F04F54490101 06F04F54490101 0100 02C900 00"),
              "0:016101");
    EXPECT_TRUE(se_.registry().application(Aid::constant("F04F54490101")));
}

TEST_F(ToolkitTest, PartsInAnyOrderAndTwice) {
    auto packet = testing::must(host().command(1, concat(from_hex("80E2800090"), Bytes(0x90))));
    ASSERT_GT(packet.size(), 137U);
    auto first = concat(from_hex("07 0003090201 7000"), BytesView(packet).first(132));
    auto second = concat(from_hex("05 0003090202"), BytesView(packet).subspan(132));
    EXPECT_TRUE(envelope(second).data.empty());
    EXPECT_TRUE(envelope(second).data.empty());
    auto answer = envelope(first);
    ASSERT_FALSE(answer.data.empty());
    EXPECT_EQ(testing::must(host().response(1, BytesView(answer.data).subspan(3))).status,
              scp::ResponseStatus::kOk);
}

// The counter is durable before anything else is, and each command is a transaction: whatever write fails,
// the packet is either not counted and has done nothing, or is counted and not taken again.
TEST_F(ToolkitTest, PowerCutAtEveryWrite) {
    auto issuer = Aid::constant(kIssuer);
    bool cut = true;
    for (std::uint8_t writes = 0; cut && writes < 20; ++writes) {
        auto value = Bytes{0xAA, 0xBB, writes};
        auto store = [&](std::uint8_t tag) { return concat(from_hex("80E2900005"), encode_tlv(tag, value)); };
        auto packet = testing::must(host().command(++counter_, concat(store(0x42), store(0x45))));
        medium_->writes_until_cut = writes;
        (void)deliver(packet);
        cut = !medium_->powered;
        se_ = testing::reopen(random_, medium_);
        auto is_stored = [&](Tag tag) {
            auto object = se_.registry().data_object(issuer, tag);
            return object && same(*object, value);
        };
        bool counted = se_.keys().packet_counter(issuer, kVersion) == counter_;
        EXPECT_TRUE(counted || !is_stored(0x42));
        EXPECT_TRUE(is_stored(0x42) || !is_stored(0x45));
        EXPECT_TRUE(cut || is_stored(0x45));
        if (!counted) continue;
        auto again = deliver(packet);
        EXPECT_EQ(testing::must(host().response(counter_, BytesView(again.data).subspan(3))).status,
                  scp::ResponseStatus::kCounterLow);
    }
    EXPECT_FALSE(cut);
}

TEST_F(ToolkitTest, NoChannelOpensWithKeysOfSecuredPackets) {
    auto update = CommandApdu{0x80, 0x50, kVersion, 0, Bytes(8), 256};
    EXPECT_EQ(terminal_.plain(update.encode()).sw, StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(terminal_.authenticate(testing::keys_of(testing::kTestKey)), StatusWord::kOk);
}

}  // namespace
}  // namespace oti::card
