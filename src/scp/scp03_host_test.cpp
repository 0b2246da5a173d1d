// SPDX-License-Identifier: Apache-2.0
#include "scp/scp03_host.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "crypto/triple_des.h"
#include "scp/diversification.h"

namespace oti::scp {
namespace {

using crypto::SecretBytes;
using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

CommandApdu command(std::string_view hex) {
    return CommandApdu::parse(from_hex(hex)).value();
}

/// A line of testdata/scp03_pysim.txt.
struct Session {
    std::string name, initialize_update, initialize_update_response, external_authenticate, get_eid,
        get_eid_response;
    std::array<std::string, 4> cases;
};

std::vector<Session> sessions() {
    std::ifstream file(OTI_SOURCE_DIR "/src/scp/testdata/scp03_pysim.txt");
    std::vector<Session> all;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::vector<std::string> fields;
        std::istringstream columns(line);
        for (std::string field; std::getline(columns, field, '|');) {
            std::erase(field, ' ');
            fields.push_back(field);
        }
        all.push_back({fields.at(0),
                       fields.at(1),
                       fields.at(2),
                       fields.at(3),
                       fields.at(4),
                       fields.at(5),
                       {fields.at(6), fields.at(7), fields.at(8), fields.at(9)}});
    }
    return all;
}

// The key sets of pySim's test, by AES key length.
KeySet pysim_keys(const std::string& name) {
    auto size = name.starts_with("AES128") ? 16U : name.starts_with("AES192") ? 24U : 32U;
    auto key = [&](std::uint8_t from) {
        Bytes bytes;
        for (unsigned i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(from + i % 16));
        return SecretBytes::take(std::move(bytes));
    };
    return {key(0x00), key(0x10), key(0x20)};
}

TEST(Scp03Host, AnswersAsPySimInAllItsSessions) {
    auto all = sessions();
    ASSERT_EQ(all.size(), 9U);
    for (const auto& session : all) {
        SCOPED_TRACE(session.name);
        auto challenge = command(session.initialize_update).data;
        auto sent = initialize_update(KeyVersion(command(session.initialize_update).p1), challenge);
        EXPECT_EQ(to_hex(sent.encode()), to_hex(from_hex(session.initialize_update)));
        auto card = InitializeUpdateResponse::parse(from_hex(session.initialize_update_response)).value();
        EXPECT_EQ(card.encode(), from_hex(session.initialize_update_response));
        auto level = static_cast<SecurityLevel>(from_hex(session.external_authenticate)[2]);
        auto host = Scp03Host::open(pysim_keys(session.name), challenge, card, level).value();
        EXPECT_EQ(host.external_authenticate(), from_hex(session.external_authenticate));

        // The responses stay outstanding while the next commands are wrapped: wrapping ahead changes nothing.
        EXPECT_EQ(host.wrap(command("80E2910006BF3E035C015A00")).value(), from_hex(session.get_eid));
        auto eid = ResponseApdu{from_hex("bf3e125a1089882119900000000000000000000005")};
        EXPECT_EQ(host.predict(eid).size(), session.get_eid_response.size() / 2 + 2);
        EXPECT_EQ(host.predict(eid), concat(from_hex(session.get_eid_response), Bytes{0x90, 0x00}));
        EXPECT_EQ(host.wrap(command("80F22002")).value(), from_hex(session.cases[0]));
        EXPECT_EQ(host.wrap(command("80ca006600")).value(), from_hex(session.cases[1]));
        EXPECT_EQ(host.wrap(command("80F220020a4f0212345c054f9f70c5")).value(), from_hex(session.cases[2]));
        EXPECT_EQ(host.wrap(command("80f28002024f0000")).value(), from_hex(session.cases[3]));
        EXPECT_EQ(host.outstanding(), 5U);
        EXPECT_EQ(host.unwrap(concat(from_hex(session.get_eid_response), Bytes{0x90, 0x00})).value(), eid);
    }
}

// kaoh/globalplatform, globalplatform/src/scp03Test.c, get_status_enc_mac: a card whose challenge is
// pseudo-random.
TEST(Scp03Host, PredictsThePseudoRandomCardOfKaohsTest) {
    KeySet keys{secret("F995D0A069335C7DF42E590317FFEA6D"), secret("58563362EC5A4541ABCD32B34B1EAE7D"),
                secret("0A02A6D687406DCFA09DC70B3EDB7E38")};
    auto predicted = InitializeUpdateResponse::predict(
                         keys, Bytes(10), KeyVersion(0x30), Scp03Options::from_i(0x70), 0x000085,
                         Aid::constant("A000000151000000"), from_hex("DA2390D378D94B0A"))
                         .value();
    EXPECT_EQ(to_hex(predicted.encode()), "00000000000000000000300370A7EFE2BFDB3A27A6EAE3FF0EA0D17524000085");
}

// A key of the same test with its first byte changed.
TEST(Scp03Host, RefusesAWrongKeyBeforeSendingAnything) {
    KeySet keys{secret("F995D0A069335C7DF42E590317FFEA6D"), secret("00563362EC5A4541ABCD32B34B1EAE7D"),
                secret("0A02A6D687406DCFA09DC70B3EDB7E38")};
    auto card = InitializeUpdateResponse::parse(
                    from_hex("00000000000000000000300370A7EFE2BFDB3A27A6EAE3FF0EA0D17524000085"))
                    .value();
    auto host = Scp03Host::open(keys, from_hex("DA2390D378D94B0A"), card, SecurityLevel::kCMac);
    ASSERT_FALSE(host);
    EXPECT_EQ(host.error().code, "scp.card_cryptogram");
    EXPECT_EQ(host.error().kind, ErrorKind::kAuthentication);
}

TEST(Scp03Host, RefusesALevelThatTheCardLacks) {
    auto keys = pysim_keys("AES128");
    auto challenge = Bytes(8);
    auto card = InitializeUpdateResponse::predict(keys, Bytes(10), KeyVersion(1), Scp03Options::from_i(0x10),
                                                  1, Aid::constant("A000000151000000"), challenge)
                    .value();
    EXPECT_EQ(Scp03Host::open(keys, challenge, card, SecurityLevel::kFull).error().code, "scp.level");
    EXPECT_TRUE(Scp03Host::open(keys, challenge, card, SecurityLevel::kCMacCDecryption));
}

Scp03Host full_session(std::uint8_t i = 0x70) {
    auto keys = pysim_keys("AES128");
    auto options = Scp03Options::from_i(i);
    auto challenge = Bytes(options.mac_size());
    auto card = InitializeUpdateResponse::predict(keys, Bytes(10), KeyVersion(1), options, 1,
                                                  Aid::constant("A000000151000000"), challenge)
                    .value();
    return Scp03Host::open(keys, challenge, card, SecurityLevel::kFull).value();
}

TEST(Scp03Host, ClosesAtEveryChangedBitOfAResponse) {
    auto good = [] {
        auto host = full_session();
        (void)host.wrap(command("80F28002024F0000"));
        return host.predict({from_hex("0102030405")});
    }();
    for (std::size_t bit = 0; bit < (good.size() - 2) * 8; ++bit) {
        auto host = full_session();
        ASSERT_TRUE(host.wrap(command("80F28002024F0000")));
        auto changed = good;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        auto response = host.unwrap(changed);
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().code, "scp.response_mac");
        EXPECT_EQ(host.wrap(command("80F28002024F0000")).error().code, "scp.closed");
        EXPECT_EQ(host.unwrap(good).error().code, "scp.closed");
    }
}

