// SPDX-License-Identifier: Apache-2.0
// Which packets the card takes, and when it answers (TS 102 225, 5.1.1 and 5.1.4).
#include "card/toolkit_fixture.h"

namespace oti::card {
namespace {

constexpr std::string_view kRead = "80CA004200", kDone = "0:0190004204F04F5449";

class ToolkitSecurityTest : public ToolkitTest {
  protected:
    std::string run_with(std::string_view spi, std::uint64_t counter) {
        counter_ = counter - 1;
        return run(host(kCompact, spi), kRead);
    }
    std::uint64_t counted() { return se_.keys().packet_counter(Aid::constant(kIssuer), kVersion); }
};

TEST_F(ToolkitSecurityTest, ACounterOneHigherIsExactlyThat) {
    EXPECT_EQ(run_with("1E19", 2), "3:") << "the card's is 0";
    EXPECT_EQ(run_with("1E19", 1), kDone);
    EXPECT_EQ(run_with("1E19", 1), "2:");
    EXPECT_EQ(run_with("1E19", 3), "3:");
    EXPECT_EQ(counted(), 1U) << "what is refused does not count";
    EXPECT_EQ(run_with("1E19", 2), kDone);
    // Both ways of counting count the same counter.
    EXPECT_EQ(run_with("1619", 10), kDone);
    EXPECT_EQ(run_with("1E19", 11), kDone);
    EXPECT_EQ(run_with("1E19", 13), "3:");
    EXPECT_EQ(run_with("1619", 13), kDone);
}

TEST_F(ToolkitSecurityTest, AtItsGreatestValueTheCounterIsBlocked) {
    EXPECT_EQ(run_with("1619", scp::kScp80MaxCounter - 1), kDone);
    EXPECT_EQ(run_with("1E19", scp::kScp80MaxCounter), kDone) << "that value itself can be used";
    for (auto spi : {"1619", "1E19"}) {
        EXPECT_EQ(run_with(spi, scp::kScp80MaxCounter), "4:");
        EXPECT_EQ(run_with(spi, 5), "4:");
    }
    se_ = testing::reopen(random_, medium_);
    EXPECT_EQ(run_with("1619", 5), "4:");
    EXPECT_EQ(counted(), scp::kScp80MaxCounter);
}

TEST_F(ToolkitSecurityTest, AnAnswerOnErrorsOnly) {
    // Of success nothing; the phone reports that the message has arrived.
    auto sender = host(kCompact, "161A");
    auto packet = testing::must(sender.command(7, from_hex(kRead)));
    auto silent = deliver(packet);
    EXPECT_EQ(to_hex(silent.encode()), "9000");
    EXPECT_EQ(counted(), 7U) << "it was done";
    // Of an error what the sender asked for, since it is known who he is.
    auto refused = deliver(packet);
    EXPECT_EQ(refused.sw, StatusWord{0x6200});
    auto proof = testing::must(sender.response(7, BytesView(refused.data).subspan(3)));
    EXPECT_EQ(proof.status, scp::ResponseStatus::kCounterLow);
    EXPECT_TRUE(proof.authenticated);
    // That a command was refused is no error of the packet.
    EXPECT_EQ(to_hex(deliver(testing::must(sender.command(8, from_hex("80E40000024F00")))).encode()), "9000");
    // The same by short message.
    auto by_submit = host(kCompact, "163A");
    EXPECT_EQ(deliver(testing::must(by_submit.command(9, from_hex(kRead)))).sw, StatusWord::kOk);
    EXPECT_EQ(static_cast<unsigned>(deliver(testing::must(by_submit.command(9, from_hex(kRead)))).sw) >> 8,
              0x91U);
}

TEST_F(ToolkitSecurityTest, ARedundancyCheckIsNoSecurity) {
    // Whoever it comes from: remote management of applications wants a checksum (TS 102 226, 8.0).
    EXPECT_EQ(run(host(kCompact, "1101"), kRead), "10:");
    EXPECT_EQ(run(host(kCompact, "1105"), kRead), "10:");
    EXPECT_EQ(counted(), 0U);
}

}  // namespace
}  // namespace oti::card
