// SPDX-License-Identifier: Apache-2.0
// The transit applet as it is loaded, used through the commands that its README names.
#include "cli/transit_wallet.h"

#include <gtest/gtest.h>

#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"
#include "iso7816/card_channel.h"

namespace oti::cli {
namespace {

using card::testing::must;

/// A card on which a terminal of the issuer has installed a version of transit.
class WalletTest : public testing::Test, public iso7816::CardChannel {
  protected:
    Result<Bytes> transmit(BytesView command) override {
        card::Exchange exchange;
        return se_.process(command, exchange);
    }
    Status reset() override {
        se_.reset();
        return {};
    }
    void install(const std::string& cap_file) {
        card::testing::Terminal terminal(se_);
        ASSERT_EQ(terminal.open("A000000151000000", card::testing::keys_of(card::testing::kTestKey)),
                  iso7816::StatusWord::kOk);
        auto file = cap::load_file(
            must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/" + cap_file)).load_file_data_block());
        ASSERT_EQ(terminal.sw("80E602000A 05F04F544902 00 00 00 00"), iso7816::StatusWord::kOk);
        constexpr std::size_t kBlock = 200;
        for (std::size_t at = 0, number = 0; at < file.size(); at += kBlock, ++number) {
            auto block = BytesView(file).subspan(at, std::min(kBlock, file.size() - at));
            auto p1 = static_cast<std::uint8_t>(at + block.size() == file.size() ? 0x80 : 0);
            auto p2 = static_cast<std::uint8_t>(number);
            ASSERT_EQ(terminal.send({0x80, 0xE8, p1, p2, to_bytes(block), 256}).sw, iso7816::StatusWord::kOk);
        }
        ASSERT_EQ(terminal.sw("80E60C001A 05F04F544902 06F04F54490201 06F04F54490201 0100 02C900 00"),
                  iso7816::StatusWord::kOk);
    }
    void remove() {
        card::testing::Terminal terminal(se_);
        ASSERT_EQ(terminal.open("A000000151000000", card::testing::keys_of(card::testing::kTestKey)),
                  iso7816::StatusWord::kOk);
        ASSERT_EQ(terminal.sw("80E40080074F05F04F544902"), iso7816::StatusWord::kOk);
    }

    crypto::SystemRandom random_;
    std::shared_ptr<card::MemoryMedium> medium_ = std::make_shared<card::MemoryMedium>();
    card::SecureElement se_ = card::testing::make_se(random_, "uicc-2024", medium_);
    TransitWallet wallet_{random_};
};

TEST_F(WalletTest, IsPersonalizedFilledAndUsed) {
    install("transit-1.0.cap");
    EXPECT_EQ(must(wallet_.select(*this)), "OTI transit 1.0");
    EXPECT_FALSE(wallet_.debit(*this, 100)) << "not before it is personalized";
    ASSERT_TRUE(wallet_.personalize(*this));
    EXPECT_EQ(must(wallet_.balance(*this)), 0);
    ASSERT_TRUE(wallet_.credit(*this, 2000));
    ASSERT_TRUE(wallet_.debit(*this, 250));
    se_ = card::testing::reopen(random_, medium_);
    EXPECT_EQ(must(wallet_.balance(*this)), 1750) << "over a loss of power";
    EXPECT_EQ(wallet_.debit(*this, 1751).error().code, "card.9401") << "not enough money";
    EXPECT_EQ(must(wallet_.balance(*this)), 1750);
}

TEST_F(WalletTest, TakesCommandsFromWhoPersonalizedItAlone) {
    install("transit-1.1.cap");
    ASSERT_TRUE(wallet_.personalize(*this));
    TransitWallet stranger(random_);
    EXPECT_EQ(stranger.personalize(*this).error().code, "card.6985") << "its first keys are there";
    EXPECT_EQ(stranger.debit(*this, 1).error().code, "card.6982");
    ASSERT_TRUE(wallet_.credit(*this, 100));
}

TEST_F(WalletTest, LosesItsValueWithAnUpdate) {
    install("transit-1.0.cap");
    ASSERT_TRUE(wallet_.personalize(*this));
    ASSERT_TRUE(wallet_.credit(*this, 2000));
    remove();
    install("transit-1.1.cap");
    EXPECT_EQ(must(wallet_.select(*this)), "OTI transit 1.1");
    EXPECT_EQ(must(wallet_.balance(*this)), 0);
}

}  // namespace
}  // namespace oti::cli
