// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_pdu.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::ota {
namespace {

Bytes hex(std::string_view text) {
    return from_hex(text);
}

// SMPP 3.4, the sample PDU of the section on layout (3.2.2).
const auto kSampleBind =
    hex("0000002F000000020000000000000001"
        "534D50503354455354007365637265743038005355424D4954310000010100");

TEST(SmppPdu, IsTheSpecificationsSample) {
    SmppBind bind{"SMPP3TEST", "secret08", "SUBMIT1", 0x00, 1, 1, ""};
    SmppPdu expected{SmppCommand::kBindTransmitter, 0, 1, bind};
    auto pdu = SmppPdu::parse(kSampleBind);
    ASSERT_TRUE(pdu) << pdu.error().message;
    EXPECT_EQ(*pdu, expected);
    EXPECT_EQ(to_hex(*expected.encode()), to_hex(kSampleBind));
}

// Written out by hand from the table of 4.4.1.
TEST(SmppPdu, CarriesAMessageForTheCard) {
    SmppMessage message;
    message.source.digits = "12";
    message.destination.digits = "34";
    message.esm_class = SmppMessage::kHasHeader;
    message.protocol = 0x7F;
    message.registered_delivery = 1;
    message.coding = 0xF6;
    message.short_message = hex("027000AA");
    SmppPdu pdu{SmppCommand::kSubmit, 0, 7, message};
    auto bytes =
        hex("0000002F000000040000000000000007"
            "00"
            "0101313200"
            "0101333400"
            "407F00"
            "0000"
            "0100F600"
            "04027000AA");
    bytes[3] = static_cast<std::uint8_t>(bytes.size());
    EXPECT_EQ(to_hex(*pdu.encode()), to_hex(bytes));
    EXPECT_EQ(*SmppPdu::parse(bytes), pdu);
}

TEST(SmppPdu, RefusesEveryShorterAndLongerOne) {
    for (std::size_t size = 0; size < kSampleBind.size(); ++size) {
        Bytes cut(kSampleBind.begin(), kSampleBind.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(SmppPdu::parse(cut)) << size;
        if (size < SmppHeader::kSize) continue;
        cut[3] = static_cast<std::uint8_t>(size);
        EXPECT_FALSE(SmppPdu::parse(cut)) << size << ", and says so";
    }
    auto longer = concat(kSampleBind, hex("00"));
    EXPECT_EQ(SmppPdu::parse(longer).error().code, "parse.invalid");
    longer[3]++;
    EXPECT_EQ(SmppPdu::parse(longer).error().code, "parse.trailing");
}

TEST(SmppPdu, RefusesLengthsThatLieInside) {
    auto tlv =
        hex("00000019800000040000000000000001"
            "3100"
            "0424FFFF000000");
    EXPECT_EQ(SmppPdu::parse(tlv).error().code, "parse.truncated");
    auto endless = kSampleBind;
    for (std::size_t i = SmppHeader::kSize; i < endless.size(); ++i) endless[i] = 'A';
    EXPECT_EQ(SmppPdu::parse(endless).error().code, "parse.invalid");
    EXPECT_EQ(SmppPdu::parse(hex("00000010000000990000000000000001")).error().code, "smpp.command");
}

TEST(SmppPdu, RefusesToEncodeWhatDoesNotFit) {
    SmppBind bind{"me", "ninechars", "", 0x34, 0, 0, ""};
    EXPECT_EQ((SmppPdu{SmppCommand::kBindReceiver, 0, 1, bind}.encode().error().code), "smpp.field");
    SmppMessage message;
    message.short_message = Bytes(255);
    EXPECT_EQ((SmppPdu{SmppCommand::kSubmit, 0, 1, message}.encode().error().code), "smpp.field");
    message.short_message.clear();
    message.optional.push_back({smpp_tag::kMessagePayload, Bytes(255, 1)});
    auto bytes = SmppPdu{SmppCommand::kSubmit, 0, 1, message}.encode();
    ASSERT_TRUE(bytes);
    EXPECT_EQ(std::get<SmppMessage>(SmppPdu::parse(*bytes)->body).text().size(), 255U);
}

TEST(SmppPdu, AnErrorNeedsNoBody) {
    EXPECT_TRUE(SmppPdu::parse(hex("00000010800000040000005800000001")));
    EXPECT_FALSE(SmppPdu::parse(hex("00000010800000040000000000000001")));
}

TEST(SmppReceipt, IsReadFromTextOrParameters) {
    SmppMessage message;
    message.esm_class = SmppMessage::kReceipt;
    // The layout of appendix B.
    message.short_message =
        to_bytes(as_bytes("id:0123456789 sub:001 dlvrd:001 submit date:0001010000 done date:0001010001 "
                          "stat:DELIVRD err:000 text:"));
    auto receipt = SmppReceipt::of(message);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->message_id, "0123456789");
    EXPECT_TRUE(receipt->delivered && receipt->final);
    message.optional = {{smpp_tag::kReceiptedMessageId, hex("414200")}, {smpp_tag::kMessageState, hex("03")}};
    receipt = SmppReceipt::of(message);
    EXPECT_EQ(receipt->message_id, "AB");
    EXPECT_EQ(receipt->state, "EXPIRED");
    EXPECT_FALSE(receipt->delivered);
    message.esm_class = 0;
    EXPECT_FALSE(SmppReceipt::of(message));
}

TEST(SmppStream, CutsWhereverTheOctetsWereSplit) {
    auto two = concat(kSampleBind, kSampleBind);
    SmppStream stream;
    int pdus = 0;
    for (auto octet : two) {
        stream.add(BytesView(&octet, 1));
        auto next = stream.next();
        ASSERT_TRUE(next);
        if (*next) {
            EXPECT_EQ(**next, kSampleBind);
            ++pdus;
        }
    }
    EXPECT_EQ(pdus, 2);
}

TEST(SmppStream, RefusesImpossibleLengths) {
    for (auto length : {"00000000", "0000000F", "00020000", "FFFFFFFF"}) {
        SmppStream stream;
        stream.add(concat(hex(length), Bytes(12)));
        EXPECT_EQ(stream.next().error().code, "smpp.length") << length;
    }
}

}  // namespace
}  // namespace oti::ota
