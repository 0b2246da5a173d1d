// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_concatenation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"

namespace oti::ota {
namespace {

Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t n = 0; n < size; ++n) bytes[n] = static_cast<std::uint8_t>(n * 7);
    return bytes;
}

SmsUserData packet(std::size_t size) {
    return {{{SmsUserData::kCommandPacket, {}}}, pattern(size)};
}

// Of pySim, tests/unittests/test_sms.py (osmocom/pysim): Test_SMS_UDH.
TEST(SmsUserData, HasTheHeaderOfPySim) {
    auto one = SmsUserData::parse(from_hex("027100abcdef"));
    ASSERT_TRUE(one);
    EXPECT_TRUE(one->has(0x71));
    EXPECT_EQ(to_hex(one->text), "ABCDEF");
    auto two = SmsUserData::parse(from_hex("0571007001ffabcd"));
    ASSERT_TRUE(two);
    ASSERT_EQ(two->header.size(), 2U);
    EXPECT_EQ(to_hex(two->header[1].value), "FF");
    EXPECT_EQ(to_hex(two->encode()), "0571007001FFABCD");
    EXPECT_FALSE(SmsUserData::parse(from_hex("0571007005ff")));
    EXPECT_FALSE(SmsUserData::parse(from_hex("03710210")));
    EXPECT_FALSE(SmsUserData::parse({}));
}

TEST(SmsConcatenation, OneMessageHasNoMoreThanItsHeader) {
    auto parts = split(packet(137), 0x42);
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 1U);
    EXPECT_EQ(to_hex(BytesView((*parts)[0]).first(3)), "027000");
    EXPECT_EQ((*parts)[0].size(), kMaxUserData);
}

// 3GPP TS 31.115, 4: the element of the packet stands in the first message only.
TEST(SmsConcatenation, DividesWhatIsLonger) {
    auto parts = split(packet(138), 0x42);
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ(to_hex(BytesView((*parts)[0]).first(8)), "0700034202017000");
    EXPECT_EQ((*parts)[0].size(), kMaxUserData);
    EXPECT_EQ(to_hex(BytesView((*parts)[1]).first(6)), "050003420202");
    EXPECT_EQ((*parts)[1].size(), 6U + 138U - 132U);
    EXPECT_EQ(split(packet(255 * 134 - 2), 1)->size(), 255U);
    EXPECT_EQ(split(packet(255 * 134 - 1), 1).error().code, "sms.too_long");
}

TEST(SmsReassembly, TakesPartsInAnyOrderAndMoreThanOnce) {
    auto parts = split(packet(500), 9).value();
    ASSERT_EQ(parts.size(), 4U);
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        SmsReassembly reassembly;
        for (std::size_t n = 0; n < 3; ++n) {
            for (int twice = 0; twice < 2; ++twice)
                EXPECT_FALSE(reassembly.add("1", parts[order[n]])->has_value());
        }
        auto whole = reassembly.add("1", parts[order[3]]);
        ASSERT_TRUE(whole && *whole);
        EXPECT_EQ((*whole)->text, pattern(500));
        EXPECT_EQ((*whole)->header, packet(0).header);
        EXPECT_EQ(reassembly.unfinished(), 0U);
    } while (std::ranges::next_permutation(order).found);
}

TEST(SmsReassembly, KeepsMessagesOfDifferentSendersAndReferencesApart) {
    auto first = split(packet(200), 1).value(), second = split(packet(300), 2).value();
    SmsReassembly reassembly;
    EXPECT_FALSE(*reassembly.add("1", first[0]));
    EXPECT_FALSE(*reassembly.add("2", first[1])) << "of somebody else";
    EXPECT_FALSE(*reassembly.add("1", second[1]));
    EXPECT_EQ((*reassembly.add("1", first[1]))->text.size(), 200U);
    EXPECT_EQ(reassembly.unfinished(), 2U);
    // The same reference, and another number of parts: the older one is never finished.
    auto longer = split(packet(500), 2).value();
    EXPECT_FALSE(*reassembly.add("1", longer[0]));
    EXPECT_EQ(reassembly.unfinished(), 2U);
}

TEST(SmsReassembly, IsBounded) {
    SmsReassembly reassembly;
    for (unsigned reference = 0; reference < 100; ++reference) {
        EXPECT_FALSE(
            *reassembly.add("1", split(packet(200), static_cast<std::uint8_t>(reference)).value()[0]));
    }
    EXPECT_EQ(reassembly.unfinished(), SmsReassembly::kMaxUnfinished);
    EXPECT_TRUE(*reassembly.add("1", split(packet(200), 99).value()[1])) << "the last one is there";
}

TEST(SmsReassembly, RefusesNonsense) {
    SmsReassembly reassembly;
    EXPECT_FALSE(reassembly.add("1", from_hex("0500030102 03"))) << "part 3 of 2";
    EXPECT_FALSE(reassembly.add("1", from_hex("050003010200"))) << "part 0";
    EXPECT_FALSE(reassembly.add("1", from_hex("0400020102")));
    EXPECT_EQ(reassembly.unfinished(), 0U);
    auto wide = reassembly.add("1", from_hex("0608041234 01 01 AA"));
    ASSERT_TRUE(wide && *wide);
    EXPECT_EQ(to_hex((*wide)->text), "AA");
}

}  // namespace
}  // namespace oti::ota
