// SPDX-License-Identifier: Apache-2.0
// STORE DATA and GET DATA.
#include <gmock/gmock.h>

#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;

class StoreDataTest : public SecureElementTest {
  protected:
    void SetUp() override { open_issuer(); }
    StatusWord store(std::uint8_t p1, std::uint8_t block, BytesView data) {
        return terminal_.send({0x80, 0xE2, p1, block, to_bytes(data), 0}).sw;
    }
    StatusWord store(std::uint8_t p1, std::uint8_t block, std::string_view hex) {
        return store(p1, block, from_hex(hex));
    }
    std::string read(std::string_view tag) {
        return to_hex(terminal_.send("80CA" + std::string(tag) + "00").data);
    }
};

TEST_F(StoreDataTest, AnObjectMayGoOnInTheNextBlocks) {
    auto url = encode_tlv(0x5F50, Bytes(150, 'u'));
    auto all = concat(url, from_hex("4202AAAA"));
    EXPECT_EQ(store(0x10, 0, BytesView(all).first(1)), StatusWord::kOk) << "not even the tag";
    EXPECT_EQ(store(0x10, 1, BytesView(all).subspan(1, 100)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80CA5F5000"), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(store(0x90, 2, BytesView(all).subspan(101)), StatusWord::kOk);
    EXPECT_EQ(read("5F50"), to_hex(url));
    EXPECT_EQ(read("0042"), "4202AAAA");
}

TEST_F(StoreDataTest, ASequenceThatGoesWrongIsForgotten) {
    EXPECT_EQ(store(0x10, 0, "4204AAAA"), StatusWord::kOk);
    EXPECT_EQ(store(0x08, 1, "BBBB"), StatusWord::kIncorrectP1P2) << "another structure";
    EXPECT_EQ(store(0x90, 1, "BBBB"), StatusWord::kIncorrectP1P2) << "block 0 is due";
    EXPECT_EQ(store(0x90, 0, "4204AAAA"), StatusWord::kWrongData) << "the rest never comes";
    EXPECT_EQ(store(0x90, 0, "4302AAAA"), StatusWord::kWrongData);
    EXPECT_EQ(store(0xD0, 0, "4202AAAA"), StatusWord::kIncorrectP1P2) << "reserved encryption";
    EXPECT_EQ(store(0x98, 0, "4202AAAA"), StatusWord::kIncorrectP1P2) << "reserved structure";
    EXPECT_EQ(store(0x90, 0, ""), StatusWord::kWrongData);
    EXPECT_EQ(store(0x10, 0, "5F5082FFFF"), StatusWord::kOk);
    StatusWord sw = StatusWord::kOk;
    for (std::uint8_t block = 1; sw == StatusWord::kOk && block < 30; ++block) {
        sw = store(0x10, block, Bytes(200));
    }
    EXPECT_EQ(sw, StatusWord::kWrongData) << "too much";
    EXPECT_EQ(read("0042"), "4204F04F5449");
}

TEST_F(StoreDataTest, TakesDataGroups) {
    EXPECT_EQ(store(0x88, 0, "0070 08 4202BBBB 4502CCCC 00CF 0A 00112233445566778899"), StatusWord::kOk);
    EXPECT_EQ(read("0042"), "4202BBBB");
    EXPECT_EQ(read("0045"), "4502CCCC");
    EXPECT_EQ(read("00CF"), "CF0A00112233445566778899");
    ASSERT_EQ(terminal_.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.update->key_diversification_data), "00112233445566778899");
    EXPECT_EQ(store(0x88, 0, "0070 FF0004 4202DDDD"), StatusWord::kOk) << "a length of three bytes";
    EXPECT_EQ(store(0x88, 0, "0071 04 4202EEEE"), StatusWord::kWrongData);
    EXPECT_EQ(store(0x88, 0, "00CF 09 001122334455667788"), StatusWord::kWrongData);
    EXPECT_EQ(store(0x88, 0, "0070 05 4202EEEE"), StatusWord::kWrongData);
    EXPECT_EQ(store(0x88, 0, "0070 08 4202EEEE 43024444"), StatusWord::kWrongData) << "all or nothing";
    EXPECT_EQ(read("0042"), "4202DDDD");
}

TEST_F(StoreDataTest, DecryptsValuesThatAreSaidToBeEncrypted) {
    auto plain = from_hex("000102030405060708090A0B0C0D0E0F");
    auto value = must(terminal_.host_->encrypt_sensitive(plain));
    EXPECT_EQ(store(0xF0, 0, encode_tlv(0x45, value)), StatusWord::kOk);
    EXPECT_EQ(read("0045"), "4510" + to_hex(plain));
    EXPECT_EQ(store(0xF0, 0, "4502AAAA"), StatusWord::kWrongData) << "no whole blocks";
}

TEST_F(StoreDataTest, WhatTheCardKnowsByItselfIsNotStored) {
    for (const auto* object : {"D30180", "FF2100", "C2020001", "C103000001", "2F00", "9F7F00", "E000"}) {
        EXPECT_EQ(store(0x90, 0, object), StatusWord::kWrongData) << object;
    }
    create_personalized_domain();
    EXPECT_EQ(store(0x90, 0, "6702AAAA"), StatusWord::kWrongData) << "the card's";
    EXPECT_EQ(store(0x90, 0, "4F05F04F544999"), StatusWord::kWrongData);
    EXPECT_EQ(store(0x90, 0, "5F5003616263"), StatusWord::kOk);
    EXPECT_EQ(read("5F50"), "5F5003616263");
}

TEST_F(StoreDataTest, TheIssuersDomainTakesAnotherNameAndKeepsItsPlace) {
    load_hello();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(store(0x90, 0, "4202AAAA"), StatusWord::kOk);
    terminal_.plain("0070000001");
    auto before = se_.bytes_used();
    EXPECT_EQ(store(0x90, 0, "4F05F04F544900"), StatusWord::kWrongData) << "a domain has it";
    EXPECT_EQ(store(0x90, 0, "4F05F04F544901"), StatusWord::kWrongData) << "a load file has it";
    EXPECT_EQ(store(0x90, 0, "4F04F04F5449"), StatusWord::kWrongData) << "too short";
    ASSERT_EQ(store(0x90, 0, "4F08F04F544910203040"), StatusWord::kOk);
    EXPECT_EQ(se_.bytes_used(), before) << "nothing is left behind";
    EXPECT_THAT(list("80"), HasSubstr("4F08F04F544910203040")) << "the session stands";
    EXPECT_THAT(list("40"), HasSubstr("CC08F04F544910203040"));
    EXPECT_EQ(to_hex(terminal_.plain("81CA004200").data), "4202AAAA") << "on another channel too";
    EXPECT_EQ(terminal_.plain("00A4040008A000000151000000").sw, StatusWord::kNotFound);
    EXPECT_EQ(terminal_.open("F04F544910203040", keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(*terminal_.update->sequence_counter, 2U) << "the counter goes on";
    se_.reset();
    EXPECT_EQ(terminal_.authenticate(keys_of(kTestKey)), StatusWord::kOk) << "selected after a reset";
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kOk) << "it still owns its content";
}

TEST_F(StoreDataTest, ThePersonalizationOfAnApplicationEndsWithTheLastBlock) {
    ASSERT_EQ(announce("F04F544913"), StatusWord::kOk);
    ASSERT_EQ(load_blocks(load_file("tests/secured.cap")), StatusWord::kOk);
    ASSERT_EQ(terminal_.sw("80E60C001A 05F04F544913 06F04F54491301 06F04F54491301 0100 02C900 00"),
              StatusWord::kOk);
    ASSERT_EQ(terminal_.sw("80E620000C 00 00 06F04F54491301 00 00 00"), StatusWord::kOk);
    EXPECT_EQ(store(0x10, 0, "0102"), StatusWord::kOk);
    EXPECT_EQ(store(0x10, 0x7F, "0A0B0C"), static_cast<StatusWord>(0x6984)) << "the applet refuses that one";
    EXPECT_EQ(store(0x90, 1, "0304"), StatusWord::kOk);
    EXPECT_EQ(store(0x90, 0, "4202AAAA"), StatusWord::kOk) << "for the domain";
}

TEST_F(StoreDataTest, GetDataTellsOfTheCardAndOfTheSession) {
    EXPECT_EQ(read("00D3"), "D301B3") << "authenticated, all of SCP03";
    EXPECT_EQ(read("00C2"), "C2020000");
    // FF21 { 81 instances, 82 free non-volatile memory, 83 free volatile memory }
    auto resources = read("FF21");
    EXPECT_EQ(resources.substr(0, 14), "FF211081020000");
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    auto after = read("FF21");
    EXPECT_EQ(after.substr(0, 14), "FF211081020001");
    EXPECT_LT(after.substr(14), resources.substr(14)) << "there is less memory";
    // SCP03 with all its options in S8, and all AES keys (tables H-6, H-7).
    EXPECT_THAT(read("0067"), HasSubstr("A00E8001038106001020306070820107"));
    EXPECT_THAT(read("0067"), HasSubstr("A00680011181011B"));
    EXPECT_EQ(to_hex(terminal_.send("80CA2F00025C00").data), "610A4F08A00000015100000061074F05F04F544900");
    EXPECT_EQ(to_hex(terminal_.send("00CB2F00025C00").data), "610A4F08A00000015100000061074F05F04F544900");
    EXPECT_EQ(terminal_.sw("80CA2F0000"), StatusWord::kWrongData) << "without tag list";
    EXPECT_EQ(to_hex(terminal_.send("00CA004200").data), "F04F5449") << "of an ISO class the value alone";
    EXPECT_EQ(terminal_.sw("80CB004200"), StatusWord::kInsNotSupported);
}

TEST(GetDataOfOldCards, HasNoCapabilityInformation) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2014");
    testing::Terminal terminal(se);
    EXPECT_EQ(terminal.plain("80CA006700").sw, StatusWord::kReferencedDataNotFound);
    EXPECT_THAT(to_hex(terminal.plain("80CA006600").data), HasSubstr("2A864886FC6B02020201"));
}

}  // namespace
}  // namespace oti::card
