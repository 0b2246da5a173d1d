// SPDX-License-Identifier: Apache-2.0
#include "card/command_chain.h"

#include <gtest/gtest.h>

#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using testing::must;

CommandApdu command(std::string_view hex) {
    return must(CommandApdu::parse(from_hex(hex)));
}

/// What comes of commands, one after another: "" for a part that was taken, the hex of a command, or the
/// status word that refuses.
std::string taken(CommandChain& chain, std::string_view hex) {
    auto whole = chain.take(command(hex));
    if (!whole) return to_hex(ResponseApdu{{}, whole.error()}.encode());
    return *whole ? to_hex((*whole)->encode()) : "";
}

struct Step {
    const char* sent;
    const char* taken;
};

void expect(std::initializer_list<Step> steps) {
    CommandChain chain;
    for (const auto& step : steps) EXPECT_EQ(taken(chain, step.sent), step.taken) << step.sent;
}

TEST(CommandChain, LetsWholeCommandsPass) {
    expect({{"80CA9F7F00", "80CA9F7F00"}, {"80E28001021122", "80E28001021122"}, {"00700000", "00700000"}});
}

TEST(CommandChain, JoinsPartsByTheClassByteOfAnyCommand) {
    expect({{"902A0001021122", ""}, {"902A00010133", ""}, {"802A0001014400", "802A0001041122334400"}});
}

TEST(CommandChain, JoinsPartsByP1WhereGlobalPlatformSaysSo) {
    expect({{"84E68C00021122", ""}, {"84E60C00013300", "84E60C000311223300"}});
    expect({{"84D880810111", ""}, {"84D800810122", "84D80081021122"}});
    expect({{"84E480400111", ""}, {"84E400400122", "84E40040021122"}});
    expect({{"84E28000021122", "84E28000021122"}, {"84E88001021122", "84E88001021122"}});
}

TEST(CommandChain, ForgetsPartsWhenSomethingElseComes) {
    for (const auto* other : {"802A00020144", "802B00010144", "812A00010144", "802A01010144", "80CA9F7F00"}) {
        expect({{"902A0001021122", ""}, {other, "6883"}, {"802A00010133", "802A00010133"}});
    }
    for (const auto* other : {"84E60C010144", "84E40C000144", "80E60C000144", "84E604000144", "80CA9F7F00"}) {
        expect({{"84E68C00021122", ""}, {other, "6985"}, {"84E60C000133", "84E60C000133"}});
    }
    expect({{"902A0001021122", ""}, {"902A0002021122", "6883"}, {"802A00020133", "802A00020133"}});
}

TEST(CommandChain, HasALargestCommand) {
    auto last_of = [](const CommandApdu& part, const CommandApdu& last, std::size_t size) {
        CommandChain chain;
        auto one = part;
        one.data = Bytes(128, 0x55);
        for (std::size_t sent = 0; sent + 128 < size; sent += 128) EXPECT_TRUE(chain.take(one));
        auto end = last;
        end.data = Bytes((size - 1) % 128 + 1, 0x66);
        return chain.take(end);
    };
    struct {
        const char *part, *last;
        StatusWord refusal;
    } forms[] = {{"902A0001", "802A0001", StatusWord::kWrongLength},
                 {"84E68C00", "84E60C00", StatusWord::kIncorrectP1P2}};
    for (const auto& form : forms) {
        auto largest = last_of(command(form.part), command(form.last), CommandChain::kMaxSize);
        ASSERT_TRUE(largest && *largest);
        EXPECT_EQ((*largest)->data.size(), CommandChain::kMaxSize);
        auto larger = last_of(command(form.part), command(form.last), CommandChain::kMaxSize + 1);
        ASSERT_FALSE(larger);
        EXPECT_EQ(larger.error(), form.refusal);
    }
}

