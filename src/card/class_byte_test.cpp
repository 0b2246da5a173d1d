// SPDX-License-Identifier: Apache-2.0
#include "card/class_byte.h"

#include <gtest/gtest.h>

namespace oti::card {
namespace {

struct Row {
    std::uint8_t cla, channel;
    bool proprietary, secured, chained;
    std::uint8_t on_basic_channel;
};

// By GPCS 2.3.1, tables 11-11 and 11-12, and JCRE specification 3.0.5, tables 4-2 and 4-3.
constexpr Row kRows[] = {
    {0x00, 0, false, false, false, 0x00},  {0x03, 3, false, false, false, 0x00},
    {0x04, 0, false, true, false, 0x04},   {0x0C, 0, false, true, false, 0x0C},
    {0x12, 2, false, false, true, 0x10},   {0x40, 4, false, false, false, 0x00},
    {0x4F, 19, false, false, false, 0x00}, {0x60, 4, false, true, false, 0x04},
    {0x5A, 14, false, false, true, 0x10},  {0x80, 0, true, false, false, 0x80},
    {0x85, 1, true, true, false, 0x84},    {0x97, 3, true, true, true, 0x94},
    {0xA0, 0, true, false, false, 0xA0},   {0xC1, 5, true, false, false, 0x80},
    {0xEF, 19, true, true, false, 0x84},   {0xFE, 18, true, true, true, 0x94},
};

TEST(ClassByte, SaysChannelSecurityAndChaining) {
    for (const auto& row : kRows) {
        SCOPED_TRACE(static_cast<int>(row.cla));
        auto cla = ClassByte::parse(row.cla);
        ASSERT_TRUE(cla);
        EXPECT_EQ(cla->channel, row.channel);
        EXPECT_EQ(cla->proprietary, row.proprietary);
        EXPECT_EQ(cla->secured, row.secured);
        EXPECT_EQ(cla->chained, row.chained);
        EXPECT_EQ(on_basic_channel(row.cla), row.on_basic_channel);
    }
}

TEST(ClassByte, IsNothingWhereTheStandardReservesIt) {
    for (unsigned cla = 0; cla <= 0xFF; ++cla) {
        bool reserved = (cla >= 0x20 && cla <= 0x3F) || cla == 0xFF;
        EXPECT_EQ(ClassByte::parse(static_cast<std::uint8_t>(cla)).has_value(), !reserved) << cla;
    }
}

TEST(ClassByte, OfADomainHasNoOtherProprietaryForms) {
    EXPECT_TRUE(is_for_domain(0x84));
    EXPECT_TRUE(is_for_domain(0xE0));
    EXPECT_FALSE(is_for_domain(0xA0));
    EXPECT_FALSE(is_for_domain(0xB4));
}

}  // namespace
}  // namespace oti::card
