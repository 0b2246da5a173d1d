// SPDX-License-Identifier: Apache-2.0
// Power fails at every byte and at every write of every command that changes something.
#include <gtest/gtest.h>

#include "card/power_cut_fixture.h"

namespace oti::card::power {
namespace {

Life life() {
    std::vector<Step> steps;
    steps.push_back(open_session(kIssuer, kTestKey));
    steps.push_back(
        command("80E60C0023 07A0000001515350 08A000000151535041 05F04F544900 0380C000 06C90481020370"
                "00"));
    steps.push_back(open_session(kDomain, kTestKey));
    steps.push_back([](Terminal& terminal) { return ok(terminal.send(put_key_command(kTestKey, kOwnKey))); });
    steps.push_back(open_session(kDomain, kOwnKey));
    auto file =
        cap::load_file(must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/hello.cap")).load_file_data_block());
    steps.push_back([file](Terminal& terminal) {
        if (!ok(terminal.send("80E602000A05F04F54490100000000"))) return false;
        if (!ok(terminal.send({0x80, 0xE8, 0x00, 0x00, to_bytes(BytesView(file).first(200)), 256})))
            return false;
        return ok(terminal.send({0x80, 0xE8, 0x80, 0x01, to_bytes(BytesView(file).subspan(200)), 256}));
    });
    steps.push_back(command("80E604001A 05F04F544901 06F04F54490101 06F04F54490101 0100 02C900 00"));
    steps.push_back(command("80E608000D 00 00 06F04F54490101 0100 00 00"));
    steps.push_back(command("80F0408006F04F54490101"));
    steps.push_back(command("80F0400006F04F54490101"));
    steps.push_back(command("80E40000084F06F04F54490101"));
    steps.push_back(command("80E40000074F05F04F544901"));
    steps.push_back(open_session(kIssuer, kTestKey));
    steps.push_back(command("80E2800006 4204DEADBEEF"));
    steps.push_back(command("80F0807F00"));
    steps.push_back(command("80F0800F00"));
    steps.push_back(command("80E40080074F05F04F544900"));
    return {steps};
}

TEST(SecureElementPower, ACutAtAnyWriteLeavesTheStateBeforeOrAfterTheCommand) {
    auto script = life();
    cut_at_every_write(script, live_whole(script));
}

TEST(SecureElementPower, ACutAtAnyByteLeavesTheStateBeforeOrAfterTheCommand) {
    auto script = life();
    auto whole = live_whole(script);
    ASSERT_GT(whole.bytes, 1500U);
    for (std::uint64_t cut = 0; cut <= whole.bytes; ++cut) {
        SCOPED_TRACE("byte " + std::to_string(cut));
        live_until_cut(script, whole, [&](MemoryMedium& medium) { medium.bytes_until_cut = cut; });
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(SecureElementPower, ACutWhileItIsMadeLeavesNoneOrAWholeOne) {
    testing::CountingRandom random;
    auto whole = std::make_shared<MemoryMedium>();
    testing::make_se(random, "uicc-2024", whole);
    for (std::uint64_t cut = 0; cut < whole->bytes_written; cut += 13) {
        auto medium = std::make_shared<MemoryMedium>();
        medium->bytes_until_cut = cut;
        EXPECT_THROW(testing::make_se(random, "uicc-2024", medium), std::runtime_error);
        medium->restore_power();
        EXPECT_EQ(SecureElement::open(std::make_unique<MemoryNvmFile>(medium), random).error().code,
                  "se.format");
        testing::make_se(random, "uicc-2024", medium);
        EXPECT_EQ(state_of(medium), state_of(whole));
    }
}

}  // namespace
}  // namespace oti::card::power
