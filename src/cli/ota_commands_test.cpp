// SPDX-License-Identifier: Apache-2.0
#include "cli/card_testing.h"

namespace oti::cli {
namespace {

using testing::HasSubstr;

class OtaCommandsTest : public CardCommandsTest {
  protected:
    void SetUp() override {
        CardCommandsTest::SetUp();
        std::filesystem::remove(se());
        auto made = run_program({"se", "new", se(), "--profile", "uicc-2024", "--id", "card-1", "--ota-kic",
                                 kKic, "--ota-kid", kKid, "--ota-dek", kKid});
        ASSERT_EQ(made.status, 0) << made.text;
    }
    Outcome send(std::vector<std::string> words, const std::string& kid = kKid) const {
        words.insert(words.begin(), {"ota", "send"});
        words.insert(words.end(),
                     {"--se", se(), "--kic", kKic, "--kid", kid, "--counter-file", counter_file()});
        return run_program(std::move(words));
    }
    std::string counter_file() const { return folder_ / "counter"; }
    std::string counter() const { return read_text(counter_file()).value_or("none"); }

    inline static const std::string kKic = "200102030405060708090A0B0C0D0E0F",
                                    kKid = "201102030405060708090A0B0C0D0E0F";
};

TEST_F(OtaCommandsTest, InstallsAndCountsItsPackets) {
    auto data = send({"80CA004200"});
    EXPECT_EQ(data.status, 0) << data.text;
    EXPECT_THAT(data.text, HasSubstr("4204"));
    EXPECT_EQ(counter(), "1\n");
    auto installed = send({"--install", cap("transit-1.0")});
    EXPECT_EQ(installed.status, 0) << installed.text;
    EXPECT_THAT(say({"list"}).text, HasSubstr("applet   " + std::string(kTransit)));
    EXPECT_EQ(send({"--expanded", "--tar", "B20100", "80CA004200"}).status, 0);
}

TEST_F(OtaCommandsTest, SaysWhyACardTakesAPacketNot) {
    ASSERT_EQ(send({"80CA004200"}).status, 0);
    ASSERT_TRUE(write_text(counter_file(), "0\n", kSecretFile));
    auto low = send({"80CA004200"});
    EXPECT_EQ(low.status, 4);
    EXPECT_THAT(low.text, HasSubstr("ota.counter_low"));
    auto stranger = send({"80CA004200"}, "00112233445566778899AABBCCDDEEFF");
    EXPECT_EQ(stranger.status, 3);
    EXPECT_THAT(stranger.text, HasSubstr("KIc and KID"));
    auto refused = send({"80E40000054F03A0A0A0"});
    EXPECT_EQ(refused.status, 4);
    EXPECT_THAT(refused.text, HasSubstr("6A80"));
    ASSERT_TRUE(write_text(counter_file(), "many", kSecretFile));
    EXPECT_EQ(send({"80CA004200"}).status, 2);
}

// PUT KEY of a pre-shared key and its DEK, then a session over TCP, all in this process.
TEST_F(OtaCommandsTest, AdministersACardThatCalls) {
    const std::string psk = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
    auto administer = [&](std::vector<std::string> words, const std::string& key) {
        words.insert(words.begin(), {"ota", "administer"});
        words.insert(words.end(), {"--se", se(), "--kic", kKic, "--kid", kKid, "--counter-file",
                                   counter_file(), "--psk", key});
        return run_program(std::move(words));
    };
    EXPECT_THAT(administer({"80CA004200"}, psk).text, HasSubstr("has the pre-shared key"));
    auto put = say({"put-key", "--single", psk, "--type", "psk", "--new-key-version", "40"});
    ASSERT_EQ(put.status, 0) << put.text;
    put = say({"put-key", "--single", kKic, "--new-key-version", "40", "--id", "2"});
    ASSERT_EQ(put.status, 0) << put.text;
    auto data = administer({"80CA004200"}, psk);
    EXPECT_EQ(data.status, 0) << data.text;
    EXPECT_THAT(data.text, HasSubstr("4204"));
    auto installed = administer({"--install", cap("transit-1.0")}, psk);
    EXPECT_EQ(installed.status, 0) << installed.text;
    EXPECT_THAT(say({"list"}).text, HasSubstr("applet   " + std::string(kTransit)));
    auto stranger = administer({"80CA004200"}, "FFA1A2A3A4A5A6A7A8A9AAABACADAEAF");
    EXPECT_EQ(stranger.status, 3) << stranger.text;
    EXPECT_THAT(stranger.text, HasSubstr("tls.failed"));
}

}  // namespace
}  // namespace oti::cli
