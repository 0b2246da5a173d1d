// SPDX-License-Identifier: Apache-2.0
#include "ota/trigger_conversation.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hex.h"
#include "ota/sms_exchange.h"

namespace oti::ota {
namespace {

class Trigger : public ::testing::Test {
  protected:
    static TriggerConversation begin() {
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
        // An answer without security, which is written by hand.
        auto spi = scp::Spi::parse(0x12, 0x01).value();
        return {scp::Scp80Host::create(keys, 1, spi, {}).value(), {.identity = "card"}, 5};
    }
    static Bytes proof(std::string_view status, std::string_view data = {}) {
        auto content =
            concat(from_hex("0A00000000000000"), from_hex("0500"), from_hex(status), from_hex(data));
        return concat(Bytes{0, static_cast<std::uint8_t>(content.size())}, content);
    }
    static std::string code(const Status& status) { return status ? "" : status.error().code; }
};

TEST_F(Trigger, IsOverWhenTheCardTakesIt) {
    auto trigger = begin();
    ASSERT_TRUE(*trigger.next());
    EXPECT_TRUE(trigger.awaits_answer());
    EXPECT_EQ(code(trigger.answer(proof("08"))), "") << "more time";
    EXPECT_TRUE(trigger.awaits_answer());
    EXPECT_EQ(code(trigger.answer(proof("00"))), "");
    EXPECT_FALSE(trigger.awaits_answer());
    EXPECT_FALSE(*trigger.next());
}

TEST_F(Trigger, SaysWhyTheCardWillNotCall) {
    auto trigger = begin();
    ASSERT_TRUE(*trigger.next());
    EXPECT_EQ(code(trigger.answer(proof("00", "016A80"))), "ota.refused");
    EXPECT_EQ(code(trigger.answer(proof("09"))), "ota.refused");
    EXPECT_EQ(code(trigger.answer(proof("02"))), "ota.counter_low") << "it was sent once";
}

TEST_F(Trigger, IsSentThreeTimesWithOneCounter) {
    auto trigger = begin();
    auto first = trigger.next();
    EXPECT_EQ(code(trigger.no_answer()), "");
    EXPECT_EQ(*trigger.next(), *first);
    EXPECT_EQ(trigger.counter(), 5U);
    auto another = begin();
    ASSERT_TRUE(*another.next());
    ASSERT_TRUE(*another.next());
    EXPECT_EQ(code(another.answer(proof("02"))), "") << "the first one had arrived";
    EXPECT_EQ(code(trigger.no_answer()), "");
    ASSERT_TRUE(*trigger.next());
    EXPECT_EQ(code(trigger.no_answer()), "ota.no_answer");
}

/// The card may have meant another packet, which came twice.
TEST_F(Trigger, IsSentAgainWhenARefusalIsNotSigned) {
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
    TriggerConversation trigger(scp::Scp80Host::create(keys, 1, {}, {}).value(), {.identity = "card"}, 5);
    auto refusal = from_hex("000B 0A 000000 0000000000 00 06");
    auto first = trigger.next();
    for (int n = 0; n < 2; ++n) {
        EXPECT_EQ(code(trigger.answer(refusal)), "");
        EXPECT_FALSE(trigger.awaits_answer());
        EXPECT_EQ(*trigger.next(), *first);
    }
    EXPECT_EQ(code(trigger.answer(refusal)), "");
    EXPECT_TRUE(trigger.awaits_answer()) << "often enough; its answer may be on its way";
    EXPECT_EQ(code(trigger.no_answer()), "ota.refused");
}

/// Parts that come late must not be taken for parts of the next packet, whoever sends it.
TEST_F(Trigger, IsInMessagesThatBelongTogether) {
    std::set<std::string> references;
    for (std::uint64_t counter = 1; counter <= 20; ++counter) {
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
        auto host = scp::Scp80Host::create(keys, 1, {}, {}).value();
        TriggerConversation trigger(std::move(host), {.identity = std::string(120, 'x')}, counter);
        SmsExchange exchange(trigger);
        auto first = exchange.next().value();
        ASSERT_EQ(first.size(), 2U);
        // UDHL, then 00 03, reference, parts, part (3GPP TS 23.040, 9.2.3.24.1).
        references.insert(to_hex(BytesView(first[1]).subspan(1, 3)));
        EXPECT_EQ(exchange.next().value(), first) << "sent again";
    }
    EXPECT_GT(references.size(), 10U) << "sessions begin anywhere";
}

}  // namespace
}  // namespace oti::ota
