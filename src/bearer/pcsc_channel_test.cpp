// SPDX-License-Identifier: Apache-2.0
#include "bearer/pcsc_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/hex.h"

namespace oti::bearer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What was sent to a card, and what it will answer; nothing left: it was pulled out.
struct Conversation {
    std::vector<std::string> sent;
    std::deque<std::string> answers;
    bool t0 = false;
};

class FakeCard final : public PcscCard {
  public:
    explicit FakeCard(Conversation& conversation) : conversation_(&conversation) {}
    Result<Bytes> transmit(BytesView bytes) override {
        conversation_->sent.push_back(to_hex(bytes));
        if (conversation_->answers.empty())
            return fail(ErrorKind::kIo, "pcsc.card_removed", "gone", "put it back");
        auto answer = from_hex(conversation_->answers.front());
        conversation_->answers.pop_front();
        return answer;
    }
    Status reset() override {
        conversation_->sent.emplace_back("reset");
        return {};
    }
    bool speaks_t0() const override { return conversation_->t0; }
    Bytes atr() const override { return from_hex("3B00"); }

  private:
    Conversation* conversation_;
};

class FakePcsc final : public Pcsc {
  public:
    explicit FakePcsc(std::vector<PcscReader> readers) : readers_(std::move(readers)) {}
    Result<std::vector<PcscReader>> readers() override { return readers_; }
    Result<std::unique_ptr<PcscCard>> connect(const std::string& reader) override {
        connected = reader;
        return std::make_unique<FakeCard>(conversation);
    }

    Conversation conversation;
    std::string connected;

  private:
    std::vector<PcscReader> readers_;
};

std::string chosen(std::vector<PcscReader> readers, const std::string& name) {
    FakePcsc pcsc(std::move(readers));
    auto channel = PcscChannel::connect(pcsc, name);
    return channel ? pcsc.connected : channel.error().code;
}

TEST(PcscChannel, ChoosesTheOnlyReaderWithACard) {
    EXPECT_EQ(chosen({{"ACS 0"}, {"Omnikey 1", true}}, ""), "Omnikey 1");
    EXPECT_EQ(chosen({{"ACS 0", true}, {"Omnikey 1", true}}, ""), "pcsc.which_reader");
    EXPECT_EQ(chosen({{"ACS 0"}}, ""), "pcsc.no_card");
    EXPECT_EQ(chosen({}, ""), "pcsc.no_reader");
}

TEST(PcscChannel, ChoosesAReaderByAPartOfItsName) {
    EXPECT_EQ(chosen({{"ACS 0", true}, {"Omnikey 1", true}}, "omni"), "Omnikey 1");
    EXPECT_EQ(chosen({{"ACS 0", true}}, "omni"), "pcsc.no_reader");
    EXPECT_EQ(chosen({{"Twin 00"}, {"Twin 01", true}}, "twin"), "Twin 01") << "the slot that has a card";
    EXPECT_EQ(chosen({{"Twin 00", true}, {"Twin 01", true}}, "twin"), "pcsc.which_reader");
    EXPECT_EQ(chosen({{"Twin", true}, {"Twin 01", true}}, "Twin"), "Twin");
    EXPECT_EQ(chosen({{"Twin 00"}, {"Twin 01"}}, "twin"), "pcsc.no_card");
    FakePcsc pcsc({{"ACS 0"}, {"Omnikey 1", true}});
    auto none = PcscChannel::connect(pcsc, "gem");
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("Omnikey 1 (with a card)"));
}

class PcscExchange : public testing::Test {
  protected:
    std::string exchange(const std::string& command, std::deque<std::string> answers, bool t0) {
        pcsc_.conversation = {{}, std::move(answers), t0};
        auto channel = PcscChannel::connect(pcsc_, "").value();
        auto response = channel->transmit(from_hex(command));
        return response ? to_hex(*response) : response.error().code;
    }
    const std::vector<std::string>& sent() const { return pcsc_.conversation.sent; }

    FakePcsc pcsc_{{{"reader", true}}};
};

TEST_F(PcscExchange, T0AsksForTheResponseOfACommandWithData) {
    EXPECT_EQ(exchange("80F24002024F0000", {"6103", "E301009000"}, true), "E301009000");
    EXPECT_THAT(sent(), ElementsAre("80F24002024F00", "00C0000003"));
}

TEST_F(PcscExchange, T0RepeatsACommandWithTheRightLength) {
    EXPECT_EQ(exchange("80CA006600", {"6C05", "66030102039000"}, true), "66030102039000");
    EXPECT_THAT(sent(), ElementsAre("80CA006600", "80CA006605"));
}

TEST_F(PcscExchange, ALongResponseComesInPieces) {
    EXPECT_EQ(exchange("81CA006600", {"01026102", "03046101", "6C01", "059000"}, false), "01020304059000");
    EXPECT_THAT(sent(), ElementsAre("81CA006600", "01C0000002", "01C0000001", "01C0000001"));
}

TEST_F(PcscExchange, T1SendsTheCommandAsItIs) {
    EXPECT_EQ(exchange("80F24002024F0000", {"6A88"}, false), "6A88");
    EXPECT_THAT(sent(), ElementsAre("80F24002024F0000"));
}

TEST_F(PcscExchange, ACardThatNeverEndsIsStopped) {
    std::deque<std::string> answers(2000, "6101");
    EXPECT_EQ(exchange("80CA006600", std::move(answers), false), "card.endless");
}

TEST_F(PcscExchange, APulledCardIsAnErrorWithAHint) {
    EXPECT_EQ(exchange("80CA006600", {}, false), "pcsc.card_removed");
    EXPECT_EQ(exchange("80CA006600", {"6110"}, false), "pcsc.card_removed") << "in the middle of a response";
    EXPECT_EQ(exchange("80CA006600", {"90"}, false), "pcsc.no_answer");
}

TEST_F(PcscExchange, ExtendedLengthIsForT1) {
    pcsc_.conversation.t0 = true;
    EXPECT_EQ(PcscChannel::connect(pcsc_, "").value()->max_command_data(), 255U);
    pcsc_.conversation.t0 = false;
    EXPECT_EQ(PcscChannel::connect(pcsc_, "").value()->max_command_data(), 65535U);
}

TEST_F(PcscExchange, ResetGoesToTheCard) {
    auto channel = PcscChannel::connect(pcsc_, "").value();
    EXPECT_TRUE(channel->reset());
    EXPECT_THAT(sent(), ElementsAre("reset"));
    EXPECT_EQ(channel->reader(), "reader");
    EXPECT_EQ(to_hex(channel->atr()), "3B00");
}

}  // namespace
}  // namespace oti::bearer
