// SPDX-License-Identifier: Apache-2.0
// Applets that run: what they are given of the card, what they keep, and what becomes of those that break a
// rule.
#include "card/applets.h"

#include <gmock/gmock.h>

#include "card/content_fixture.h"
#include "card/transmission.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using testing::keys_of;

constexpr std::string_view kSecured = "F04F54491301", kTransit = "F04F54490201";

class AppletsTest : public ContentFixture {
  protected:
    void SetUp() override { create_personalized_domain(); }
    StatusWord make(std::string_view package, std::string_view module, const std::string& cap,
                    std::string_view parameters = "C900") {
        auto loaded = load_cap(package, cap);
        if (loaded != StatusWord::kOk) return loaded;
        return sw(install(0x0C, {package, module, module, "00"}, parameters));
    }
    std::string plain(std::string_view hex) { return to_hex(terminal_.plain(hex).encode()); }
    /// Why the last command was refused.
    std::string diagnosis(const CommandApdu& command) {
        Exchange exchange;
        (void)se_.process(command.encode(), exchange);
        return exchange.diagnosis;
    }
};

TEST_F(AppletsTest, TalkThroughTheChannelOfTheirDomain) {
    ASSERT_EQ(make("F04F544913", kSecured, "tests/secured.cap"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kSecured, keys_of(kOwnKey)), StatusWord::kOk);
    auto answer = terminal_.send("8020000003 AABBCC");
    EXPECT_EQ(answer.sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(answer.data), "AABBCC");
    // Application specific states have b1 to b3 set, and not b8 (table 11-4).
    EXPECT_EQ(sw("8030170001 00"), StatusWord::kOk);
    EXPECT_EQ(application(kSecured)->life_cycle, 0x17);
    open_domain(kDomain);
    ASSERT_EQ(terminal_.open(kSecured, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(plain("8420000008 0102030405060708"), "6982") << "a MAC of nobody's";
    EXPECT_EQ(plain("8020000001 01"), "6982") << "and the session is gone";
}

TEST_F(AppletsTest, GetTheGetResponseThatNothingIsHeldFor) {
    ASSERT_EQ(make("F04F544913", kSecured, "tests/secured.cap"), StatusWord::kOk);
    Transmission line(se_);
    auto answer = [&](std::string_view command) {
        Exchange exchange;
        return to_hex(line.process(from_hex(command), exchange));
    };
    EXPECT_EQ(answer("00C0000000"), "6985") << "a domain's";
    ASSERT_EQ(answer("00A4040006F04F54491301"), "9000");
    EXPECT_EQ(answer("00C0000000"), "6982") << "this applet wants a session first";
}

TEST_F(AppletsTest, KeepWhatTheirDomainStoresInThem) {
    ASSERT_EQ(make("F04F544913", kSecured, "tests/secured.cap"), StatusWord::kOk);
    ASSERT_EQ(sw(install(0x20, {"", "", kSecured, ""})), StatusWord::kOk);
    ASSERT_EQ(sw("80E2800003 0A0B0C"), StatusWord::kOk);
    se_ = testing::reopen(random_, medium_);
    ASSERT_EQ(terminal_.plain("00A4040006F04F54491301").sw, StatusWord::kOk);
    EXPECT_EQ(plain("8010000000"), "0A0B0C9000");
}

TEST_F(AppletsTest, TransitTellsItsVersionAndGivesNewChallenges) {
    ASSERT_EQ(make("F04F544902", kTransit, "transit-1.1.cap"), StatusWord::kOk);
    EXPECT_EQ(plain("00A4040006F04F54490201"), "6F198406F04F54490201420F4F5449207472616E73697420312E319000");
    auto first = plain("0084000000"), second = plain("0084000000");
    EXPECT_EQ(first.size(), 2 * (8U + 2U));
    EXPECT_NE(first, second);
    EXPECT_EQ(plain("8050000000"), "00009000") << "an empty purse";
}

TEST_F(AppletsTest, AreNotMadeWhereTheirObjectsDoNotFit) {
    ASSERT_EQ(load_cap("F04F544902", "transit-1.1.cap"), StatusWord::kOk);
    auto before = se_.bytes_used();
    // A quota of 1000 bytes of non-volatile memory, then of 16 of volatile memory.
    for (const auto* quota : {"C900 EF04 C80203E8", "C900 EF04 C7020010"}) {
        EXPECT_EQ(sw(install(0x0C, {"F04F544902", kTransit, kTransit, "00"}, quota)), StatusWord::kNoSpace);
        EXPECT_FALSE(exists(kTransit));
        EXPECT_EQ(se_.bytes_used(), before);
    }
    EXPECT_EQ(sw(install(0x0C, {"F04F544902", kTransit, kTransit, "00"}, "C900 EF08 C8023000 C7020400")),
              StatusWord::kOk);
}

TEST_F(AppletsTest, AreGivenNoMoreParametersThanTheirMethodTakes) {
    ASSERT_EQ(load_cap(kHello, "hello.cap"), StatusWord::kOk);
    auto with = [&](std::size_t size) {
        return sw(install_hello(0x0C, "00", to_hex(encode_tlv(0xC9, Bytes(size)))));
    };
    EXPECT_EQ(with(246), StatusWord::kWrongData);
    EXPECT_EQ(with(245), StatusWord::kOk);
}

TEST_F(AppletsTest, SayWhyTheyWereStopped) {
    ASSERT_EQ(load_cap("F04F544902", "transit-1.1.cap"), StatusWord::kOk);
    // Parameters of transit are TLVs; the first byte promises more than there is.
    auto command = install(0x0C, {"F04F544902", kTransit, kTransit, "00"}, "C901 80");
    auto wrapped = testing::must(CommandApdu::parse(testing::must(terminal_.host_->wrap(command))));
    EXPECT_THAT(diagnosis(wrapped), HasSubstr(std::string(kTransit)));
}

// JCRE specification 3.0.5, 4.3; the answers of the applets are those of cref (channels.txt).
TEST_F(AppletsTest, AreOutOfReachWhileTheyAreActiveOnAnotherChannel) {
    ASSERT_EQ(load_cap("F04F54491F", "tests/support.cap"), StatusWord::kOk);
    ASSERT_EQ(load_cap("F04F54492A", "tests/shelf.cap"), StatusWord::kOk);
    ASSERT_EQ(make("F04F544927", "F04F54492701", "tests/server.cap"), StatusWord::kOk);
    ASSERT_EQ(make("F04F544928", "F04F54492801", "tests/client.cap"), StatusWord::kOk);
    constexpr auto kCall = "80A1000506F04F5449270100";
    ASSERT_EQ(plain("00A4040006F04F54492801"), "9000");
    EXPECT_EQ(plain(kCall), "01059000");
    ASSERT_EQ(plain("0070000001"), "019000");
    EXPECT_EQ(plain("01A4040006F04F54492801"), "6985") << "it is selected already";
    ASSERT_EQ(plain("01A4040006F04F54492701"), "9000");
    EXPECT_EQ(plain(kCall), "EE0700009000") << "SecurityException";
    EXPECT_EQ(plain("00A4040006F04F54492701"), "6985");
    ASSERT_EQ(plain("00A4040006F04F54492801"), "9000") << "what was selected still can be";
    ASSERT_EQ(plain("00708001"), "9000");
    EXPECT_EQ(plain(kCall), "010A9000") << "in reach again";
}

TEST_F(AppletsTest, WhatACommandWroteIsThereAsAWholeAfterACut) {
    ASSERT_EQ(make(kHello, kHelloModule, "hello.cap"), StatusWord::kOk);
    for (std::uint64_t bytes : {0, 1, 20, 60, 100, 1000}) {
        ASSERT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
        auto before = plain("8020000000");
        medium_->bytes_until_cut = bytes;
        auto cut = plain("8010000000");
        se_ = testing::reopen(random_, medium_);
        ASSERT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
        auto after = plain("8020000000");
        if (cut == "6581") {
            EXPECT_TRUE(after == before || after > before) << bytes;
        } else {
            EXPECT_EQ(after, cut);
        }
    }
}

}  // namespace
}  // namespace oti::card
