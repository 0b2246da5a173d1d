// SPDX-License-Identifier: Apache-2.0
#include "card/toolkit.h"

#include "card/secure_element_fixture.h"
#include "scp/scp80_host.h"

namespace oti::card {
namespace {

constexpr std::string_view kKic = "200102030405060708090A0B0C0D0E0F",
                           kKid = "201102030405060708090A0B0C0D0E0F",
                           kDek = "202102030405060708090A0B0C0D0E0F";
constexpr std::uint8_t kVersion = 2;
constexpr scp::Tar kCompact{0, 0, 0}, kExpanded{0xB2, 0x01, 0x00};

crypto::SecretBytes secret(std::string_view hex) {
    return crypto::SecretBytes::take(from_hex(hex));
}

class ToolkitTest : public SecureElementTest {
  protected:
    ToolkitTest() {
        medium_ = std::make_shared<MemoryMedium>();
        Personalization personalization{testing::keys_of(testing::kTestKey), 0x30,
                                        Personalization::identity_for("89001012012341234012345678901224")};
        personalization.remote =
            RemoteManagementKeys{kVersion, {secret(kKic), secret(kKid), secret(kDek)}, KeyType::kAes, 8};
        se_ = testing::must(SecureElement::create(std::make_unique<MemoryNvmFile>(medium_),
                                                  testing::must(load_profile("uicc-2024")), personalization,
                                                  random_));
    }

    scp::Scp80Host host(scp::Tar tar = kCompact, std::string_view spi = "1619",
                        std::uint8_t version = kVersion, std::string_view kid = kKid) {
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, secret(kKic), secret(kid), 8};
        auto bytes = from_hex(spi);
        return testing::must(
            scp::Scp80Host::create(keys, version, testing::must(scp::Spi::parse(bytes[0], bytes[1])), tar));
    }
    /// ENVELOPE with an SMS-DELIVER of pySim's sender, whose user data is this.
    ResponseApdu envelope(BytesView user_data) {
        auto tpdu = concat(from_hex("400881214365877FF622705200000000"),
                           Bytes{static_cast<std::uint8_t>(user_data.size())}, user_data);
        auto content = concat(from_hex("82028381"), from_hex("8607912143658709F1"), encode_tlv(0x8B, tpdu));
        auto download = encode_tlv(0xD1, content);
        return terminal_.plain(CommandApdu{0x80, 0xC2, 0, 0, download, 256}.encode());
    }
    ResponseApdu deliver(BytesView packet) {
        if (packet.size() <= 137) return envelope(concat(from_hex("027000"), packet));
        ResponseApdu last;
        auto parts = static_cast<std::uint8_t>(1 + (packet.size() - 132 + 133) / 134);
        ++reference_;
        for (std::uint8_t n = 1; n <= parts; ++n) {
            auto chunk = packet.first(std::min<std::size_t>(packet.size(), n == 1 ? 132 : 134));
            packet = packet.subspan(chunk.size());
            auto header = concat(n == 1 ? from_hex("07") : from_hex("05"), Bytes{0, 3, reference_, parts, n},
                                 n == 1 ? from_hex("7000") : Bytes{});
            last = envelope(concat(header, chunk));
        }
        return last;
    }
    std::string run(const scp::Scp80Host& host, std::string_view script) {
        return run(host, from_hex(script));
    }
    /// The proof of receipt: status, and the data.
    std::string run(const scp::Scp80Host& host, BytesView script) {
        auto response = deliver(testing::must(host.command(++counter_, script)));
        if (response.sw != StatusWord::kOk || response.data.size() < 3) return "nothing";
        auto proof = host.response(counter_, BytesView(response.data).subspan(3));
        if (!proof) return proof.error().code;
        return std::to_string(static_cast<int>(proof->status)) + ":" + to_hex(proof->data);
    }

    std::uint64_t counter_ = 0;
    std::uint8_t reference_ = 0;
};

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
