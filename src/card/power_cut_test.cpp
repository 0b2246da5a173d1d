// SPDX-License-Identifier: Apache-2.0
// Power fails at every byte and at every write of every command that changes something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

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
using testing::Terminal;

constexpr std::string_view kIssuer = "A000000151000000", kDomain = "F04F544900",
                           kOwnKey = "000102030405060708090A0B0C0D0E0F";

/// All that a secure element keeps.
std::map<std::string, Bytes> state_of(const std::shared_ptr<MemoryMedium>& medium) {
    std::map<std::string, Bytes> state;
    auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium)));
    nvm.for_each("", [&](auto key, auto value) { state[std::string(key)] = to_bytes(value); });
    return state;
}

/// Bytes that repeat, so that two runs of a script are the same.
class FixedRandom final : public crypto::Random {
  public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

  private:
    std::uint8_t next_ = 0;
};

CommandApdu put_key_command(std::string_view dek, std::string_view key) {
    auto encrypted = from_hex(key);
    must(crypto::Aes::create(crypto::SecretBytes::copy_of(from_hex(dek))))
        .cbc_encrypt({}, encrypted, encrypted);
    ByteWriter data;
    data.u8(0x31);
    // The check value is that of `kOwnKey` (GPCS 2.3.1, B.6).
    for (int n = 0; n < 3; ++n) data.u8(0x88).u8(0x10).put(encrypted).lv(from_hex("C35280"));
    return {0x80, 0xD8, 0x00, 0x81, data.take(), 256};
}

/// The life of a secure element. Each step is commands of which the last one changes something durable; the
/// step answers whether the card confirmed it.
using Step = std::function<bool(Terminal&)>;

bool ok(const ResponseApdu& response) {
    return response.sw == StatusWord::kOk;
}

Step command(const std::string& hex) {
    return [hex](Terminal& terminal) { return ok(terminal.send(hex)); };
}

Step open_session(std::string_view aid, std::string_view key) {
    return [=](Terminal& terminal) { return terminal.open(aid, keys_of(key)) == StatusWord::kOk; };
}

std::vector<Step> life() {
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
    return steps;
}

/// The state before the first step and after each, and how many bytes and writes all of them took.
struct WholeLife {
    std::vector<std::map<std::string, Bytes>> states;
    std::uint64_t bytes = 0;
    std::uint64_t writes = 0;
};

WholeLife live_whole(const std::vector<Step>& steps) {
    WholeLife whole;
    FixedRandom random;
    auto medium = std::make_shared<MemoryMedium>();
    auto se = testing::make_se(random, "uicc-2024", medium);
    auto bytes = medium->bytes_written, writes = medium->writes;
    whole.states.push_back(state_of(medium));
    Terminal terminal(se);
    for (std::size_t n = 0; n < steps.size(); ++n) {
        EXPECT_TRUE(steps[n](terminal)) << "step " << n;
        whole.states.push_back(state_of(medium));
        EXPECT_NE(whole.states[n], whole.states[n + 1]) << "step " << n << " changes nothing";
    }
    whole.bytes = medium->bytes_written - bytes;
    whole.writes = medium->writes - writes;
    return whole;
}

/// Lives until power fails, and looks at what stands in the memory when it is back.
void live_until_cut(const std::vector<Step>& steps, const WholeLife& whole,
                    const std::function<void(MemoryMedium&)>& arm) {
    FixedRandom random;
    auto medium = std::make_shared<MemoryMedium>();
    auto se = testing::make_se(random, "uicc-2024", medium);
    arm(*medium);
    Terminal terminal(se);
    std::size_t done = 0;
    while (done < steps.size()) {
        bool confirmed = steps[done](terminal);
        if (!medium->powered) {
            EXPECT_FALSE(confirmed) << "a command was confirmed and is not durable";
            break;
        }
        ASSERT_TRUE(confirmed) << "step " << done;
        ++done;
    }
    ASSERT_LT(done, steps.size()) << "power did not fail";
    EXPECT_EQ(terminal.plain("80CA9F7F00").sw, StatusWord::kMemoryFailure)
        << "it is dead until it is reopened";
    se.reset();
    EXPECT_EQ(terminal.plain("00A4040000").sw, StatusWord::kMemoryFailure);

    auto again = testing::reopen(random, medium);
    auto found = state_of(medium);
    ASSERT_TRUE(found == whole.states[done] || found == whole.states[done + 1])
        << "step " << done << " was half done";
    // It works, and says of itself what it said before or would have said after.
    Terminal after(again);
    ASSERT_EQ(after.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(after.sw("80F28002024F00"), StatusWord::kOk);
    bool domain = found.contains("app/" + std::string(kDomain));
    bool card_locked = again.registry().card_state() == kCardLocked;
    auto otherwise = card_locked ? StatusWord::kFunctionNotSupported : StatusWord::kNotFound;
    EXPECT_EQ(after.plain("00A4040005F04F544900").sw, domain && !card_locked ? StatusWord::kOk : otherwise);
}

TEST(SecureElementPower, ACutAtAnyWriteLeavesTheStateBeforeOrAfterTheCommand) {
    auto steps = life();
    auto whole = live_whole(steps);
    ASSERT_EQ(whole.writes, steps.size()) << "one transaction a command";
    for (std::uint64_t cut = 0; cut < whole.writes; ++cut) {
        SCOPED_TRACE("write " + std::to_string(cut));
        live_until_cut(steps, whole, [&](MemoryMedium& medium) { medium.writes_until_cut = cut; });
        if (HasFatalFailure()) return;
    }
}

TEST(SecureElementPower, ACutAtAnyByteLeavesTheStateBeforeOrAfterTheCommand) {
    auto steps = life();
    auto whole = live_whole(steps);
    ASSERT_GT(whole.bytes, 1500U);
    for (std::uint64_t cut = 0; cut <= whole.bytes; ++cut) {
        SCOPED_TRACE("byte " + std::to_string(cut));
        live_until_cut(steps, whole, [&](MemoryMedium& medium) { medium.bytes_until_cut = cut; });
        if (HasFatalFailure()) return;
    }
}

TEST(SecureElementPower, ACutWhileItIsMadeLeavesNoneOrAWholeOne) {
    FixedRandom random;
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
}  // namespace oti::card
