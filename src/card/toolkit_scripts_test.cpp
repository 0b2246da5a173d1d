// SPDX-License-Identifier: Apache-2.0
// Scripts that continue each other (TS 102 226, 5.2.1.4), and answers that are long.
#include "base/byte_reader.h"
#include "card/toolkit_fixture.h"

namespace oti::card {
namespace {

constexpr std::string_view kFirst = "830101", kSubsequent = "830102", kLast = "830103";
constexpr std::string_view kNoPreviousScript = "0:AB06800101830101";
/// TS 31.111, 7.1.1.2.
constexpr std::size_t kMostInEnvelope = 128;

class ToolkitScriptsTest : public ToolkitTest {
  protected:
    /// Expanded format with definite length: command TLVs as they are, then C-APDUs.
    static Bytes script(std::string_view tlvs, std::initializer_list<std::string_view> commands) {
        auto content = from_hex(tlvs);
        for (auto command : commands) append(content, encode_tlv(0x22, from_hex(command)));
        return encode_tlv(0xAA, content);
    }
    std::string run_expanded(std::string_view tlvs, std::initializer_list<std::string_view> commands = {}) {
        return run(host(kExpanded), script(tlvs, commands));
    }
    bool is_stored(std::string_view domain) {
        auto object = se_.registry().data_object(Aid::constant(domain), 0x42);
        return object && to_hex(*object) == "AABBCC";
    }
    /// Domains with long names, so that the registry is long.
    void add_domains(unsigned count) {
        open_issuer();
        for (unsigned n = 0; n < count; ++n) {
            auto aid =
                concat(from_hex("F04F54490000000000000000C00001"), Bytes{static_cast<std::uint8_t>(n)});
            aid[14] = static_cast<std::uint8_t>(n);  // the last byte of the reference
            ASSERT_EQ(create_domain("81020370", to_hex(aid)), StatusWord::kOk);
        }
    }
    /// The user data of all messages that the card wants sent, without the header, put together.
    Bytes fetch_all(StatusWord announced, std::size_t& messages) {
        Bytes packet;
        for (messages = 0; static_cast<unsigned>(announced) >> 8 == 0x91; ++messages) {
            auto fetched = terminal_.plain("8012000000");
            EXPECT_EQ(fetched.data.size(), static_cast<unsigned>(announced) & 0xFF);
            auto outer = testing::must(read_all_tlv(fetched.data, "proactive"));
            auto objects = testing::must(read_all_tlv(outer.at(0).value, "proactive"));
            append(packet, text_of(*find(objects, 0x8B), static_cast<std::uint8_t>(messages + 1)));
            announced = terminal_.plain("801400000C810301130002028281830100").sw;
        }
        return packet;
    }
    /// Of an SMS-SUBMIT, which is the nth part of a message.
    static Bytes text_of(BytesView tpdu, std::uint8_t nth) {
        ByteReader reader(tpdu, "SMS-SUBMIT");
        EXPECT_EQ(reader.u8().value(), 0x41) << "SMS-SUBMIT with a header";
        EXPECT_TRUE(reader.skip(1));
        auto digits = reader.u8().value();
        EXPECT_TRUE(reader.skip(1U + (digits + 1U) / 2 + 2));
        auto size = reader.u8().value();
        EXPECT_LE(size, 140);
        EXPECT_EQ(size, reader.remaining());
        auto header = reader.take_lv().value();
        EXPECT_EQ(to_hex(header.first(2)), "0003");
        EXPECT_EQ(header[4], nth);
        EXPECT_EQ(header.size() == 7, nth == 1) << "71 00 is in the first part";
        return to_bytes(reader.take_rest());
    }
};

constexpr std::string_view kForDomain = "80E620000B000005F04F544900000000", kStore = "80E29000054203AABBCC";

TEST_F(ToolkitScriptsTest, AChainKeepsWhatItsScriptsBegan) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    EXPECT_EQ(run_expanded(kFirst, {kForDomain}), "0:AB0780010223029000");
    EXPECT_EQ(run_expanded(kLast, {kStore}), "0:AB0780010223029000");
    EXPECT_TRUE(is_stored(kDomain));
    EXPECT_FALSE(is_stored(kIssuer));
    // It has ended.
    EXPECT_EQ(run_expanded(kSubsequent, {kStore}), kNoPreviousScript);
    EXPECT_FALSE(is_stored(kIssuer));
}

TEST_F(ToolkitScriptsTest, WithoutAChainTheNextScriptBeginsAnew) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    // Neither chained, nor continued, nor continued by the very next one.
    for (auto [first, second] : {std::pair{"", ""}, {"830101", ""}, {"830101", "830101"}}) {
        ASSERT_TRUE(run_expanded(first, {kForDomain}).ends_with("9000"));
        ASSERT_TRUE(run_expanded(second, {kStore}).ends_with("9000"));
        EXPECT_FALSE(is_stored(kDomain));
        EXPECT_TRUE(is_stored(kIssuer));
    }
    ASSERT_TRUE(run_expanded(kFirst, {kForDomain}).ends_with("9000"));
    EXPECT_EQ(run_expanded("", {"80CA004200"}).substr(0, 4), "0:AB");
    EXPECT_EQ(run_expanded(kLast, {kStore}), kNoPreviousScript);
}

