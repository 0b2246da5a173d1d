// SPDX-License-Identifier: Apache-2.0
// Power fails at the write of each command that changes keys or data: the state is that before the command or
// that after it.
#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using testing::keys_of;
using testing::kTestKey;
using testing::must;
using testing::Terminal;

using State = std::map<std::string, Bytes>;
using Change = std::function<StatusWord(Terminal&)>;

State state_of(const std::shared_ptr<MemoryMedium>& medium) {
    State state;
    auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium)));
    nvm.for_each("", [&](auto key, auto value) { state[std::string(key)] = to_bytes(value); });
    return state;
}

/// PUT KEY of three equal keys.
Change put(std::uint8_t replaced, std::uint8_t version, std::string_view value = kOwnKey,
           std::string_view check_value = "C35280") {
    return [=](Terminal& terminal) {
        auto key = must(terminal.host_->encrypt_sensitive(from_hex(value)));
        auto field = concat(from_hex("8810"), key, from_hex("03"), from_hex(check_value));
        return terminal.send({0x80, 0xD8, replaced, 0x81, concat(Bytes{version}, field, field, field), 256})
            .sw;
    };
}

Change command(std::string hex) {
    return [hex = std::move(hex)](Terminal& terminal) { return terminal.sw(hex); };
}

/// One after another in one session with the issuer's domain.
std::vector<Change> changes() {
    std::vector<Change> all{put(0, 0x31),
                            put(0x31, 0x32),
                            put(0x32, 0x32, kTestKey, "504A77"),
                            command("80E4000006 D00103 D20132"),
                            command("80E4000003 D20132"),
                            command("80E2900008 4202AAAA 4502BBBB"),
                            command("80E288000B 0070 08 4202CCCC 4502DDDD"),
                            command("80E290000A 4F08F04F544910203040")};
    return all;
}

StatusWord open(Terminal& terminal, const State& state) {
    auto issuer = state.at("issuer");
    auto selected = terminal.plain(CommandApdu{0x00, 0xA4, 0x04, 0x00, issuer, 256}.encode());
    return selected.sw == StatusWord::kOk
               ? terminal.authenticate(keys_of(kTestKey), scp::SecurityLevel::kFull, 0x30)
               : selected.sw;
}

TEST(KeysAndDataUnderPowerCuts, EachCommandIsDoneOrNot) {
    auto all = changes();
    crypto::SystemRandom random;
    for (std::size_t cut_at = 0; cut_at < all.size(); ++cut_at) {
        SCOPED_TRACE("change " + std::to_string(cut_at));
        auto medium = std::make_shared<MemoryMedium>();
        auto se = testing::make_se(random, "uicc-2024", medium);
        Terminal terminal(se);
        ASSERT_EQ(open(terminal, state_of(medium)), StatusWord::kOk);
        for (std::size_t n = 0; n < cut_at; ++n) ASSERT_EQ(all[n](terminal), StatusWord::kOk) << n;
        auto before = state_of(medium);

        medium->writes_until_cut = 0;
        EXPECT_EQ(all[cut_at](terminal), StatusWord::kMemoryFailure);
        medium->restore_power();
        EXPECT_EQ(state_of(medium), before);
        auto again = testing::reopen(random, medium);
        Terminal after(again);
        ASSERT_EQ(open(after, before), StatusWord::kOk);
        auto writes = medium->writes;
        ASSERT_EQ(all[cut_at](after), StatusWord::kOk) << "it can be done now";
        EXPECT_EQ(medium->writes - writes, 1U) << "one transaction";
        EXPECT_NE(state_of(medium), before);
    }
}

}  // namespace
}  // namespace oti::card
