// SPDX-License-Identifier: Apache-2.0
// For tests: scripts of commands, and power that fails somewhere in them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/byte_writer.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"
#include "crypto/aes.h"

namespace oti::card::power {

using testing::keys_of;
using testing::kTestKey;
using testing::must;
using testing::Terminal;

inline constexpr std::string_view kIssuer = "A000000151000000", kDomain = "F04F544900",
                                  kOwnKey = "000102030405060708090A0B0C0D0E0F";

/// All that a secure element keeps.
inline std::map<std::string, Bytes> state_of(const std::shared_ptr<MemoryMedium>& medium) {
    std::map<std::string, Bytes> state;
    auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium)));
    nvm.for_each("", [&](auto key, auto value) { state[std::string(key)] = to_bytes(value); });
    return state;
}

inline CommandApdu put_key_command(std::string_view dek, std::string_view key) {
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

inline bool ok(const ResponseApdu& response) {
    return response.sw == StatusWord::kOk;
}

inline Step command(const std::string& hex) {
    return [hex](Terminal& terminal) { return ok(terminal.send(hex)); };
}

inline Step open_session(std::string_view aid, std::string_view key) {
    return [=](Terminal& terminal) { return terminal.open(aid, keys_of(key)) == StatusWord::kOk; };
}

using Medium = std::shared_ptr<MemoryMedium>;

/// What a card is given before the script begins, and the script.
struct Life {
    std::vector<Step> steps;
    std::function<void(const Medium&)> prepare = [](const Medium&) {};

    SecureElement begin(crypto::Random& random, const Medium& medium) const {
        testing::make_se(random, "uicc-2024", medium);
        prepare(medium);
        return testing::reopen(random, medium);
    }
};

/// The state before the first step and after each, and how many bytes and writes all of them took.
struct WholeLife {
    std::vector<std::map<std::string, Bytes>> states;
    std::uint64_t bytes = 0;
    std::uint64_t writes = 0;
};

inline WholeLife live_whole(const Life& life) {
    const auto& steps = life.steps;
    WholeLife whole;
    testing::CountingRandom random;
    auto medium = std::make_shared<MemoryMedium>();
    auto se = life.begin(random, medium);
    auto bytes = medium->bytes_written, writes = medium->writes;
    whole.states.push_back(state_of(medium));
    Terminal terminal(se);
    for (std::size_t n = 0; n < steps.size(); ++n) {
        EXPECT_TRUE(steps[n](terminal)) << "step " << n;
        whole.states.push_back(state_of(medium));
        EXPECT_TRUE(whole.states[n] != whole.states[n + 1]) << "step " << n << " changes nothing";
    }
    whole.bytes = medium->bytes_written - bytes;
    whole.writes = medium->writes - writes;
    return whole;
}

/// Lives until power fails, and looks at what stands in the memory when it is back.
inline void live_until_cut(const Life& life, const WholeLife& whole,
                           const std::function<void(MemoryMedium&)>& arm) {
    const auto& steps = life.steps;
    testing::CountingRandom random;
    auto medium = std::make_shared<MemoryMedium>();
    auto se = life.begin(random, medium);
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
    bool card_locked = again.registry().card_state() == kCardLocked;
    bool terminated = again.registry().card_state() == kCardTerminated;
    if (terminated) return;
    ASSERT_EQ(after.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(after.sw("80F28002024F00"), StatusWord::kOk);
    auto domain = again.registry().application(Aid::constant(kDomain));
    auto expected = card_locked                      ? StatusWord::kFunctionNotSupported
                    : domain && !domain->is_locked() ? StatusWord::kOk
                                                     : StatusWord::kNotFound;
    EXPECT_EQ(after.plain("00A4040005F04F544900").sw, expected);
}

/// All of it, and then again and again until power fails at the first write, the second, and so on.
inline void cut_at_every_write(const Life& life, const WholeLife& whole) {
    ASSERT_EQ(whole.writes, life.steps.size()) << "one transaction a command";
    for (std::uint64_t cut = 0; cut < whole.writes; ++cut) {
        SCOPED_TRACE("write " + std::to_string(cut));
        live_until_cut(life, whole, [&](MemoryMedium& medium) { medium.writes_until_cut = cut; });
        if (::testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace oti::card::power