TEST_F(ToolkitScriptsTest, AChainGoesOnOverManyScriptsButNotOverAReset) {
    EXPECT_EQ(run_expanded(kSubsequent, {"80CA004200"}), kNoPreviousScript);
    EXPECT_EQ(run_expanded(kLast, {"80CA004200"}), kNoPreviousScript);
    EXPECT_EQ(run_expanded(kFirst), "0:AB03800101");
    for (int n = 0; n < 3; ++n) EXPECT_EQ(run_expanded(kSubsequent), "0:AB03800101");
    se_.reset();
    EXPECT_EQ(run_expanded(kSubsequent), kNoPreviousScript);
    EXPECT_EQ(run_expanded(kFirst), "0:AB03800101");
    EXPECT_EQ(run_expanded(kLast), "0:AB03800101");
}

TEST_F(ToolkitScriptsTest, PacketsThatAreRefusedDoNotDisturbAChain) {
    ASSERT_EQ(run_expanded(kFirst), "0:AB03800101");
    auto stranger = host(kExpanded, "1619", kVersion, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
    (void)deliver(testing::must(stranger.command(counter_ + 1, script("", {"80CA004200"}))));
    EXPECT_EQ(run_expanded(kLast), "0:AB03800101");
}

TEST_F(ToolkitScriptsTest, ChainingIsTheFirstCommandOrAnError) {
    EXPECT_EQ(run(host(kExpanded), "AA0A220580CA004200830101"), "0:AB1080010223084204F04F54499000900101");
    EXPECT_EQ(run_expanded("830101830101"), "0:AB06800102900101");
    EXPECT_EQ(run_expanded("830104"), "0:AB06800101900102");
    EXPECT_EQ(run_expanded("83020101"), "0:AB06800101900102");
    // An indefinite length has no count of commands (table 5.15a).
    EXPECT_EQ(run(host(kExpanded), "AE808301020000"), "0:AF808301010000");
}

TEST_F(ToolkitScriptsTest, ALongAnswerComesInSeveralMessages) {
    add_domains(12);
    auto sender = host(kCompact, "1639");
    auto script = from_hex("80F24000024F0000C0000000");
    auto announced = deliver(testing::must(sender.command(1, script)));
    EXPECT_TRUE(announced.data.empty());
    std::size_t messages = 0;
    auto packet = fetch_all(announced.sw, messages);
    EXPECT_EQ(messages, 2U);
    auto proof = testing::must(sender.response(1, packet));
    EXPECT_GT(proof.data.size(), 200U);
    open_issuer();
    EXPECT_EQ(to_hex(proof.data), "029000" + to_hex(terminal_.send("80F24000024F00").data));
}

TEST_F(ToolkitScriptsTest, WhatTheReportHasNoRoomForIsCutOff) {
    add_domains(10);
    for (auto spi : {"1619", "1209", "1201", "1211"}) {
        auto parsed = from_hex(spi);
        if ((parsed[1] & 0x10) != 0 && (parsed[0] & 0x04) == 0) continue;  // not permitted
        auto sender = host(kCompact, spi);
        auto answer =
            deliver(testing::must(sender.command(++counter_, from_hex("80F24000024F0000C0000000"))));
        EXPECT_EQ(answer.sw, StatusWord::kOk);
        EXPECT_LE(answer.data.size(), kMostInEnvelope);
        // Not more than the last block of ciphering is left unused.
        EXPECT_GT(answer.data.size(), kMostInEnvelope - 16);
        auto proof = testing::must(sender.response(counter_, BytesView(answer.data).subspan(3)));
        EXPECT_EQ(to_hex(proof.data).substr(0, 6), "0262F1");
    }
    // The same in expanded format.
    auto sender = host(kExpanded);
    auto answer = deliver(testing::must(sender.command(++counter_, from_hex("AA0A220880F24000024F0000"))));
    EXPECT_LE(answer.data.size(), kMostInEnvelope);
    EXPECT_GT(answer.data.size(), kMostInEnvelope - 20);
    auto proof = testing::must(sender.response(counter_, BytesView(answer.data).subspan(3)));
    EXPECT_TRUE(to_hex(proof.data).ends_with("62F1"));
}

}  // namespace
}  // namespace oti::card
