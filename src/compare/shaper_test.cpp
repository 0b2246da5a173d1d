// SPDX-License-Identifier: Apache-2.0
// The shaper without any I/O: packets and times in, packets and times out.
#include "compare/shaper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/hex.h"

namespace oti::compare {
namespace {

using namespace std::chrono_literals;
using Side = Shaper::Side;

constexpr std::uint8_t kSyn = 0x02, kAck = 0x10;
constexpr std::uint32_t kPhone = 0xC6120002, kServer = 0xC6120001;

/// From the phone's port 40000 to the server's 443, or back. Checksums are not looked at on the way.
Bytes segment(Side from, std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgement,
              std::size_t data = 0) {
    bool up = from == Side::kPhone;
    ByteWriter packet;
    packet.u8(0x45).u8(0).u16(static_cast<unsigned>(40 + data)).u32(0x4000).u8(64).u8(6).u16(0);
    packet.u32(up ? kPhone : kServer).u32(up ? kServer : kPhone);
    packet.u16(up ? 40000 : 443).u16(up ? 443 : 40000).u32(sequence).u32(acknowledgement);
    packet.u8(0x50).u8(flags).u16(0xFFFF).u16(0).u16(0);
    packet.put(Bytes(data, 0x5A));
    return packet.take();
}

/// 100 ms of round trip, 100 kB/s down, 10 kB/s up.
Network network() {
    return {.name = "test",
            .round_trip = 0.1,
            .down_bytes_per_second = 100'000,
            .up_bytes_per_second = 10'000,
            .tail = 5};
}

TEST(TcpSegment, IsReadFromAPacket) {
    auto read = TcpSegment::parse(segment(Side::kPhone, kSyn, 7, 0, 3)).value();
    EXPECT_EQ(read.source, kPhone);
    EXPECT_EQ(read.destination_port, 443);
    EXPECT_EQ(read.sequence, 7U);
    EXPECT_EQ(read.length, 4U) << "SYN counts";
    EXPECT_TRUE(read.synchronize && !read.acknowledge && !read.reset);
}

TEST(TcpSegment, IsNothingElse) {
    auto good = segment(Side::kPhone, kAck, 1, 1, 8);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(TcpSegment::parse(BytesView(good).first(size))) << size;
    }
    struct Change {
        std::size_t at;
        std::uint8_t value;
    };
    for (auto [at, value] : {Change{0, 0x65}, Change{0, 0x44}, Change{6, 0x20}, Change{7, 1}, Change{9, 17},
                             Change{32, 0x40}, Change{32, 0xF0}}) {
        auto bad = good;
        bad[at] = value;
        EXPECT_FALSE(TcpSegment::parse(bad)) << at << " " << int{value};
    }
}

// Sequence number and flags are those of RFC 9293, 3.10.7.1; the checksums were summed by hand (RFC 1071):
//   4500 + 0028 + 0000 + 4000 + 4006 + C612 + 0001 + C612 + 0002 = 25155 -> 5157, inverted AEA8
//   C612 + 0001 + C612 + 0002 + 0006 + 0014 + 01BB + 9C40 + 0102 + 0304 + 5004 = 27E46 -> 7E48, inverted 81B7
TEST(TcpSegment, IsResetWithTheNumberThatItsSenderWaitsFor) {
    auto to_phone = reset_for(TcpSegment::parse(segment(Side::kPhone, kAck, 5, 0x01020304)).value());
    EXPECT_EQ(to_hex(to_phone),
              "45000028000040004006AEA8C6120001C6120002"
              "01BB9C40010203040000000050040000"
              "81B70000");
    auto refused = TcpSegment::parse(reset_for(TcpSegment::parse(segment(Side::kPhone, kSyn, 9, 0)).value()));
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->reset && refused->acknowledge);
    EXPECT_EQ(refused->acknowledgement, 10U);
}

class ShaperTest : public testing::Test {
  protected:
    explicit ShaperTest(Network the_network = network()) : shaper_(the_network, 1, "test") {
        shaper_.send(0s, Side::kPhone, segment(Side::kPhone, kSyn, 0, 0));
        EXPECT_EQ(shaper_.arrivals(1s).size(), 1U);
    }
    /// What arrives next, and when.
    std::pair<Time, std::vector<Shaper::Arrival>> await() {
        while (auto next = shaper_.next()) {
            auto arrivals = shaper_.arrivals(*next);
            if (!arrivals.empty()) return {*next, std::move(arrivals)};
        }
        return {};
    }
    Shaper shaper_;
};

TEST_F(ShaperTest, DelaysByBandwidthAndWay) {
    auto packet = segment(Side::kPhone, kAck, 1, 1, 960);  // 1000 octets
    shaper_.send(2s, Side::kPhone, packet);
    shaper_.send(2s, Side::kPhone, packet);
    shaper_.send(2s, Side::kServers, segment(Side::kServers, kAck, 1, 1, 960));
    EXPECT_TRUE(shaper_.arrivals(2s + 59ms).empty());
    auto [down_at, down] = await();
    EXPECT_EQ(down_at, 2s + 60ms) << "10 ms at 100 kB/s, 50 ms on the way";
    EXPECT_EQ(down.at(0).at, Side::kPhone);
    auto [up_at, up] = await();
    EXPECT_EQ(up_at, 2s + 150ms);
    EXPECT_EQ(up.at(0).at, Side::kServers);
    EXPECT_EQ(up.at(0).packet, packet);
    EXPECT_EQ(await().first, 2s + 250ms) << "one after another";
    EXPECT_FALSE(shaper_.next());
}

