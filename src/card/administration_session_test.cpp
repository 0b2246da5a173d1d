// SPDX-License-Identifier: Apache-2.0
// What the card says, octet by octet as TS 102 223 and Amendment B have it, to a phone and a server of this
// test's own.
#include "card/administration_session.h"

#include "card/content_fixture.h"
#include "scp/scp80_host.h"

namespace oti::card {
namespace {

constexpr std::string_view kKic = "200102030405060708090A0B0C0D0E0F",
                           kKid = "201102030405060708090A0B0C0D0E0F",
                           kPsk = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF",
                           kDek = "B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF";
constexpr std::uint8_t kVersion = 2;
/// Bearer: default; buffer 1400; TCP client to port 8443; 192.0.2.1.
constexpr std::string_view kConnection = "B50103 B9020578 BC030220FB BE0521C0000201";
/// "card", key 40/01; 2 retries, 10 s; host "h", agent "a", URI "/u".
constexpr std::string_view kRest =
    "85 08 04 63617264 02 4001  86 07 0002 A503000001  89 0A 8A0168 8B0161 8C022F75";

const std::string kOk = "HTTP/1.1 200 OK\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n",
                  kCommands = "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n",
                  kNext = "X-Admin-Next-URI: /next\r\n",
                  kEnd =
                      "HTTP/1.1 204 No Content\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n\r\n";
const std::string kRequest =
    "POST /u HTTP/1.1\r\nHost: h\r\n"
    "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\nX-Admin-From: a\r\n";

class AdministrationSessionTest : public ContentFixture {
  protected:
    AdministrationSessionTest() {
        medium_ = std::make_shared<MemoryMedium>();
        auto secret = [](std::string_view hex) { return crypto::SecretBytes::take(from_hex(hex)); };
        Personalization personalization{testing::keys_of(testing::kTestKey), 0x30,
                                        Personalization::identity_for("89001012012341234012345678901224")};
        personalization.remote =
            RemoteManagementKeys{kVersion, {secret(kKic), secret(kKid), secret(kDek)}, KeyType::kAes, 8};
        se_ = testing::must(SecureElement::create(std::make_unique<MemoryNvmFile>(medium_),
                                                  testing::must(load_profile("uicc-2024")), personalization,
                                                  random_));
        put_key(kIssuer, {0x40, 1}, {{KeyType::kPskTls, kPsk}});
        put_key(kIssuer, {0x40, 2}, {{KeyType::kAes, kDek}});
        profile();
    }

    ResponseApdu profile() { return terminal_.plain("8010000011 2301010201 0C00010000 000FE20000 0001"); }
    /// ENVELOPE with a triggering message; the card wants something then.
    ResponseApdu trigger(std::string_view session) {
        auto value = from_hex(session);
        auto message = encode_tlv(0x81, encode_tlv(0x83, value));
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes::take(from_hex(kKic)),
                            crypto::SecretBytes::take(from_hex(kKid)), 8};
        auto host = testing::must(scp::Scp80Host::create(
            keys, kVersion, testing::must(scp::Spi::parse(0x16, 0x00)), {0xB2, 0x01, 0x00}));
        auto packet = testing::must(host.command(++counter_, message));
        auto tpdu = concat(from_hex("400881214365877FF622705200000000"),
                           Bytes{static_cast<std::uint8_t>(packet.size() + 3)}, from_hex("027000"), packet);
        auto content = concat(from_hex("82028381"), from_hex("8607912143658709F1"), encode_tlv(0x8B, tpdu));
        return terminal_.plain(CommandApdu{0x80, 0xC2, 0, 0, encode_tlv(0xD1, content), 256}.encode());
    }
    ResponseApdu begin() {
        return trigger(std::string("84 13 ") + std::string(kConnection) + std::string(kRest));
    }

