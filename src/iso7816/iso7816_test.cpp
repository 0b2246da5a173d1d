// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"
#include "iso7816/expectation.h"

namespace oti::iso7816 {
namespace {

struct Form {
    const char* name;
    std::string hex;
    std::size_t data;
    std::uint32_t ne;
};

void PrintTo(const Form& form, std::ostream* out) {
    *out << form.name;
}

class CommandApduForms : public testing::TestWithParam<Form> {};

// The seven forms of ISO/IEC 7816-4:2013, table 5 (cases 1, 2S, 3S, 4S, 2E, 3E, 4E).
TEST_P(CommandApduForms, ReadsAndWritesTheSameBytes) {
    auto apdu = CommandApdu::parse(from_hex(GetParam().hex));
    ASSERT_TRUE(apdu);
    EXPECT_EQ(apdu->data.size(), GetParam().data);
    EXPECT_EQ(apdu->ne, GetParam().ne);
    EXPECT_EQ(to_hex(apdu->encode()), GetParam().hex);
}

std::string repeat(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

INSTANTIATE_TEST_SUITE_P(
    Table5, CommandApduForms,
    testing::Values(Form{"Case1", "00A40400", 0, 0}, Form{"Case2Short", "80CA006600", 0, 256},
                    Form{"Case3Short", "8082330002AABB", 2, 0}, Form{"Case4Short", "8050000002AABB10", 2, 16},
                    Form{"Case2Extended", "80CA0066000000", 0, 65536},
                    Form{"Case3Extended", "80E80000000100" + repeat("55", 256), 256, 0},
                    Form{"Case4Extended", "80E80000000100" + repeat("55", 256) + "0101", 256, 257}),
    [](const auto& instance) { return instance.param.name; });

TEST(CommandApdu, RefusesWhatIsNoForm) {
    for (const char* hex : {"", "00A404", "00A4040002AA", "00A4040001AABBCC", "00A40400000002AA",
                            "00A40400000000AA", "00A4040000000155AABBCC"}) {
        EXPECT_FALSE(CommandApdu::parse(from_hex(hex))) << hex;
    }
}

TEST(ResponseApdu, SplitsDataAndStatus) {
    auto apdu = ResponseApdu::parse(from_hex("AABB9000")).value();
    EXPECT_EQ(to_hex(apdu.data), "AABB");
    EXPECT_EQ(apdu.sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(apdu.encode()), "AABB9000");
    EXPECT_FALSE(ResponseApdu::parse(from_hex("90")));
}

TEST(StatusWords, MeanWhatTheInstructionMakesOfThem) {
    EXPECT_THAT(meaning(StatusWord::kWrongData, value(Ins::kLoad)), testing::HasSubstr("import"));
    EXPECT_EQ(meaning(StatusWord::kWrongData, value(Ins::kGetStatus)), "wrong data");
    EXPECT_EQ(card_error(StatusWord::kNoSpace, value(Ins::kLoad)).code, "card.no_space");
    EXPECT_EQ(card_error(StatusWord::kNoSpace, value(Ins::kLoad)).sw, 0x6A84);
}

TEST(Channels, AreReadFromBothClassForms) {
    EXPECT_EQ(channel_of(0x80), 0);
    EXPECT_EQ(channel_of(0x87), 3);
    EXPECT_EQ(channel_of(0xC1), 5);
    EXPECT_EQ(with_channel(0x84, 2), 0x86);
    EXPECT_EQ(with_channel(0x84, 4), 0xE0);
    EXPECT_EQ(with_channel(0x90, 19), 0xDF);
    EXPECT_EQ(with_channel(0xEF, 0), 0x84);
    EXPECT_EQ(with_channel(0x5F, 1), 0x11);
    EXPECT_EQ(with_channel(0x0C, 3), 0x0F) << "ISO secure messaging has two bits in the first form";
}

TEST(Expectation, IsMetByWhatItNames) {
    EXPECT_TRUE(Expectation::any().met_by(from_hex("6A82")));
    EXPECT_FALSE(Expectation::any().met_by(from_hex("90"))) << "no response at all";
    EXPECT_TRUE(Expectation::ok().met_by(from_hex("AA9000")));
    EXPECT_FALSE(Expectation::ok().met_by(from_hex("6310")));
    EXPECT_TRUE(Expectation::status({StatusWord::kOk, StatusWord::kMoreData}).met_by(from_hex("6310")));
    EXPECT_TRUE(Expectation::exactly(from_hex("AA9000")).met_by(from_hex("AA9000")));
    EXPECT_FALSE(Expectation::exactly(from_hex("AA9000")).met_by(from_hex("AB9000")));
}

TEST(Aid, HasFiveToSixteenBytes) {
    EXPECT_FALSE(Aid::parse("A0000001"));
    EXPECT_FALSE(Aid::parse("A000000151000000A000000151000000A0"));
    auto aid = Aid::parse("A000000151000000").value();
    EXPECT_EQ(aid.hex(), "A000000151000000");
    EXPECT_TRUE(aid.starts_with(from_hex("A000000151")));
    EXPECT_FALSE(aid.starts_with(from_hex("A000000152")));
    EXPECT_LT(Aid::constant("A000000151"), aid);
}

}  // namespace
}  // namespace oti::iso7816
