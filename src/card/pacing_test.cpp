// SPDX-License-Identifier: Apache-2.0
// How long things take by the profiles: computed, nobody waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"

namespace oti::card {
namespace {

using testing::keys_of;
using testing::kTestKey;
using testing::must;

constexpr double kSeconds = 1e9;
/// The paper's applet: 9 KB of load file.
constexpr double kPaperLoadFile = 9216;

/// What a terminal beside the card needs: every command waits for the response before.
class Stopwatch {
  public:
    explicit Stopwatch(SecureElement& se) : se_(&se) {}

    ResponseApdu transmit(BytesView command) {
        Exchange exchange;
        auto response = must(ResponseApdu::parse(se_->process(command, exchange)));
        EXPECT_EQ(response.sw, StatusWord::kOk);
        last = se_->profile().pacing.time_of(exchange);
        total += last;
        last_exchange = exchange;
        return response;
    }

    std::chrono::nanoseconds total{};
    std::chrono::nanoseconds last{};
    Exchange last_exchange;

  private:
    SecureElement* se_;
};

CommandApdu install(std::uint8_t p1, Bytes data) {
    return {0x80, 0xE6, p1, 0x00, std::move(data), 256};
}

/// A whole installation of transit 1.0 under the issuer's domain, at level 33.
struct Installation {
    std::chrono::nanoseconds total{};
    std::vector<std::chrono::nanoseconds> loads;
    std::vector<Exchange> load_costs;
    std::size_t load_file_size = 0;
};

Installation install_transit(SecureElement& se) {
    Installation result;
    Stopwatch card(se);
    auto s16 = (se.profile().scp03_i & 0x01) != 0;
    Bytes challenge(s16 ? 16 : 8, 0xA5);
    auto update = card.transmit(scp::initialize_update(scp::KeyVersion(0), challenge).encode());
    auto host = must(scp::Scp03Host::open(keys_of(kTestKey), challenge,
                                          must(scp::InitializeUpdateResponse::parse(update.data)),
                                          scp::SecurityLevel::kFull));
    card.transmit(host.external_authenticate());
    auto send = [&](const CommandApdu& command) { card.transmit(must(host.wrap(command))); };

    ByteWriter for_load;
    for_load.lv(from_hex("F04F544902")).lv(from_hex("A000000151000000")).u8(0).u8(0).u8(0);
    send(install(0x02, for_load.take()));
    auto file = cap::load_file(
        must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/transit-1.0.cap")).load_file_data_block());
    result.load_file_size = file.size();
    auto size = host.max_data(se.profile().max_command_data);
    std::uint8_t number = 0;
    for (std::size_t at = 0; at < file.size(); at += size, ++number) {
        auto block = BytesView(file).subspan(at, std::min(size, file.size() - at));
        auto p1 = static_cast<std::uint8_t>(at + block.size() == file.size() ? 0x80 : 0x00);
        send({0x80, 0xE8, p1, number, to_bytes(block), 256});
        result.loads.push_back(card.last);
        result.load_costs.push_back(card.last_exchange);
    }
    ByteWriter for_install;
    for_install.lv(from_hex("F04F544902")).lv(from_hex("F04F54490201")).lv(from_hex("F04F54490201"));
    for_install.lv(from_hex("00")).lv(from_hex("C900")).u8(0);
    send(install(0x0C, for_install.take()));
    result.total = card.total;
    return result;
}

double seconds(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / kSeconds;
}

TEST(Pacing, TheOldUiccTakesAsLongAsInThePaper) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2014");
    auto measured = install_transit(se);
    EXPECT_EQ(measured.load_file_size, 9325U);
    EXPECT_EQ(measured.loads.size(), 40U);  // of 239 bytes
    auto scaled = seconds(measured.total) * kPaperLoadFile / static_cast<double>(measured.load_file_size);
    EXPECT_NEAR(scaled, 18.2, 18.2 * 0.02) << "without reading the registry";
    EXPECT_NEAR(seconds(measured.loads[1]), 0.45, 0.02) << "a LOAD";
}

TEST(Pacing, TheCardsOfTodayAreFarFaster) {
    crypto::SystemRandom random;
    auto uicc = testing::make_se(random, "uicc-2024");
    auto embedded = testing::make_se(random, "ese-2024");
    auto uicc_time = seconds(install_transit(uicc).total);
    auto embedded_time = seconds(install_transit(embedded).total);
    EXPECT_LT(uicc_time, 1.5);
    EXPECT_LT(embedded_time, 0.3);
    EXPECT_LT(embedded_time, uicc_time);
}

TEST(Pacing, EachLoadPaysForItsOwnFlash) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2014");
    auto measured = install_transit(se);
    std::uint64_t sum = 0;
    for (const auto& cost : measured.load_costs) {
        EXPECT_LE(cost.flash_bytes, 600U) << "the last block does not pay for those before it";
        EXPECT_GT(cost.flash_bytes, 0U);
        sum += cost.flash_bytes;
    }
    EXPECT_GE(sum, measured.load_file_size);
    EXPECT_LT(sum, measured.load_file_size + 500) << "and the entry in the registry, static fields";
    // Header, Lc, 239 bytes padded to blocks, MAC, Le.
    EXPECT_EQ(measured.load_costs[1].bytes_in, 4U + 1 + 240 + 8 + 1);
    EXPECT_GE(measured.load_costs[1].crypto_bytes, 248U);
}

TEST(Pacing, AddsUpItsParts) {
    Pacing pacing{.line_bytes_per_second = 1000,
                  .command_overhead = std::chrono::milliseconds(5),
                  .flash_bytes_per_second = 100,
                  .crypto_bytes_per_second = 2000};
    EXPECT_EQ(pacing.time_of({}), std::chrono::milliseconds(5));
    EXPECT_EQ(pacing.time_of({.bytes_in = 60, .bytes_out = 40}), std::chrono::milliseconds(105));
    EXPECT_EQ(pacing.time_of({.flash_bytes = 50}), std::chrono::milliseconds(505));
    EXPECT_EQ(pacing.time_of({.crypto_bytes = 20}), std::chrono::milliseconds(15));
}

}  // namespace
}  // namespace oti::card
