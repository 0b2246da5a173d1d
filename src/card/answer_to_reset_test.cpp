// SPDX-License-Identifier: Apache-2.0
#include "card/answer_to_reset.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/hex.h"

namespace oti::card {
namespace {

struct Row {
    const char *profile, *interface, *historical;
};

// By hand from ISO/IEC 7816-3, 8.2, and ISO/IEC 7816-4, 12.1.1: card service data C1; card capabilities with
// chaining 80, extended length 40, numbers of channels given by card 10 and terminal 08, and 3 or 7 (8 and
// more) channels beside the basic one.
constexpr Row kRows[] = {
    {"uicc-2014", "3B9B11 80 1FC7", "80 31C1 73C0019B 634F5449"},
    {"uicc-2024", "3B9B96 80 1FC7", "80 31C1 73C0019F 634F5449"},
    {"ese-2024", "3B9B18 81 31FE45", "80 31C1 73C001DF 634F5449"},
};

TEST(AnswerToReset, SaysWhatTheCardCanDo) {
    for (const auto& row : kRows) {
        auto atr = answer_to_reset(load_profile(row.profile).value().profile);
        auto check = std::accumulate(atr.begin() + 1, atr.end(), 0, std::bit_xor<>());
        EXPECT_EQ(check, 0) << row.profile << ": TCK";
        atr.pop_back();
        EXPECT_EQ(to_hex(atr), to_hex(concat(from_hex(row.interface), from_hex(row.historical))));
    }
}

}  // namespace
}  // namespace oti::card
