// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_tpdu.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::ota {
namespace {

// Of pySim, tests/unittests/test_sms.py (osmocom/pysim): Test_AddressField, Test_SUBMIT, Test_DELIVER.
TEST(SmsAddress, IsThatOfPySim) {
    auto read = [](std::string_view hex) {
        auto bytes = from_hex(hex);
        ByteReader reader(bytes, "address");
        auto address = SmsAddress::read(reader);
        return address ? address->digits + "/" + to_hex(reader.take_rest()) : address.error().code;
    };
    EXPECT_EQ(read("0480214399"), "1234/99");
    EXPECT_EQ(read("038021f399"), "123/99");
    EXPECT_EQ(to_hex(SmsAddress::of_number("+12345")->encode()), "05912143F5");
    EXPECT_EQ(to_hex(SmsAddress{0x80, "1234"}.encode()), "04802143");
    EXPECT_EQ(read("1591"), "parse.invalid") << "more digits than there can be";
    EXPECT_EQ(read("049121"), "parse.truncated");
}

TEST(SmsSubmit, IsThatOfPySim) {
    auto bytes = from_hex(
        "550d0b911614261771f000f5a78c0b050423f423f40003010201424547494e3a56434152440d0a56455253494f4e3a322e31"
        "0d0a4e3a4d"
        "650d0a54454c3b505245463b43454c4c3b564f4943453a2b36313431363237313137300d0a54454c3b484f4d453b564f4943"
        "453a2b3631"
        "3339353337303437310d0a54454c3b574f524b3b564f4943453a2b36313339363734373031350d0a454e443a");
    auto submit = SmsSubmit::parse(bytes);
    ASSERT_TRUE(submit);
    EXPECT_EQ(submit->reference, 0x0D);
    EXPECT_EQ(submit->destination.digits, "61416271170");
    EXPECT_FALSE(submit->report);
    EXPECT_TRUE(submit->content.has_header);
    EXPECT_EQ(submit->content.protocol, 0x00);
    EXPECT_EQ(submit->content.coding, 0xF5);
    EXPECT_EQ(to_hex(submit->validity), "A7");
    EXPECT_EQ(submit->content.user_data.size(), 140U);
}

TEST(SmsDeliver, IsThatOfPySim) {
    auto deliver = SmsDeliver::parse(from_hex("0408D0E5759A0E7FF6907090307513000824010101BB400101"));
    ASSERT_TRUE(deliver);
    EXPECT_EQ(deliver->originator.type, 0xD0);
    EXPECT_FALSE(deliver->more_messages);
    EXPECT_FALSE(deliver->content.has_header);
    EXPECT_EQ(deliver->content.protocol, kDataDownload);
    EXPECT_EQ(deliver->content.coding, kClass2Data);
    EXPECT_EQ(to_hex(deliver->content.user_data), "24010101BB400101");
    EXPECT_EQ(to_hex(deliver->encode()), "0408D0E5759A0E7FF6907090307513000824010101BB400101");
}

TEST(SmsTpdu, IsRefusedIfItIsCutShortOrLong) {
    auto whole = from_hex("0408D0E5759A0E7FF6907090307513000824010101BB400101");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(SmsDeliver::parse(BytesView(whole).first(size))) << size;
    EXPECT_EQ(SmsDeliver::parse(concat(whole, Bytes{0})).error().code, "parse.trailing");
    EXPECT_EQ(SmsSubmit::parse(whole).error().code, "parse.invalid") << "of the other direction";
    EXPECT_EQ(
        SmsDeliver::parse(from_hex("440291217FF6000000000000008D" + std::string(std::size_t{2} * 141, '0')))
            .error()
            .code,
        "parse.invalid")
        << "more than 140 octets";
}

TEST(SmsTpdu, IsReadAsItWasWritten) {
    SmsDeliver deliver{SmsAddress::of_number("+491701").value(),
                       {0x62, 0x11, 0x62},
                       true,
                       {.user_data = from_hex("027000AABB")}};
    EXPECT_EQ(to_hex(deliver.encode()), "4006919471107FF66211620000000005027000AABB");
}

}  // namespace
}  // namespace oti::ota
