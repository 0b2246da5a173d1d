// SPDX-License-Identifier: Apache-2.0
// What goes over the line with T=0 and T=1 (ISO/IEC 7816-3, 12; ISO/IEC 7816-4, 5.3).
#include "card/transmission.h"

#include <gtest/gtest.h>

#include "card/testing.h"

namespace oti::card {
namespace {

constexpr std::string_view kShortFci = "6F108408A000000151000000A5049F6501FF",
                           kLongFci = "6F118408A000000151000000A5059F65020800";

struct Step {
    std::string sent, received;
};

void expect(std::string_view profile, const std::vector<Step>& steps) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, profile);
    Transmission card(se);
    for (const auto& [sent, received] : steps) {
        Exchange exchange;
        auto response = card.process(from_hex(sent), exchange);
        EXPECT_EQ(to_hex(response), received) << sent;
        EXPECT_EQ(exchange.bytes_in, from_hex(sent).size());
        EXPECT_EQ(exchange.bytes_out, response.size());
    }
}

std::string cplc() {
    auto identity = Personalization::identity_for("89001012012341234012345678901224");
    return "9F7F2A" + to_hex(identity.cplc);
}

TEST(TransmissionT0, AnnouncesTheResponseToACommandWithData) {
    std::string fci(kShortFci);
    expect("uicc-2024", {{"00A4040005A000000151", "6112"},
                         {"00C0000012", fci + "9000"},
                         {"00C0000012", "6985"},              // given already
                         {"00A4040005A00000015100", "6112"},  // a Le after the data means nothing
                         {"00C0000000", "6C12"},
                         {"00C0000005", fci.substr(0, 10) + "610D"},
                         {"00C000000E", "6C0D"},
                         {"00C000000D", fci.substr(10) + "9000"},
                         {"00A4040000", "6112"},  // no data, but a command that may have some
                         {"00C0000012", fci + "9000"},
                         {"00A4040C05A000000151", "9000"}});
}

TEST(TransmissionT0, WantsTheLengthThatThereIsOfACommandWithoutData) {
    expect("uicc-2024", {{"80CA9F7F00", "6C2D"},
                         {"80CA9F7F2D", cplc() + "9000"},
                         {"80CA9F7F2D", cplc() + "9000"},
                         {"80CA9F7F10", "6C2D"},
                         {"80CA9F7F", "6C2D"},
                         {"80CA123400", "6A88"}});
}

TEST(TransmissionT0, RunsACommandOnceThatIsSentAgainForItsLength) {
    expect("uicc-2024", {{"0070000000", "6C01"},
                         {"0070000001", "019000"},
                         {"0070000001", "029000"},
                         {"0070000000", "6C01"},  // channel 3 is open,
                         {"80CA9F7F2D", cplc() + "9000"},
                         {"0070000001", "049000"}});  // and its number was not asked for
}

TEST(TransmissionT0, ForgetsAResponseThatIsNotAskedFor) {
    expect("uicc-2024", {{"00C0000000", "6985"},
                         {"00A4040005A000000151", "6112"},
                         {"01C0000012", "6985"},  // of another channel
                         {"00C0010012", "6A86"},
                         {"00C000000112", "6700"},
                         {"00C0000012", std::string(kShortFci) + "9000"},
                         {"00A4040005A000000151", "6112"},
                         {"80CA123400", "6A88"},
                         {"00C0000012", "6985"}});
}

TEST(TransmissionT0, KnowsShortCommandsOnly) {
    expect("uicc-2024", {{"", "6700"},
                         {"00A404", "6700"},
                         {"00A4040005A0000001", "6700"},
                         {"00A4040005A0000001510000", "6700"},
                         {"00A404000000", "6700"},
                         {"80CA9F7F000000", "6700"},
                         {"00A4040000000005A000000151", "6700"},
                         {"FF10116477", "6E00"},
                         {"80CA9F7F2D", cplc() + "9000"}});
}

TEST(TransmissionT1, GivesTheResponseWithTheCommand) {
    std::string fci(kLongFci);
    expect("ese-2024", {{"00A4040000", fci + "9000"},
                        {"00A4040005A00000015100", fci + "9000"},
                        {"00A4040005A000000151", fci + "9000"},
                        {"00C0000000", "6985"},
                        {"80CA9F7F00", cplc() + "9000"},
                        {"0070000001", "019000"},
                        {"00708001", "9000"}});
}

TEST(TransmissionT1, GivesNoMoreThanIsAskedFor) {
    std::string fci(kLongFci);
    expect("ese-2024", {{"00A4040005A00000015105", fci.substr(0, 10) + "610E"},
                        {"00C0000004", fci.substr(10, 8) + "610A"},
                        {"00C0000000", fci.substr(18) + "9000"},
                        {"00C0000000", "6985"},
                        {"80CA9F7F01", "9F612C"},
                        {"01C0000000", "6985"},
                        {"00C000002C", cplc().substr(2) + "9000"}});
}

TEST(TransmissionT1, TakesExtendedLengthWhereTheProfileHasIt) {
    std::string fci(kLongFci);
    expect("ese-2024", {{"00A4040000000005A000000151", "6700"},  // no form that there is
                        {"00A40400000005A0000001510000", fci + "9000"},
                        {"00A40400000005A000000151", fci + "9000"},
                        {"80CA9F7F000000", cplc() + "9000"},
                        {"80CA9F7F000005", cplc().substr(0, 10) + "6128"},
                        {"80E28000000801" + to_hex(Bytes(0x801, 0x55)), "6700"},  // more than 2,048 bytes
                        {"80E28000000800" + to_hex(Bytes(0x800, 0x55)), "6982"}});
}

TEST(Transmission, ResetForgetsEverything) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2024");
    Transmission card(se);
    Exchange exchange;
    EXPECT_EQ(to_hex(card.process(from_hex("0070000001"), exchange)), "019000");
    EXPECT_EQ(to_hex(card.process(from_hex("00A4040005A000000151"), exchange)), "6112");
    card.reset();
    EXPECT_EQ(to_hex(card.process(from_hex("00C0000012"), exchange)), "6985");
    EXPECT_EQ(to_hex(card.process(from_hex("81CA9F7F2D"), exchange)), "6881");
}

}  // namespace
}  // namespace oti::card