TEST(Scp03Host, RefusesTruncatedRmacAndSwappedOrRepeatedResponses) {
    auto host = full_session();
    (void)host.wrap(command("80F28002024F0000"));
    auto first = host.predict({{1}});
    (void)host.wrap(command("80F28002024F0000"));
    auto second = host.predict({{1}});
    EXPECT_NE(first, second);
    EXPECT_FALSE(host.unwrap(second));

    auto again = full_session();
    (void)again.wrap(command("80F28002024F0000"));
    (void)again.wrap(command("80F28002024F0000"));
    EXPECT_TRUE(again.unwrap(first));
    EXPECT_FALSE(again.unwrap(first));

    auto shortened = full_session();
    (void)shortened.wrap(command("80F28002024F0000"));
    EXPECT_EQ(shortened.unwrap(from_hex("01029000")).error().code, "scp.response_mac");
}

TEST(Scp03Host, TakesErrorStatusWithoutMacButNeverWithData) {
    auto host = full_session();
    (void)host.wrap(command("80F28002024F0000"));
    EXPECT_EQ(host.unwrap(from_hex("6A88")).value().sw, StatusWord::kReferencedDataNotFound);
    (void)host.wrap(command("80F28002024F0000"));
    EXPECT_FALSE(host.unwrap(from_hex("016A88")));
    EXPECT_EQ(host.unwrap(from_hex("9000")).error().code, "scp.closed");
}

