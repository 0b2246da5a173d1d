// SPDX-License-Identifier: Apache-2.0
// Logical channels and selection (GPCS 2.3.1, 6.3 and 6.4; JCRE specification 3.0.5, chapter 4).
#include "card/open_commands.h"

#include <gmock/gmock.h>

#include "card/secure_element_fixture.h"

namespace oti::card {
namespace {

using testing::keys_of;
using testing::kTestKey;
using testing::must;

constexpr std::string_view kHello = "F04F54490101";
constexpr auto kDomains = {"F04F5449A1", "F04F5449A2", "F04F5449A3"};

class OpenTest : public SecureElementTest {
  protected:
    /// The command, given as for the basic channel, on another one: what comes back, in hex.
    std::string on(std::uint8_t channel, std::string_view hex) { return on(channel, from_hex(hex)); }
    std::string on(std::uint8_t channel, Bytes command) {
        command[0] = iso7816::with_channel(command[0], channel);
        return to_hex(terminal_.plain(command).encode());
    }
    std::string select(std::string_view aid, std::uint8_t channel = 0, std::uint8_t p2 = 0x00) {
        auto response = from_hex(on(channel, CommandApdu{0x00, 0xA4, 0x04, p2, from_hex(aid), 256}.encode()));
        auto objects =
            response.size() < 4 ? std::string() : to_hex(BytesView(response).subspan(4, response[3]));
        auto sw = to_hex(BytesView(response).last(2));
        return objects.empty() ? sw : objects + " " + sw;
    }
    /// A session of its own on a channel; the host knows of no channels.
    scp::Scp03Host session_on(std::uint8_t channel) {
        Bytes challenge(8, channel);
        auto update = from_hex(on(channel, scp::initialize_update(scp::KeyVersion(0), challenge).encode()));
        update.resize(update.size() - 2);
        auto host = must(scp::Scp03Host::open(keys_of(kTestKey), challenge,
                                              must(scp::InitializeUpdateResponse::parse(update)),
                                              scp::SecurityLevel::kFull));
        EXPECT_EQ(on(channel, host.external_authenticate()), "9000");
        return host;
    }
    StatusWord install(std::string_view instance, std::string_view privileges, std::string_view parameters,
                       std::uint8_t p1 = 0x0C) {
        ByteWriter data;
        data.lv(from_hex("F04F544901")).lv(from_hex(kHello)).lv(from_hex(instance)).lv(from_hex(privileges));
        data.lv(from_hex(parameters)).u8(0);
        return terminal_.send(CommandApdu{0x80, 0xE6, p1, 0x00, data.take(), 256}).sw;
    }
    void load_hello_file() {
        ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
        ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    }
    void lock(std::string_view aid) {
        auto bytes = from_hex(aid);
        ASSERT_EQ(terminal_.send(CommandApdu{0x80, 0xF0, 0x40, 0x80, bytes, 0}).sw, StatusWord::kOk);
    }
};

// ---- MANAGE CHANNEL ----

TEST_F(OpenTest, OpensTwentyChannels) {
    for (unsigned number = 1; number < 20; ++number) {
        auto opened = to_hex(Bytes{static_cast<std::uint8_t>(number)}) + "9000";
        EXPECT_EQ(on(0, "0070000001"), opened);
    }
    EXPECT_EQ(on(0, "0070000001"), "6A81") << "there are no more";
    EXPECT_EQ(to_hex(terminal_.plain("C1CA004200").encode()), "4204F04F54499000") << "channel 5";
    EXPECT_EQ(to_hex(terminal_.plain("CFCA004200").encode()), "4204F04F54499000") << "channel 19";
    EXPECT_EQ(on(19, "00708005"), "9000");
    EXPECT_EQ(on(5, "80CA004200"), "6881");
    EXPECT_EQ(on(2, "0070000001"), "059000") << "the first that is free";
    EXPECT_EQ(on(7, "00708007"), "9000") << "a channel closes itself";
    EXPECT_EQ(on(7, "80CA004200"), "6881");
    se_.reset();
    EXPECT_EQ(on(1, "80CA004200"), "6881");
    EXPECT_EQ(on(0, "80CA004200"), "4204F04F54499000");
}

struct Managed {
    const char *command, *answer;
};

TEST_F(OpenTest, AnswersManageChannelAsTheRuntimeEnvironmentDoes) {
    constexpr Managed kRows[] = {
        {"0070000600", "9000"},    // the terminal assigns
        {"00700006", "6A86"},      // open already
        {"0070001301", "9000"},    // channel 19
        {"00700014", "6A81"},      // there is no channel 20
        {"0070000002", "6C01"},    // a number has one byte
        {"00700000", "6C01"},      //
        {"0070000000", "019000"},  // all there is
        {"0070010001", "6A81"},    //
        {"0070FF0001", "6A81"},    //
        {"00708000", "6A81"},      // the basic channel stays
        {"00708014", "6A81"},      //
        {"00708005", "6200"},      // closed already
        {"00708006", "9000"},      //
        {"00708006", "6200"},      //
        {"007000000155", "6700"},  // a data field
        {"0470000001", "6882"},    //
        {"0570000001", "6882"},    //
        {"0270000001", "6881"},    // from a channel that is closed
        {"8070000001", "6D00"},    // GlobalPlatform has none
    };
    for (const auto& row : kRows) {
        EXPECT_EQ(to_hex(terminal_.plain(row.command).encode()), row.answer) << row.command;
    }
}

TEST(OpenProfiles, HaveAsManyChannelsAsTheySay) {
    crypto::SystemRandom random;
    auto old = testing::make_se(random, "uicc-2014");
    testing::Terminal terminal(old);
    for (const auto* opened : {"019000", "029000", "039000", "6A81"}) {
        EXPECT_EQ(to_hex(terminal.plain("0070000001").encode()), opened);
    }
    EXPECT_EQ(terminal.plain("00700004").sw, StatusWord::kIncorrectP1P2);
    EXPECT_EQ(terminal.plain("C0CA004200").sw, StatusWord::kChannelNotSupported);
    EXPECT_EQ(terminal.plain("40A4040000").sw, StatusWord::kChannelNotSupported);

    auto source = must(load_profile("uicc-2014"));
    source.profile.logical_channels = 1;
    Personalization personalization{keys_of(kTestKey), 0x30, Personalization::identity_for("one channel")};
    auto one =
        must(SecureElement::create(std::make_unique<MemoryNvmFile>(), source, personalization, random));
    testing::Terminal alone(one);
    EXPECT_EQ(alone.plain("0070000001").sw, StatusWord::kChannelNotSupported);
    EXPECT_EQ(alone.plain("01CA004200").sw, StatusWord::kChannelNotSupported);
}

TEST(OpenProfiles, LetSelectOpenAChannelWhereTheySaySo) {
    crypto::SystemRandom random;
    auto uicc = testing::make_se(random, "uicc-2024"), embedded = testing::make_se(random, "ese-2024");
    testing::Terminal on_uicc(uicc), on_embedded(embedded);
    EXPECT_EQ(on_uicc.plain("47A4040000").sw, StatusWord::kChannelNotSupported);
    EXPECT_EQ(on_embedded.plain("47A4040005F04F54490100").sw, StatusWord::kNotFound);
    EXPECT_EQ(on_embedded.plain("C7CA004200").sw, StatusWord::kChannelNotSupported) << "that opened nothing";
    EXPECT_EQ(on_embedded.plain("47A4040000").sw, StatusWord::kOk);
    EXPECT_EQ(on_embedded.plain("C7CA004200").sw, StatusWord::kOk);
}

// ---- sessions ----

TEST_F(OpenTest, EachChannelHasItsOwnSecureChannelSession) {
    constexpr std::uint8_t kChannels[] = {0, 1, 4, 19};
    std::vector<scp::Scp03Host> hosts;
    for (auto channel : kChannels) {
        if (channel != 0) ASSERT_EQ(on(0, Bytes{0x00, 0x70, 0x00, channel}), "9000");
        hosts.push_back(session_on(channel));
    }
    auto list = must(CommandApdu::parse(from_hex("80F28002024F00")));
    for (int round = 0; round < 2; ++round) {
        for (std::size_t n = 0; n < hosts.size(); ++n) {
            auto response = from_hex(on(kChannels[n], must(hosts[n].wrap(list))));
            EXPECT_EQ(must(hosts[n].unwrap(response)).sw, StatusWord::kOk) << n;
        }
    }
    // A command of one session is none of another one, and ends the latter alone.
    EXPECT_EQ(on(1, must(hosts[2].wrap(list))), "6982");
    EXPECT_EQ(on(1, must(hosts[1].wrap(list))), "6982");
    auto response = from_hex(on(19, must(hosts[3].wrap(list))));
    EXPECT_EQ(must(hosts[3].unwrap(response)).sw, StatusWord::kOk);
    // Closing and opening again ends a session, as SELECT does.
    EXPECT_EQ(on(0, "00708013"), "9000");
    EXPECT_EQ(on(0, "00700013"), "9000");
    EXPECT_EQ(on(19, must(hosts[3].wrap(list))), "6982");
    EXPECT_EQ(on(0, "00A404000CA0"), "6700");
    response = from_hex(on(0, must(hosts[0].wrap(list))));
    EXPECT_EQ(must(hosts[0].unwrap(response)).sw, StatusWord::kOk) << "a refused command ended nothing";
    EXPECT_EQ(select("F0"), "6A82");
    response = from_hex(on(0, must(hosts[0].wrap(list))));
    EXPECT_EQ(must(hosts[0].unwrap(response)).sw, StatusWord::kOk) << "nor did a SELECT without a match";
    EXPECT_EQ(select(""), std::string(kIssuer) + " 9000");
    EXPECT_EQ(on(0, must(hosts[0].wrap(list))), "6982");
}

// ---- SELECT ----

TEST_F(OpenTest, FindsOneAfterAnotherByTheBeginningOfTheName) {
    open_issuer();
    for (const auto* aid : kDomains) ASSERT_EQ(create_domain("81020370", aid), StatusWord::kOk);
    lock("F04F5449A2");
    EXPECT_EQ(select("F04F5449"), "F04F5449A1 9000");
    EXPECT_EQ(select("F04F5449", 0, 0x02), "F04F5449A3 9000") << "the one between is locked";
    EXPECT_EQ(select("F04F5449", 0, 0x02), "6A82");
    EXPECT_EQ(select("F04F5449A2"), "6A82");
    EXPECT_EQ(select("F04F5449"), "F04F5449A1 9000") << "the first again";
    EXPECT_EQ(select("F04F5449A3"), "F04F5449A3 9000");
    EXPECT_EQ(select("F04F5449A3FF"), "6A82") << "longer than the name";
    EXPECT_EQ(select("", 0, 0x02), std::string(kIssuer) + " 9000");
    // Each channel goes on from its own.
    ASSERT_EQ(on(0, "00700004"), "9000");
    EXPECT_EQ(select("F04F5449", 4), "F04F5449A1 9000");
    EXPECT_EQ(select("F04F5449", 0), "F04F5449A1 9000");
    EXPECT_EQ(select("F04F5449", 4, 0x02), "F04F5449A3 9000");
    EXPECT_EQ(select("F04F5449", 0, 0x02), "F04F5449A3 9000");
}

TEST_F(OpenTest, TakesAWholeNameBeforeALongerOneThatBeginsWithIt) {
    open_issuer();
    for (const auto* aid : {"A0000001510000", "A0000001510000FF"}) {
        ASSERT_EQ(create_domain("81020370", aid), StatusWord::kOk);
    }
    EXPECT_EQ(select("A0000001510000"), "A0000001510000 9000") << "not the issuer's, which comes first";
    EXPECT_EQ(select("A000000151"), std::string(kIssuer) + " 9000");
}

TEST_F(OpenTest, KnowsNoOtherSelection) {
    for (const auto* command : {"00A4000000", "00A4000C023F00", "00A4040100", "00A4040300", "00A4042000"}) {
        EXPECT_EQ(on(0, command), "6A86") << command;
    }
    EXPECT_EQ(on(0, "04A4040000"), "6882");
    EXPECT_EQ(on(0, "80A4040000"), "6D00");
    EXPECT_EQ(on(0, "20A4040000"), "6E00");
    EXPECT_EQ(on(0, "00A4040C05A000000151"), "9000") << "no file control information is wanted";
    EXPECT_EQ(select("A000000151", 0, 0x04), std::string(kIssuer) + " 9000");
}

TEST_F(OpenTest, SelectsNothingBeforeItIsSelectable) {
    open_issuer();
    load_hello_file();
    ASSERT_EQ(install(kHello, "00", "C900", 0x04), StatusWord::kOk);
    EXPECT_EQ(select(kHello), "6A82");
    open_issuer();
    ASSERT_EQ(terminal_.sw("80E608000D 00 00 06F04F54490101 0100 00 00"), StatusWord::kOk);
    EXPECT_EQ(select(kHello), "9000");
}

TEST_F(OpenTest, ALockedApplicationStaysSelectedUntilItIsSelectedAgain) {
    open_issuer();
    load_hello();
    ASSERT_EQ(on(0, "0070000001"), "019000");
    ASSERT_EQ(on(0, "0070000001"), "029000");
    EXPECT_EQ(select(kHello, 1), "9000");
    lock(kHello);
    EXPECT_EQ(select("F0AA", 1), "6A82");
    EXPECT_EQ(on(1, "8020000000"), "6985") << "still there, and locked";
    EXPECT_EQ(select(kHello, 1), "6A82");
    EXPECT_EQ(on(1, "8020000000"), "6999") << "nobody is selected";
    EXPECT_EQ(on(1, "0070000001"), "039000") << "from nobody to nobody";
    EXPECT_EQ(on(3, "8020000000"), "6999");
    // On the basic channel somebody always is.
    ASSERT_EQ(terminal_.sw("80F0400006F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(select(kHello), "9000");
    auto host = session_on(2);
    auto sent = must(host.wrap(must(CommandApdu::parse(from_hex("80F0408006F04F54490101")))));
    EXPECT_EQ(must(host.unwrap(from_hex(on(2, sent)))).sw, StatusWord::kOk);
    EXPECT_EQ(select(kHello), "6A82");
    EXPECT_EQ(on(0, "80CA004200"), "4204F04F54499000");
}

TEST_F(OpenTest, ALockedCardKnowsTheFinalApplicationOnly) {
    open_issuer();
    load_hello();
    ASSERT_EQ(on(0, "0070000001"), "019000");
    ASSERT_EQ(on(0, "0070000001"), "029000");
    open_issuer();
    ASSERT_EQ(terminal_.sw("80F0807F00"), StatusWord::kOk);
    EXPECT_EQ(on(0, "0070000001"), "6A81");
    EXPECT_EQ(on(1, "80CA004200"), "4204F04F54499000") << "open until its session ends";
    EXPECT_EQ(select("", 1), "6A81");
    EXPECT_EQ(on(1, "80CA004200"), "6881") << "closed";
    EXPECT_EQ(on(0, "00708002"), "9000");
    EXPECT_EQ(select(kHello), "6A81");
    EXPECT_EQ(select(""), std::string(kIssuer) + " 6283");
    EXPECT_EQ(select("A00000"), std::string(kIssuer) + " 6283");
    EXPECT_EQ(select("A00000", 0, 0x02), "6A81") << "there is no next one";
    open_issuer();
    ASSERT_EQ(terminal_.sw("80F0800F00"), StatusWord::kOk);
    EXPECT_EQ(select(kHello), "9000");
}

TEST_F(OpenTest, ATerminatedCardSelectsNothing) {
    open_issuer();
    ASSERT_EQ(terminal_.sw("80F080FF00"), StatusWord::kOk);
    se_.reset();
    EXPECT_EQ(select(""), "6A81");
    EXPECT_EQ(on(0, "0070000001"), "6A81");
    EXPECT_EQ(on(0, "80CA004200"), "4204F04F54499000");
    EXPECT_EQ(on(0, "80500000080000000000000000"), "6985");
}

// ---- implicit selection ----

TEST_F(OpenTest, ResetSelectsWhoeverHasTheCardResetPrivilege) {
    open_issuer();
    load_hello_file();
    ASSERT_EQ(install(kHello, "04", "C900"), StatusWord::kOk);
    se_.reset();
    EXPECT_EQ(on(0, "8020000000"), "00009000") << "the applet answers";
    EXPECT_EQ(on(0, "0070000001"), "6985") << "and it cannot be selected twice";
    EXPECT_EQ(on(1, "80CA004200"), "6881");
    open_issuer();
    lock(kHello);
    se_.reset();
    EXPECT_EQ(on(0, "80CA004200"), "4204F04F54499000") << "the final application instead";
    EXPECT_EQ(on(0, "0070000001"), "019000");
}

TEST_F(OpenTest, AnOpenedChannelHasWhoeverWasGivenIt) {
    open_issuer();
    load_hello_file();
    ASSERT_EQ(install(kHello, "00", "C900EF03CF0142"), StatusWord::kOk) << "contacts, channel 2";
    EXPECT_EQ(on(0, "0070000001"), "019000");
    EXPECT_EQ(on(1, "80CA004200"), "4204F04F54499000") << "the issuer's domain as on the basic channel";
    EXPECT_EQ(on(0, "00700002"), "9000");
    EXPECT_EQ(on(2, "8020000000"), "00009000");
    // From another channel than the basic one, it is who is selected there.
    EXPECT_EQ(on(2, "0070000001"), "6985");
    EXPECT_EQ(on(0, "00708002"), "9000");
    EXPECT_EQ(on(1, "00700002"), "9000");
    EXPECT_EQ(on(2, "80CA004200"), "4204F04F54499000");
    EXPECT_EQ(on(0, "00708002"), "9000");
    lock(kHello);
    EXPECT_EQ(on(0, "00700002"), "9000");
    EXPECT_EQ(on(2, "80CA004200"), "4204F04F54499000") << "locked: the final application";
}

// ---- on several channels at once ----

TEST_F(OpenTest, ApplicationsOfAPackageAreSelectedOneAtATime) {
    open_issuer();
    load_hello();
    ASSERT_EQ(install("F04F54490102", "00", "C900"), StatusWord::kOk);
    ASSERT_EQ(on(0, "0070000001"), "019000");
    EXPECT_EQ(select(kHello, 1), "9000");
    EXPECT_EQ(select(kHello, 1), "9000") << "again on the same channel";
    EXPECT_EQ(select(kHello), "6985");
    EXPECT_EQ(select("F04F54490102"), "6985") << "of the same package";
    EXPECT_EQ(select("F04F5449"), "6985") << "and there is no other match";
    EXPECT_EQ(terminal_.sw("80CA004200"), StatusWord::kOk) << "nothing has changed, the session goes on";
    ASSERT_EQ(on(0, "00708001"), "9000");
    EXPECT_EQ(select("F04F54490102"), "9000");
}

TEST_F(OpenTest, MultiselectableOnesAreSelectedTogether) {
    open_issuer();
    ASSERT_EQ(announce("F04F544912"), StatusWord::kOk);
    ASSERT_EQ(load_blocks(load_file("tests/multi.cap")), StatusWord::kOk);
    for (const auto* instance : {"F04F54491201", "F04F54491202"}) {
        ByteWriter data;
        data.lv(from_hex("F04F544912")).lv(from_hex("F04F54491201")).lv(from_hex(instance));
        data.put(from_hex("0100 02C900 00"));
        ASSERT_EQ(terminal_.send(CommandApdu{0x80, 0xE6, 0x0C, 0x00, data.take(), 256}).sw, StatusWord::kOk);
    }
    // How often: select(), deselect(), select(false), select(true), deselect(false), deselect(true); channel
    // of the command, assigned channel, uses since the package was deselected everywhere.
    ASSERT_EQ(on(0, "0070000001"), "019000");
    EXPECT_EQ(select("F04F54491201", 1), "9000");
    EXPECT_EQ(on(1, "8010000000"), "0100000000000101019000");
    EXPECT_EQ(select("F04F54491201"), "9000");
    EXPECT_EQ(on(0, "8010000000"), "0100000100000000029000");
    EXPECT_EQ(select("F04F54491202"), "9000");
    EXPECT_EQ(on(0, "8010000000"), "0000010000000000019000") << "the array is the instance's own";
    EXPECT_EQ(on(1, "8010000000"), "0100000100010101039000") << "deselected, and active here";
    EXPECT_EQ(on(1, "0070000001"), "029000");
    EXPECT_EQ(on(2, "8010000000"), "0100000200010202049000") << "who is selected on channel 1";
    EXPECT_EQ(on(2, "8020010000"), "9000") << "no more selections";
    EXPECT_EQ(on(1, "0070000001"), "6999");
    EXPECT_EQ(on(3, "8010000000"), "6881") << "closed again";
    for (const auto* close : {"00708001", "00708002"}) EXPECT_EQ(on(0, close), "9000");
    EXPECT_EQ(select(kIssuer), std::string(kIssuer) + " 9000");
    EXPECT_EQ(select("F04F54491201"), "6999");
    EXPECT_EQ(on(0, "80CA004200"), "6999") << "nobody is selected";
}

TEST_F(OpenTest, ADomainIsSelectedOnAllChannels) {
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(on(0, "0070000001"), "019000");
    EXPECT_EQ(select(kDomain, 1), std::string(kDomain) + " 9000");
    EXPECT_EQ(on(1, "0070000001"), "029000");
    EXPECT_EQ(on(0, "00708001"), "9000");
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied)
        << "selected on channel 2, which was opened from channel 1";
    EXPECT_EQ(on(2, "00708002"), "9000");
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
}

}  // namespace
}  // namespace oti::card