class LongCommandTest : public SecureElementTest {
  protected:
    /// Wraps the command as a whole, cuts what comes of it, and sends the pieces (GPCS 11.1.5.1).
    ResponseApdu send_in_parts(const CommandApdu& plain, std::size_t part, bool by_class = false) {
        auto wrapped = must(CommandApdu::parse(must(terminal_.host_->wrap(plain))));
        auto first = wrapped;
        if (by_class) {
            first.cla |= 0x10;
        } else {
            first.p1 |= 0x80;
        }
        first.ne = 0;
        BytesView rest = wrapped.data;
        for (; rest.size() > part; rest = rest.subspan(part)) {
            first.data = to_bytes(rest.first(part));
            EXPECT_EQ(to_hex(terminal_.plain(first.encode()).encode()), "9000") << "and no R-MAC";
        }
        wrapped.data = to_bytes(rest);
        wrapped.ne = 256;
        return must(terminal_.host_->unwrap(terminal_.plain(wrapped.encode()).encode()));
    }
    static CommandApdu install_domain() {
        ByteWriter data;
        data.lv(from_hex("A0000001515350")).lv(from_hex("A000000151535041")).lv(from_hex(kDomain));
        data.lv(from_hex("80C000")).lv(encode_tlv(0xC9, from_hex("81020370"))).u8(0);
        return {0x80, 0xE6, 0x0C, 0x00, data.take(), 256};
    }
};

TEST_F(LongCommandTest, ComesInPartsUnderOneMac) {
    open_issuer();
    EXPECT_EQ(send_in_parts(install_domain(), 20).sw, StatusWord::kOk);
    EXPECT_TRUE(se_.registry().contains(Aid::constant(kDomain)));

    // Over 255 bytes: the load parameters hold what the card does not know and skips.
    ByteWriter load;
    load.lv(from_hex("F04F544901")).u8(0).u8(0);
    load.put(from_hex("820110")).put(encode_tlv(0xC7, Bytes(0x10C, 0x55))).u8(0);
    EXPECT_EQ(send_in_parts({0x80, 0xE6, 0x02, 0x00, load.take(), 256}, 255).sw, StatusWord::kOk);
    EXPECT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
}

TEST_F(LongCommandTest, ComesInPartsByTheClassByteToo) {
    open_issuer();
    EXPECT_EQ(send_in_parts(install_domain(), 20, true).sw, StatusWord::kOk);
    EXPECT_TRUE(se_.registry().contains(Aid::constant(kDomain)));
    auto listed = send_in_parts(command("80F28002024F00"), 7, true);
    EXPECT_EQ(listed.sw, StatusWord::kOk);
    EXPECT_FALSE(listed.data.empty());
}

TEST_F(LongCommandTest, ThatIsInterruptedChangesNothing) {
    open_issuer();
    EXPECT_EQ(terminal_.plain("84E68C000411223344").sw, StatusWord::kOk) << "a first part";
    EXPECT_EQ(terminal_.plain("80CA9F7F00").sw, StatusWord::kConditionsNotSatisfied);
    EXPECT_NE(list("80"), "") << "the session stands, and what came first is forgotten";
    EXPECT_EQ(terminal_.plain("84E68C000411223344").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040000").sw, StatusWord::kOk) << "SELECT is the OPEN's, and begins anew";
    EXPECT_EQ(terminal_.plain("80CA9F7F00").sw, StatusWord::kOk);
}

TEST_F(LongCommandTest, OnOneChannelIsNotInterruptedByAnother) {
    open_issuer();
    ASSERT_EQ(terminal_.plain("0070000001").sw, StatusWord::kOk);
    auto wrapped = must(CommandApdu::parse(must(terminal_.host_->wrap(install_domain()))));
    auto part = wrapped;
    part.cla |= 0x10;
    part.data.resize(10);
    EXPECT_EQ(terminal_.plain(part.encode()).sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("81CA9F7F00").sw, StatusWord::kOk);
    wrapped.data.erase(wrapped.data.begin(), wrapped.data.begin() + 10);
    EXPECT_EQ(terminal_.plain(wrapped.encode()).sw, StatusWord::kOk);
}

TEST_F(LongCommandTest, IsNeverSelectOrManageChannel) {
    EXPECT_EQ(terminal_.plain("10A4040005A000000151").sw, StatusWord::kChainingNotSupported);
    EXPECT_EQ(terminal_.plain("1070000001").sw, StatusWord::kChainingNotSupported);
    EXPECT_EQ(terminal_.plain("80CA9F7F00").sw, StatusWord::kOk);
}

}  // namespace
}  // namespace oti::card
