// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"

namespace oti {
namespace {

TEST(Hex, ReadsBothCasesAndSeparators) {
    EXPECT_EQ(parse_hex("a0 00:00\n0A").value(), (Bytes{0xA0, 0x00, 0x00, 0x0A}));
    EXPECT_EQ(to_hex(Bytes{0x00, 0xAB}), "00AB");
}

TEST(Hex, RefusesOddDigitsAndOtherCharacters) {
    EXPECT_EQ(parse_hex("A").error().code, "hex.invalid");
    EXPECT_EQ(parse_hex("AG").error().code, "hex.invalid");
    EXPECT_EQ(parse_hex("A A").error().code, "hex.invalid");
}

TEST(ByteReader, ConsumesNothingOnFailure) {
    Bytes bytes{0x05, 0x01};
    ByteReader reader(bytes, "thing");
    auto value = reader.take_lv();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, "parse.truncated");
    EXPECT_THAT(value.error().message, testing::HasSubstr("thing"));
    EXPECT_EQ(reader.remaining(), 2U);
}

TEST(ByteReader, NamesTrailingBytes) {
    Bytes bytes{0x01, 0x02};
    ByteReader reader(bytes, "thing");
    ASSERT_TRUE(reader.u8());
    EXPECT_EQ(reader.expect_end().error().code, "parse.trailing");
}

TEST(ByteWriter, WritesBigEndian) {
    ByteWriter writer;
    writer.u16(0x0102).u32(0x03040506).lv(Bytes{0xFF});
    EXPECT_EQ(to_hex(writer.view()), "01020304050601FF");
}

// ISO/IEC 7816-4:2013, 5.2.2.1 and 5.2.2.2: forms of tags and lengths.
TEST(Tlv, ReadsTagsAndLengthsOfAllForms) {
    auto bytes = from_hex("4F01AA 9F70020102 5F5081 0103 BF8F0F 820001 04");
    auto objects = read_all_tlv(bytes, "test").value();
    ASSERT_EQ(objects.size(), 4U);
    EXPECT_EQ(objects[0].tag, 0x4FU);
    EXPECT_EQ(objects[1].tag, 0x9F70U);
    EXPECT_EQ(objects[2].tag, 0x5F50U);
    EXPECT_EQ(objects[3].tag, 0xBF8F0FU);
    EXPECT_EQ(to_hex(objects[3].value), "04");
}

TEST(Tlv, WritesTheShortestLength) {
    EXPECT_EQ(to_hex(encode_length(0x7F)), "7F");
    EXPECT_EQ(to_hex(encode_length(0x80)), "8180");
    EXPECT_EQ(to_hex(encode_length(0x100)), "820100");
    EXPECT_EQ(to_hex(encode_length(0x10000)), "83010000");
    EXPECT_EQ(to_hex(encode_tlv(0x9F70, Bytes{0x07})), "9F700107");
}

TEST(Tlv, RefusesWhatDoesNotFit) {
    EXPECT_FALSE(read_all_tlv(from_hex("4F02AA"), "test"));
    EXPECT_FALSE(read_all_tlv(from_hex("9F"), "test"));
    EXPECT_FALSE(read_all_tlv(from_hex("4F80"), "test"));
    EXPECT_FALSE(read_all_tlv(from_hex("4F8400000001AA"), "test"));
    EXPECT_FALSE(read_all_tlv(from_hex("1F8181810100"), "test"));
}

}  // namespace
}  // namespace oti