    /// FETCH; nothing if the card has nothing to say.
    std::string fetch() {
        auto fetched = terminal_.plain("8012000000");
        return fetched.sw == StatusWord::kOk ? to_hex(fetched.data) : "";
    }
    /// TERMINAL RESPONSE to a command of this type, with these objects after the result.
    ResponseApdu respond(std::string_view type, std::string_view result = "830100",
                         std::string_view objects = "") {
        auto data = concat(from_hex("8103 01"), from_hex(type), from_hex("00 82028281"), from_hex(result),
                           from_hex(objects));
        return terminal_.plain(CommandApdu{0x80, 0x14, 0, 0, data, 0}.encode());
    }
    /// Until the card has opened its channel.
    void open() {
        auto wanted = fetch();
        if (wanted.substr(4, 10) == "8103010500") {
            respond("05");
            wanted = fetch();
        }
        ASSERT_EQ(wanted.substr(4, 10), "8103014001");
        server_.emplace(crypto::PskTls::server(
            [](std::string_view) { return crypto::SecretBytes::take(from_hex(kPsk)); }, {}));
        respond("40", "830100", "B8028100 B50103 B9020578");
    }
    /// Takes what the card sends until it wants nothing more; its HTTP message.
    std::string receive() {
        std::string text;
        while (true) {
            auto wanted = fetch();
            if (wanted.empty()) return text;
            auto command = from_hex(wanted);
            auto objects = testing::must(
                read_all_tlv(testing::must(read_all_tlv(command, "command"))[0].value, "command"));
            auto type = objects[0].value[1];
            if (type == 0x43) {
                auto plain = server_->receive(objects[2].value);
                if (plain) text += as_text(*plain);
                outgoing_ = concat(outgoing_, server_->take_outgoing());
                respond("43", "830100", "B701FF");
                if (!outgoing_.empty()) data_available();
            } else if (type == 0x42) {
                auto size = std::min<std::size_t>(outgoing_.size(), objects[2].value[0]);
                auto data = encode_tlv(0xB6, BytesView(outgoing_).first(size));
                outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(size));
                auto left = static_cast<std::uint8_t>(std::min<std::size_t>(outgoing_.size(), 255));
                respond("42", "830100", to_hex(concat(data, Bytes{0xB7, 0x01, left})));
            } else {
                if (type == 0x41) closed_ = true;
                others_.push_back(wanted);
                respond(to_hex(Bytes{type}));
            }
        }
    }
    void data_available() {
        EXPECT_LT(
            static_cast<unsigned>(terminal_.plain("80C2000010 D60E 990109 82028281 B8028100 B701FF").sw),
            0x9200U);
    }
    /// The server says this; what the card then says.
    std::string say(const std::string& text) {
        EXPECT_TRUE(server_->send(as_bytes(text)));
        outgoing_ = server_->take_outgoing();
        data_available();
        return receive();
    }
    static std::string with_body(const std::string& headers, std::string_view hex) {
        auto body = as_text(from_hex(hex));
        return kOk + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    /// A session up to its first request.
    std::string first_request() {
        EXPECT_EQ(static_cast<unsigned>(begin().sw) >> 8, 0x91U);
        open();
        return receive();
    }

    std::uint64_t counter_ = 0;
    std::optional<crypto::PskTls> server_;
    Bytes outgoing_;
    bool closed_ = false;
    std::vector<std::string> others_;
};

constexpr std::string_view kGetNumber = "AA07 2205 80CA004200";

TEST_F(AdministrationSessionTest, OpensAChannelAsTold) {
    EXPECT_EQ(to_hex(begin().encode()), "910F");
    // SET UP EVENT LIST: data available, channel status.
    EXPECT_EQ(fetch(), "D00D8103010500820281829902090A");
    EXPECT_EQ(to_hex(respond("05").encode()), "911E");
    // OPEN CHANNEL, immediately; what it leads to is what the message said.
    EXPECT_EQ(fetch(), "D01C810301400182028182B50103B9020578BC030220FBBE0521C0000201");
    EXPECT_EQ(static_cast<unsigned>(respond("40", "830100", "B8028100 B50103 B9020578").sw) >> 8, 0x91U);
    // SEND DATA on channel 1, with a ClientHello of TLS 1.2.
    auto hello = fetch();
    EXPECT_EQ(hello.substr(4, 18), "810301430182028121");
    EXPECT_EQ(hello.substr(26, 6), "160301");
}

TEST_F(AdministrationSessionTest, AsksRunsAnswersAndCloses) {
    EXPECT_EQ(first_request(), kRequest + "\r\n");
    auto answer = say(with_body(kCommands + kNext, kGetNumber));
    EXPECT_EQ(answer,
              "POST /next HTTP/1.1\r\nHost: h\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
              "X-Admin-From: a\r\nX-Admin-Script-Status: ok\r\n"
              "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"
              "Content-Length: 15\r\n\r\n" +
                  as_text(from_hex("AB0D80010123084204F04F54499000")));
    EXPECT_FALSE(closed_);
    EXPECT_EQ(say(kEnd), "");
    EXPECT_TRUE(closed_);
    EXPECT_TRUE(server_->is_closed_by_peer());
    EXPECT_EQ(fetch(), "");
}

TEST_F(AdministrationSessionTest, TakesChunksAndAnIndefiniteLength) {
    first_request();
    auto answer = say(kOk + kCommands + kNext + "Transfer-Encoding: chunked\r\n\r\n3\r\n" +
                      as_text(from_hex("AE8022")) + "\r\n8\r\n" + as_text(from_hex("0580CA0042000000")) +
                      "\r\n0\r\n\r\n");
    EXPECT_TRUE(answer.ends_with(as_text(from_hex("AF8023084204F04F544990000000"))))
        << to_hex(as_bytes(answer));
}

TEST_F(AdministrationSessionTest, WithoutANextUriNothingIsAnswered) {
    first_request();
    auto store = "AA0F 220D 80E2900008 4206 AABBCCDDEE01";
    EXPECT_EQ(say(with_body(kCommands, store)), "");
    EXPECT_TRUE(closed_);
    EXPECT_EQ(to_hex(*se_.registry().data_object(Aid::constant(kIssuer), 0x42)), "AABBCCDDEE01");
}

TEST_F(AdministrationSessionTest, FollowsAUriWithoutCommands) {
    first_request();
    EXPECT_TRUE(say(kEnd.substr(0, kEnd.size() - 2) + kNext + "\r\n").starts_with("POST /next HTTP/1.1\r\n"));
}

// Whatever is no response of a server of this kind ends the session, at once and for good.
TEST_F(AdministrationSessionTest, WhatIsNoAnswerEndsTheSession) {
    for (const auto& text :
         {std::string("HTTP/1.1 404 Not Found\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
                      "Content-Length: 0\r\n\r\n"),
          std::string("HTTP/1.1 204 No Content\r\n\r\n"),
          with_body(std::string("Content-Type: text/html\r\n") + kNext, kGetNumber),
          kOk + kCommands + kNext + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
          kOk + kCommands + kNext + "Content-Length: 999999\r\n\r\n", kEnd + kEnd,
          std::string("hello\r\n\r\n"), with_body(kCommands + "X-Admin-Next-URI: /a b\r\n", kGetNumber)}) {
        first_request();
        closed_ = false;
        say(text);
        EXPECT_TRUE(closed_) << text;
        EXPECT_EQ(fetch(), "") << text;
        profile();
        EXPECT_EQ(fetch(), "") << "nothing is left to be done";
    }
}

TEST_F(AdministrationSessionTest, ScriptsForOthers) {
    first_request();
    auto status_for = [&](const std::string& target) {
        auto answer = say(
            with_body(kCommands + kNext + "X-Admin-Targeted-Application: " + target + "\r\n", kGetNumber));
        auto at = answer.find("X-Admin-Script-Status: ");
        return at == std::string::npos ? answer : answer.substr(at + 23, answer.find('\r', at) - at - 23);
    };
    EXPECT_EQ(status_for("//aid/A000000151/000000"), "ok") << "the domain of the key itself";
    EXPECT_EQ(status_for("//aid/A000000151/0000FF"), "unknown-application");
    EXPECT_EQ(status_for("//aid/A0000001510/00000"), "unknown-application");
    EXPECT_EQ(status_for("nonsense"), "unknown-application");
}

// A domain without keys trusts the domain that it belongs to (Amendment B, 3.3.3.2); one with keys does not.
TEST_F(AdministrationSessionTest, ScriptsForDomainsBelow) {
    constexpr std::string_view kDomain = "F04F54490A";
    open_issuer();
    ASSERT_EQ(create_domain("81020370", kDomain, "800000"), StatusWord::kOk);
    auto status = [&] {
        first_request();
        auto answer = say(
            with_body(kCommands + kNext + "X-Admin-Targeted-Application: //aid/F04F54490A/\r\n", kGetNumber));
        say(kEnd);
        return answer.substr(answer.find("Status: ") + 8, 5);
    };
    EXPECT_EQ(status(), "ok\r\nC");
    put_key(kDomain, {0x31, 1}, {{KeyType::kAes, kPsk}});
    profile();
    EXPECT_EQ(status(), "secur");
}

TEST_F(AdministrationSessionTest, ALostConnectionIsTriedAgain) {
    first_request();
    say(with_body(kCommands + kNext, kGetNumber));
    // Channel status: the link was dropped.
    terminal_.plain("80C200000D D60B 99010A 82028281 B8020105");
    EXPECT_EQ(fetch().substr(4, 18), "810301410082028121") << "CLOSE CHANNEL";
    respond("41");
    // TIMER MANAGEMENT, start, timer 1, 10 seconds.
    EXPECT_EQ(fetch(), "D011810301270082028182A40101A503000001");
    respond("27", "830100", "A40101");
    EXPECT_EQ(fetch(), "");
    terminal_.plain("80C200000E D70C 82028281 A40101 A503000001");
    open();
    EXPECT_EQ(receive(),
              "POST /next HTTP/1.1\r\nHost: h\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
              "X-Admin-From: a\r\nX-Admin-Resume: true\r\n\r\n");
    // It goes on as if nothing had happened, and says so once.
    EXPECT_EQ(say(with_body(kCommands + kNext, kGetNumber)).find("Resume"), std::string::npos);
    EXPECT_EQ(say(kEnd), "");
    EXPECT_EQ(fetch(), "");
}

TEST_F(AdministrationSessionTest, ResetCostsARetry) {
    first_request();
    for (int retry = 0; retry < 2; ++retry) {
        se_ = testing::reopen(random_, medium_);
        profile();
        EXPECT_EQ(fetch().substr(4, 10), "8103012700") << "TIMER MANAGEMENT";
        respond("27");
        terminal_.plain("80C200000E D70C 82028281 A40101 A503000001");
        open();
        EXPECT_EQ(receive(), kRequest + "X-Admin-Resume: true\r\n\r\n");
    }
    se_ = testing::reopen(random_, medium_);
    profile();
    EXPECT_EQ(fetch(), "");
}

TEST_F(AdministrationSessionTest, AChannelThatDoesNotOpenIsTriedAgain) {
    begin();
    EXPECT_NE(fetch(), "");
    respond("05");
    EXPECT_NE(fetch(), "");
    // BIP error: remote device is not reachable.
    respond("40", "83023A07");
    EXPECT_EQ(fetch().substr(4, 10), "8103012700");
    // No timers in this phone: at once.
    respond("27", "830130");
    EXPECT_EQ(fetch().substr(4, 10), "8103014001");
}

TEST_F(AdministrationSessionTest, PutKeyTakesAPreSharedKey) {
    open_issuer();
    // Amendment B, 3.9.1: type, length, length of the key, ciphered key, first bytes of its SHA-1.
    // That of 16 times 11 begins with 54F8A1, says sha1sum.
    auto put = [&](std::string_view check) {
        auto ciphered = testing::must(terminal_.host_->encrypt_sensitive(Bytes(16, 0x11)));
        auto data = concat(from_hex("43 85 11 10"), ciphered, from_hex("03"), from_hex(check));
        return terminal_.send(CommandApdu{0x80, 0xD8, 0x00, 0x01, data, 256});
    };
    EXPECT_EQ(to_hex(put("54F8A1").encode()), "4354F8A19000");
    auto key = se_.keys().find(Aid::constant(kIssuer), {0x43, 1});
    ASSERT_TRUE(key);
    EXPECT_EQ(key->components.front().type, KeyType::kPskTls);
    EXPECT_TRUE(key->components.front().value.equals(Bytes(16, 0x11)));
    EXPECT_NE(to_hex(terminal_.send("80CA00E000").data).find("C00401438510"), std::string::npos);
    EXPECT_EQ(put("000000").sw, StatusWord::kSecurityStatus);
}

}  // namespace
}  // namespace oti::card