TEST(Scp03Host, RewindsToTheLastAnsweredCommand) {
    auto straight = full_session(), rewound = full_session();
    auto get_status = command("80F28002024F0000");
    for (auto* host : {&straight, &rewound}) (void)host->external_authenticate();
    for (int answered = 0; answered < 12; ++answered) {
        EXPECT_EQ(straight.wrap(get_status).value(), rewound.wrap(get_status).value());
        auto response = straight.predict({{1}});
        (void)rewound.wrap(command("80F24002024F0000"));
        (void)rewound.wrap(command("80F21002024F0000"));
        EXPECT_TRUE(straight.unwrap(response));
        EXPECT_TRUE(rewound.unwrap(response));
        rewound.rewind();
    }
}

TEST(Scp03Host, FillsTheShortCommandUpToItsLimit) {
    EXPECT_EQ(full_session(0x70).max_data(255), 239U);
    EXPECT_EQ(full_session(0x71).max_data(255), 223U);
    for (auto i : {std::uint8_t{0x70}, std::uint8_t{0x71}}) {
        auto host = full_session(i);
        auto most = host.max_data(255);
        EXPECT_LE(host.wrap({0x80, 0xE8, 0, 0, Bytes(most)}).value().size(), 5U + 255U);
        auto longer = host.wrap({0x80, 0xE8, 0, 0, Bytes(most + 1)}).value();
        EXPECT_EQ(longer[4], 0x00) << "extended length";
    }
}

TEST(InitializeUpdateResponse, RefusesOtherProtocolsAndLengths) {
    EXPECT_EQ(
        InitializeUpdateResponse::parse(from_hex("0000000000000000000030020000000000000000000000000000"))
            .error()
            .code,
        "scp.unsupported");
    EXPECT_FALSE(InitializeUpdateResponse::parse(
        from_hex("00000000000000000000300370A7EFE2BFDB3A27A6EAE3FF0EA0D17524")));
    EXPECT_FALSE(InitializeUpdateResponse::parse({}));
}

struct Diversified {
    const char* how;
    const char* master;
    const char* check_values[3];
};

// martinpaljak/GlobalPlatformPro, library/src/test/java/pro/javacard/gp/test/TestPlaintextKeys.java, KDD
// 00..09.
TEST(Diversification, GivesGlobalPlatformProsAesCheckValues) {
    for (const auto& [how, master, expected] :
         {Diversified{"kdf3", "404142434445464748494A4B4C4D4E4F", {"E79C05", "D1BD77", "3FDE8C"}},
          Diversified{
              "kdf3", "404142434445464748494A4B4C4D4E4F5051525354555657", {"1DE8EA", "47C00C", "C04D76"}},
          Diversified{"kdf3",
                      "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F",
                      {"2972D2", "036F94", "5D57B8"}}}) {
        KeySet keys{secret(master), secret(master), secret(master)};
        auto derived =
            diversify(keys, parse_diversification(how).value(), from_hex("00010203040506070809")).value();
        EXPECT_EQ(to_hex(aes_key_check_value(derived.enc).value()), expected[0]);
        EXPECT_EQ(to_hex(aes_key_check_value(derived.mac).value()), expected[1]);
        EXPECT_EQ(to_hex(aes_key_check_value(derived.dek).value()), expected[2]);
    }
}

// The same file: VISA2 and EMV. Check values of triple DES keys: 8 zero bytes encrypted (GPCS 2.3.1, B.6).
TEST(Diversification, GivesGlobalPlatformProsTripleDesCheckValues) {
    for (const auto& [how, master, expected] :
         {Diversified{"visa2", "404142434445464748494A4B4C4D4E4F", {"2BE598", "58DA38", "3C328E"}},
          Diversified{"emv", "404142434445464748494A4B4C4D4E4F", {"C33013", "6F4CA6", "BB8179"}}}) {
        KeySet keys{secret(master), secret(master), secret(master)};
        auto derived =
            diversify(keys, parse_diversification(how).value(), from_hex("00010203040506070809")).value();
        auto check = [](const SecretBytes& key) {
            return to_hex(crypto::triple_des_ecb_encrypt(key, Bytes(8)).value()).substr(0, 6);
        };
        EXPECT_EQ(check(derived.enc), expected[0]);
        EXPECT_EQ(check(derived.mac), expected[1]);
        EXPECT_EQ(check(derived.dek), expected[2]);
    }
}

// osmocom/pysim, the same test file, SCP03_KCV_Test.
TEST(Diversification, GivesPySimsCheckValues) {
    auto keys = pysim_keys("AES128");
    EXPECT_EQ(to_hex(aes_key_check_value(keys.enc).value()), "C35280");
    EXPECT_EQ(to_hex(aes_key_check_value(keys.mac).value()), "013808");
    EXPECT_EQ(to_hex(aes_key_check_value(keys.dek).value()), "840DE5");
}

}  // namespace
}  // namespace oti::scp
