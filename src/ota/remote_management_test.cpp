// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_management.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "ota/remote_conversation.h"
#include "ota/sms_carrier.h"

namespace oti::ota {
namespace {

using iso7816::CommandApdu;
using iso7816::StatusWord;

RemoteCommand command(std::string_view hex, bool wants_data = false) {
    return {CommandApdu::parse(from_hex(hex)).value(), wants_data};
}

std::string texts(ScriptFormat format, const std::vector<RemoteCommand>& commands, std::size_t size) {
    auto scripts = make_scripts(format, commands, size);
    if (!scripts) return scripts.error().code;
    std::string all;
    for (const auto& script : *scripts) all += (all.empty() ? "" : " ") + to_hex(script.data);
    return all;
}

TEST(RemoteManagement, WritesCompactScripts) {
    std::vector commands{command("80E40000064F04F0010203"), command("80F24000024F0000", true),
                         command("80CA004200")};
    // A command whose data are wanted is the last of its script.
    EXPECT_EQ(texts(ScriptFormat::kCompact, commands, 100),
              "80E40000064F04F001020380F24000024F0000C0000000 80CA004200");
    EXPECT_EQ(texts(ScriptFormat::kCompact, commands, 15),
              "80E40000064F04F0010203 80F24000024F0000C0000000 80CA004200");
    EXPECT_EQ(texts(ScriptFormat::kCompact, commands, 10), "ota.command_size");
    EXPECT_EQ(texts(ScriptFormat::kCompact, {}, 10), "ota.script");
}

TEST(RemoteManagement, WritesExpandedScripts) {
    std::vector commands{command("80E40000064F04F001020300"), command("80F24000024F0000", true)};
    EXPECT_EQ(texts(ScriptFormat::kExpanded, commands, 100),
              "AA17220B80E40000064F04F0010203220880F24000024F0000");
    EXPECT_EQ(texts(ScriptFormat::kExpanded, commands, 20),
              "AA0D220B80E40000064F04F0010203 AA0A220880F24000024F0000");
}

// pySim's test of decoding, and what follows from table 5.10.
TEST(RemoteManagement, ReadsAnswers) {
    auto compact = read_answer(ScriptFormat::kCompact, from_hex("016132"));
    ASSERT_TRUE(compact);
    EXPECT_EQ(compact->executed, 1U);
    EXPECT_EQ(compact->last.sw, StatusWord::kOk);
    auto refused = read_answer(ScriptFormat::kCompact, from_hex("036A88"));
    EXPECT_EQ(refused->last.sw, StatusWord::kReferencedDataNotFound);
    EXPECT_FALSE(read_answer(ScriptFormat::kCompact, from_hex("0161")));

    auto good = read_answer(ScriptFormat::kExpanded, from_hex("AB0C 800102 2303 019000 2302 6A88"));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->all.size(), 2U);
    EXPECT_EQ(good->last.sw, StatusWord::kReferencedDataNotFound);
    auto open = read_answer(ScriptFormat::kExpanded, from_hex("AF80 2302 9000 0000"));
    ASSERT_TRUE(open);
    EXPECT_EQ(open->executed, 1U);
    EXPECT_EQ(read_answer(ScriptFormat::kExpanded, from_hex("AB06800101900101")).error().code,
              "ota.bad_format");
    for (std::string_view bad :
         {"", "AB", "AB05800101", "AB03800101", "AF802302900000", "AC00", "AB02230090"})
        EXPECT_FALSE(read_answer(ScriptFormat::kExpanded, from_hex(bad))) << bad;
}

class Conversation : public ::testing::Test {
  protected:
    RemoteConversation begin(std::vector<RemoteCommand> commands) {
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
        auto spi =
            scp::Spi::parse(0x12, 0x01).value();  // an answer without security, which is written by hand
        auto host = scp::Scp80Host::create(keys, 1, spi, {}).value();
        return RemoteConversation::create(std::move(host), ScriptFormat::kCompact, commands, 5, 60).value();
    }
    static Bytes proof(std::uint8_t counter, std::string_view status, std::string_view data) {
        auto content =
            concat(from_hex("0A00000000000000"), Bytes{counter, 0}, from_hex(status), from_hex(data));
        return concat(Bytes{0, static_cast<std::uint8_t>(content.size())}, content);
    }
    std::vector<RemoteCommand> two_{command("80E2800014" + std::string(40, '0')),
                                    command("80E2800114" + std::string(40, '1'))};
};

TEST_F(Conversation, GoesOnFromPacketToPacket) {
    auto conversation = begin(two_);
    ASSERT_TRUE(*conversation.next());
    EXPECT_TRUE(conversation.answer(proof(5, "00", "019000")));
    EXPECT_EQ(conversation.done(), 1U);
    EXPECT_EQ(conversation.counter(), 6U);
    ASSERT_TRUE(*conversation.next());
    auto outcome = conversation.answer(proof(6, "00", "016A80"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().sw, 0x6A80);
    EXPECT_EQ(conversation.done(), 1U);
    EXPECT_FALSE(*conversation.next());
}

TEST_F(Conversation, SendsAgainWithTheSameCounterAndKnowsWhatItDoesNotKnow) {
    auto conversation = begin(two_);
    auto first = conversation.next();
    EXPECT_TRUE(conversation.no_answer());
    EXPECT_EQ(*conversation.next(), *first);
    EXPECT_EQ(conversation.answer(proof(5, "02", "")).error().code, "ota.outcome_unknown");

    auto silent = begin(two_);
    for (int n = 0; n < 2; ++n) {
        (void)silent.next();
        EXPECT_TRUE(silent.no_answer());
    }
    (void)silent.next();
    EXPECT_EQ(silent.no_answer().error().code, "ota.no_answer");
    EXPECT_FALSE(*silent.next());
}

// TS 102 225, table 5: the response packet follows when the card has done it.
TEST_F(Conversation, WaitsForACardThatNeedsMoreTime) {
    auto conversation = begin(two_);
    auto first = *conversation.next();
    EXPECT_TRUE(conversation.awaits_answer());
    for (int n = 0; n < 3; ++n) {
        EXPECT_TRUE(conversation.answer(proof(5, "08", "")));
        EXPECT_TRUE(conversation.awaits_answer());
        EXPECT_EQ(conversation.done(), 0U);
        EXPECT_EQ(conversation.counter(), 5U);
    }
    EXPECT_TRUE(conversation.answer(proof(5, "00", "019000")));
    EXPECT_FALSE(conversation.awaits_answer());
    EXPECT_EQ(conversation.done(), 1U);

    // Nothing follows: the same packet goes out again, which the card has counted.
    auto lost = begin(two_);
    EXPECT_EQ(*lost.next(), first);
    EXPECT_TRUE(lost.answer(proof(5, "08", "")));
    EXPECT_TRUE(lost.no_answer());
    EXPECT_EQ(*lost.next(), first);
    EXPECT_EQ(lost.answer(proof(5, "02", "")).error().code, "ota.outcome_unknown");
    EXPECT_FALSE(lost.awaits_answer());
}

/// Gives these messages back, one after another, whatever is delivered.
class ScriptedBearer final : public SmsBearer {
  public:
    explicit ScriptedBearer(std::vector<Bytes> answers) : answers_(std::move(answers)) {}
    Status deliver(BytesView) override {
        ++delivered;
        return {};
    }
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds) override {
        if (next_ == answers_.size()) return std::nullopt;
        return answers_[next_++];
    }
    unsigned delivered = 0;

  private:
    std::vector<Bytes> answers_;
    std::size_t next_ = 0;
};

TEST_F(Conversation, SendsNothingAgainWhileTheCardWorks) {
    auto conversation = begin({two_.front()});
    ScriptedBearer bearer({concat(from_hex("027100"), proof(5, "08", "")),
                           concat(from_hex("027100"), proof(5, "08", "")),
                           concat(from_hex("027100"), proof(5, "00", "019000"))});
    auto carried = carry(conversation, bearer);
    EXPECT_TRUE(carried) << carried.error().message;
    EXPECT_EQ(bearer.delivered, 1U);
    EXPECT_EQ(conversation.done(), 1U);
}

TEST_F(Conversation, NamesEachRefusal) {
    for (auto [status, code] : {std::pair{"02", "ota.counter_low"},
                                {"03", "ota.counter_high"},
                                {"04", "ota.counter_blocked"},
                                {"01", "ota.refused"},
                                {"07", "ota.refused"},
                                {"09", "ota.refused"}}) {
        auto conversation = begin(two_);
        (void)conversation.next();
        EXPECT_EQ(conversation.answer(proof(5, status, "")).error().code, code);
    }
}

}  // namespace
}  // namespace oti::ota
