// SPDX-License-Identifier: Apache-2.0
#include "bearer/virtual_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "card/content_fixture.h"
#include "javacard/gp_applet.h"

namespace oti::bearer {
namespace {

using card::testing::must;

const Bytes kSelect = from_hex("00A4040000");

TEST(VirtualChannel, TakesTheTimeThatTheProfileSays) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random, "uicc-2014");
    VirtualClock clock;
    VirtualChannel channel(se, clock);
    auto begin = clock.now();
    auto response = must(channel.transmit(kSelect));
    card::Exchange cost{.bytes_in = kSelect.size(), .bytes_out = response.size()};
    EXPECT_EQ(clock.now() - begin, se.profile().pacing.time_of(cost));
    // 5 bytes there and 20 back at 800 bytes a second, and what every command costs.
    EXPECT_GT(clock.now() - begin, std::chrono::milliseconds(31));
}

TEST(VirtualChannel, AnswersAtOnceWithoutAClock) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random, "uicc-2014");
    VirtualChannel channel(se);
    EXPECT_EQ(to_hex(must(channel.transmit(kSelect))), "6F108408A000000151000000A5049F6501FF9000");
}

TEST(VirtualChannel, ResetClosesTheLogicalChannels) {
    crypto::SystemRandom random;
    auto se = card::testing::make_se(random);
    VirtualChannel channel(se);
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("0070000001")))), "019000");
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("01A4040000")))).substr(0, 2), "6F");
    EXPECT_TRUE(channel.reset());
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("01A4040000")))), "6881");
}

/// class Two extends Applet implements Application { void process(APDU apdu) {
///     if (selectingApplet()) return; byte[] buffer = apdu.getBuffer();
///     apdu.setOutgoingAndSend(0, 2);
///     if (buffer[1] != (byte) 0xC0) ISOException.throwIt(0x6102); }
///     void processData(byte[] in, short offset, short length) {} }
Bytes in_two_parts() {
    using javacard::GpApplet;
    auto process = GpApplet::method(
        "03 21",
        "aload_1 invokevirtual 4 astore_2 aload_2 sconst_1 baload bspush -92 if_scmpeq end "
        "aload_1 sconst_0 sconst_2 invokevirtual 5 aload_2 sconst_1 baload bspush -64 if_scmpeq end "
        "sspush 24834 invokestatic 3 end: return");
    return GpApplet::block(7, {process, GpApplet::method("01 40", "return")}, "8200 01 08");
}

class VirtualChannelTest : public card::ContentFixture {};

// What a reader does for an applet that has more to say than it could, by 61xx (ISO/IEC 7816-4, 5.3.4).
TEST_F(VirtualChannelTest, PutsTogetherWhatAnAppletGivesInParts) {
    open_issuer();
    ASSERT_EQ(announce("A00000000101"), card::StatusWord::kOk);
    ASSERT_EQ(load_blocks(cap::load_file(in_two_parts())), card::StatusWord::kOk);
    ASSERT_EQ(sw(install(0x0C, {"A00000000101", "A0000000010101", "A0000000010101", "00"}, "C900")),
              card::StatusWord::kOk);
    VirtualClock clock;
    VirtualChannel channel(se_, clock);
    ASSERT_EQ(to_hex(must(channel.transmit(from_hex("00A4040007A0000000010101")))), "9000");
    EXPECT_EQ(to_hex(must(channel.transmit(from_hex("8010000000")))), "801000C09000");
}

}  // namespace
}  // namespace oti::bearer