TEST_F(ShaperTest, CarriesNothingButTcp) {
    auto other = segment(Side::kPhone, kAck, 1, 1);
    other[9] = 1;  // ICMP
    shaper_.send(2s, Side::kPhone, other);
    shaper_.send(2s, Side::kPhone, from_hex("6000000000083AFF"));
    EXPECT_FALSE(shaper_.next());
}

TEST_F(ShaperTest, ResetsWhoGoesOnWithWhatNobodyBegan) {
    auto packet = segment(Side::kServers, kAck, 1, 1);
    packet[22] ^= 1U;  // the phone's port
    shaper_.send(2s, Side::kServers, packet);
    auto arrivals = shaper_.arrivals(2s);
    ASSERT_EQ(arrivals.size(), 1U);
    EXPECT_EQ(arrivals[0].at, Side::kServers);
    EXPECT_TRUE(TcpSegment::parse(arrivals[0].packet)->reset);
}

TEST_F(ShaperTest, IsNotCutUnlessAskedTo) {
    EXPECT_FALSE(shaper_.next());
    shaper_.let_cut(2s, true);
    EXPECT_FALSE(shaper_.next()) << "and not where the network is not declared so";
}

struct LossyTest : ShaperTest {
    static Network lossy() {
        auto with_loss = network();
        with_loss.loss = 0.2;
        with_loss.jitter = 0.02;
        return with_loss;
    }
    LossyTest() : ShaperTest(lossy()) {}
};

TEST_F(LossyTest, LosesItsShareAndKeepsTheOrder) {
    for (std::uint32_t n = 0; n < 2000; ++n) {
        shaper_.send(2s + n * 10ms, Side::kServers, segment(Side::kServers, kAck, n, 1));
    }
    auto arrivals = shaper_.arrivals(1h);
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 1600, 60);  // more than three deviations
    std::uint32_t before = 0;
    for (const auto& arrival : arrivals) {
        auto number = TcpSegment::parse(arrival.packet)->sequence;
        EXPECT_GE(number, before);
        before = number;
    }
}

struct CutTest : ShaperTest {
    static Network with_cuts() {
        auto cut = network();
        cut.cut_every = 10;
        cut.outage = 1;
        return cut;
    }
    CutTest() : ShaperTest(with_cuts()) {}
};

TEST_F(CutTest, ResetsBothEndsOfWhatWasOpen) {
    shaper_.send(2s, Side::kServers, segment(Side::kServers, kAck | kSyn, 100, 1));
    shaper_.send(2s, Side::kPhone, segment(Side::kPhone, kAck, 1, 101));
    EXPECT_EQ(shaper_.arrivals(3s).size(), 2U);
    shaper_.let_cut(3s, true);
    auto [at, resets] = await();
    ASSERT_EQ(resets.size(), 2U);
    auto to_phone = TcpSegment::parse(resets[0].packet).value(),
         to_server = TcpSegment::parse(resets[1].packet).value();
    EXPECT_EQ(resets[0].at, Side::kPhone);
    EXPECT_TRUE(to_phone.reset && to_server.reset);
    EXPECT_EQ(to_phone.sequence, 101U);
    EXPECT_EQ(to_server.sequence, 1U);

    // Away: refused at once. Back: opened again; what was open before is not known any more.
    shaper_.send(at, Side::kPhone, segment(Side::kPhone, kSyn, 500, 0));
    EXPECT_TRUE(TcpSegment::parse(shaper_.arrivals(at).at(0).packet)->reset);
    auto back = shaper_.next().value();
    EXPECT_TRUE(shaper_.arrivals(back).empty());
    shaper_.send(back, Side::kServers, segment(Side::kServers, kAck, 101, 1));
    auto answered = shaper_.arrivals(back);
    ASSERT_EQ(answered.size(), 1U);
    EXPECT_EQ(answered[0].at, Side::kServers);
    shaper_.send(back, Side::kPhone, segment(Side::kPhone, kSyn, 500, 0));
    auto [arrived_at, arrived] = await();
    ASSERT_EQ(arrived.size(), 1U);
    EXPECT_EQ(arrived[0].at, Side::kServers);
    EXPECT_LT(arrived_at - back, 60ms);
    shaper_.let_cut(arrived_at, false);
    EXPECT_TRUE(await().second.empty()) << "no cut any more";
}

TEST_F(CutTest, LosesWhatIsOnItsWay) {
    shaper_.let_cut(1s, true);
    auto at = shaper_.next().value();
    shaper_.send(at - 10ms, Side::kPhone, segment(Side::kPhone, kAck, 1, 1));
    auto [when, arrivals] = await();
    EXPECT_EQ(when, at);
    ASSERT_EQ(arrivals.size(), 1U) << "a reset for the phone; the server never said a word";
    EXPECT_EQ(arrivals[0].at, Side::kPhone);
    auto back = shaper_.next().value();
    EXPECT_TRUE(shaper_.arrivals(std::max(back, at + 1s)).empty());
}

}  // namespace
}  // namespace oti::compare
