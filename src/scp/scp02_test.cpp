// SPDX-License-Identifier: Apache-2.0
// Both roles of SCP02: each against recorded sessions of others, and against the other.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/hex.h"
#include "scp/scp02_card.h"
#include "scp/scp02_host.h"

namespace oti::scp {
namespace {

using crypto::SecretBytes;
using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

using Session = std::map<std::string, std::string>;

std::map<std::string, Session> recorded_sessions() {
    std::ifstream file(OTI_SOURCE_DIR "/src/scp/testdata/scp02_sessions.txt");
    std::map<std::string, Session> sessions;
    std::string name;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('[')) name = line.substr(1, line.size() - 2);
        auto equals = line.find(" = ");
        if (equals != std::string::npos && !line.starts_with('#')) {
            sessions[name][line.substr(0, equals)] = line.substr(equals + 3);
        }
    }
    return sessions;
}

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

CommandApdu command(std::string_view hex) {
    return CommandApdu::parse(from_hex(hex)).value();
}

KeySet test_keys() {
    return {secret("404142434445464748494A4B4C4D4E4F"), secret("505152535455565758595A5B5C5D5E5F"),
            secret("606162636465666768696A6B6C6D6E6F")};
}

class Scp02Sessions : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        auto all = recorded_sessions();
        ASSERT_TRUE(all.contains(GetParam()));
        session_ = all[GetParam()];
        i_ = from_hex(session_["i"])[0];
        response_ = Scp02InitializeUpdateResponse::parse(from_hex(session_["init_upd_rsp"])).value();
        challenge_ = command(session_["init_upd_cmd"]).data;
    }
    KeySet keys() { return {secret(session_["enc"]), secret(session_["mac"]), secret(session_["dek"])}; }

    Session session_;
    std::uint8_t i_ = 0;
    Scp02InitializeUpdateResponse response_;
    Bytes challenge_;
};

TEST_P(Scp02Sessions, TheHostSendsTheSame) {
    EXPECT_EQ(to_hex(response_.encode()), to_hex(from_hex(session_["init_upd_rsp"])));
    auto level = static_cast<SecurityLevel>(command(session_["ext_auth_cmd"]).p1);
    auto host =
        Scp02Host::open(keys(), Scp02Options::from_i(i_).value(), challenge_, response_, level).value();
    EXPECT_EQ(to_hex(host.external_authenticate()), to_hex(from_hex(session_["ext_auth_cmd"])));
    for (int n = 1; session_.contains("plain_" + std::to_string(n)); ++n) {
        EXPECT_EQ(to_hex(host.wrap(command(session_["plain_" + std::to_string(n)])).value()),
                  to_hex(from_hex(session_["wrapped_" + std::to_string(n)])));
    }
    EXPECT_GT(host.outstanding(), 0U);
}

TEST_P(Scp02Sessions, TheCardUnderstands) {
    auto card =
        Scp02Card::initialize(i_, keys(), response_.sequence_counter, challenge_, response_.card_challenge)
            .value();
    EXPECT_EQ(to_hex(card.card_cryptogram()), to_hex(response_.card_cryptogram));
    ASSERT_EQ(card.external_authenticate(command(session_["ext_auth_cmd"])), StatusWord::kOk);
    for (int n = 1; session_.contains("plain_" + std::to_string(n)); ++n) {
        auto plain = card.unwrap(command(session_["wrapped_" + std::to_string(n)]));
        ASSERT_TRUE(plain);
        EXPECT_EQ(to_hex(plain->encode()), to_hex(from_hex(session_["plain_" + std::to_string(n)])));
    }
}

INSTANTIATE_TEST_SUITE_P(OfOthers, Scp02Sessions, testing::Values("pysim", "kaoh_get_status", "kaoh_install"),
                         [](const auto& info) { return info.param; });

/// A host and a card that have not yet authenticated.
struct Pair {
    Scp02Host host;
    Scp02Card card;
};

Pair pair_of(std::uint8_t i, SecurityLevel level) {
    auto keys = test_keys();
    Bytes challenge(8, 0x11);
    constexpr std::uint16_t kCounter = 0x0123;
    auto aid = Aid::constant("A000000151000000");
    auto predicted =
        Scp02InitializeUpdateResponse::predict(keys, Bytes(10), KeyVersion(0x20), kCounter, aid, challenge)
            .value();
    auto card_challenge = Scp02Card::pseudo_random_challenge(keys, kCounter, aid.bytes()).value();
    EXPECT_EQ(predicted.card_challenge, card_challenge);
    auto card = Scp02Card::initialize(i, keys, kCounter, challenge, card_challenge).value();
    EXPECT_TRUE(same(card.card_cryptogram(), predicted.card_cryptogram));
    auto host = Scp02Host::open(keys, Scp02Options::from_i(i).value(), challenge, predicted, level).value();
    return {std::move(host), std::move(card)};
}

Pair open_pair(std::uint8_t i, SecurityLevel level) {
    auto pair = pair_of(i, level);
    EXPECT_EQ(pair.card.external_authenticate(CommandApdu::parse(pair.host.external_authenticate()).value()),
              StatusWord::kOk);
    return pair;
}

TEST(Scp02, HostAndCardUnderstandEachOtherWithEveryParameterAndLevel) {
    const std::vector<CommandApdu> commands{{0x80, 0xF2, 0x20, 0x02},
                                            {0x80, 0xCA, 0x00, 0x66, {}, 256},
                                            {0x80, 0xE2, 0x00, 0x00, Bytes(7, 0x80)},
                                            {0x80, 0xE2, 0x00, 0x01, Bytes(8, 0x01), 256},
                                            {0x82, 0xE8, 0x00, 0x00, Bytes(239, 0x02), 256},
                                            {0xC7, 0xE8, 0x00, 0x00, Bytes(1, 0x03), 256},
                                            {0x80, 0xE6, 0x02, 0x00, Bytes(600, 0x04), 65536},
                                            {0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 4096}};
    const std::vector<ResponseApdu> responses{
        {}, {Bytes(250, 0xAA)}, {{}, StatusWord::kReferencedDataNotFound}, {Bytes(3), StatusWord::kMoreData}};
    for (std::uint8_t i :
         Bytes{0x04, 0x05, 0x07, 0x14, 0x15, 0x17, 0x24, 0x35, 0x37, 0x45, 0x55, 0x75, 0x77}) {
        for (auto level : {SecurityLevel::kNone, SecurityLevel::kCMac, SecurityLevel::kCMacCDecryption,
                           SecurityLevel::kCMacRMac, SecurityLevel::kCMacCDecryptionRMac}) {
            if (!Scp02Options::from_i(i)->supports(level)) continue;
            SCOPED_TRACE(testing::Message() << std::hex << +i << " " << static_cast<int>(level));
            auto [host, card] = open_pair(i, level);
            // All wrapped before the first is answered.
            std::vector<Bytes> wrapped;
            for (const auto& plain : commands) wrapped.push_back(host.wrap(plain).value());
            for (std::size_t n = 0; n < commands.size(); ++n) {
                auto unwrapped = card.unwrap(CommandApdu::parse(wrapped[n]).value());
                ASSERT_TRUE(unwrapped) << n;
                EXPECT_EQ(*unwrapped, commands[n]);
                const auto& response = responses[n % responses.size()];
                auto bytes = card.wrap(response);
                EXPECT_EQ(host.unwrap(bytes).value(), response) << n;
            }
            EXPECT_EQ(host.outstanding(), 0U);
        }
    }
}

TEST(Scp02, TheCardTakesOnlyLevelsThatExistAndThatIOffers) {
    for (auto [i, offered] : std::map<int, std::vector<int>>{{0x15, {0x00, 0x01, 0x03}},
                                                             {0x75, {0x00, 0x01, 0x03, 0x10, 0x11, 0x13}}}) {
        for (int p1 = 0; p1 < 256; ++p1) {
            auto pair = pair_of(static_cast<std::uint8_t>(i), static_cast<SecurityLevel>(p1 & ~0x30));
            auto apdu = CommandApdu::parse(pair.host.external_authenticate()).value();
            apdu.p1 = static_cast<std::uint8_t>(p1);
            auto sw = pair.card.external_authenticate(apdu);
            bool exists = std::ranges::find(offered, p1) != offered.end();
            // Where only P1 was changed, the MAC does not fit.
            auto unchanged = (p1 & 0x30) == 0 ? StatusWord::kOk : StatusWord::kSecurityStatus;
            EXPECT_EQ(sw, exists ? unchanged : StatusWord::kIncorrectP1P2) << p1;
        }
    }
}

TEST(Scp02, TheCardEndsTheSessionAtEveryChangedBit) {
    for (auto level : {SecurityLevel::kCMac, SecurityLevel::kCMacCDecryption}) {
        auto good = open_pair(0x55, level).host.wrap({0x80, 0xE2, 0x80, 0x01, Bytes(3, 0x7F), 256}).value();
        auto apdu = CommandApdu::parse(good).value();
        auto refused = [&](const CommandApdu& bad) {
            auto pair = open_pair(0x55, level);
            EXPECT_EQ(pair.card.unwrap(bad).error(), StatusWord::kSecurityStatus);
            EXPECT_TRUE(pair.card.is_aborted());
            EXPECT_EQ(pair.card.level(), CurrentSecurityLevel{});
            EXPECT_EQ(pair.card.unwrap(apdu).error(), StatusWord::kSecurityStatus);
            EXPECT_EQ(pair.card.decrypt_sensitive(Bytes(8)).error(), StatusWord::kConditionsNotSatisfied);
            EXPECT_EQ(to_hex(pair.card.wrap({})), "9000");
        };
        for (std::size_t bit = 0; bit < apdu.data.size() * 8; ++bit) {
            auto bad = apdu;
            bad.data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            refused(bad);
        }
        for (auto member : {&CommandApdu::ins, &CommandApdu::p1, &CommandApdu::p2}) {
            auto bad = apdu;
            bad.*member ^= 0x01;
            refused(bad);
        }
        for (std::uint8_t cla : Bytes{0x04, 0x8C, 0x88}) {
            auto bad = apdu;
            bad.cla = cla;
            refused(bad);
        }
        for (std::size_t size = 0; size < apdu.data.size(); ++size) {
            auto bad = apdu;
            bad.data.resize(size);
            refused(bad);
        }
        refused({0x80, 0xE2, 0x80, 0x01, Bytes(3, 0x7F), 256});
        refused({0x80, 0xF2, 0x40, 0x02});
    }
}

TEST(Scp02, TheCardRefusesRepeatedAndSkippedCommands) {
    auto [host, card] = open_pair(0x55, SecurityLevel::kCMac);
    CommandApdu get_status{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}};
    auto first = CommandApdu::parse(host.wrap(get_status).value()).value();
    ASSERT_TRUE(card.unwrap(first));
    EXPECT_FALSE(card.unwrap(first));

    auto other = open_pair(0x55, SecurityLevel::kCMac);
    ASSERT_TRUE(other.host.wrap(get_status));
    EXPECT_FALSE(other.card.unwrap(CommandApdu::parse(other.host.wrap(get_status).value()).value()));
}

TEST(Scp02, AWrongHostCryptogramOrMacEndsTheAttempt) {
    for (std::size_t byte = 0; byte < 16; ++byte) {
        auto [host, card] = pair_of(0x55, SecurityLevel::kCMac);
        auto right = CommandApdu::parse(host.external_authenticate()).value();
        auto wrong = right;
        wrong.data[byte] ^= 0x01;
        EXPECT_EQ(card.external_authenticate(wrong),
                  byte < 8 ? StatusWord::kAuthenticationFailed : StatusWord::kSecurityStatus);
        EXPECT_EQ(card.external_authenticate(right), StatusWord::kSecurityStatus);
        EXPECT_EQ(card.unwrap({0x80, 0xF2, 0x40, 0x02}).error(), StatusWord::kSecurityStatus);
    }
    auto [host, card] = pair_of(0x55, SecurityLevel::kCMac);
    auto apdu = CommandApdu::parse(host.external_authenticate()).value();
    EXPECT_EQ(card.unwrap({0x80, 0xF2, 0x40, 0x02})->ins, 0xF2) << "no session, no protection";
    ASSERT_EQ(card.external_authenticate(apdu), StatusWord::kOk);
    EXPECT_EQ(card.external_authenticate(apdu), StatusWord::kConditionsNotSatisfied);
    EXPECT_TRUE(card.is_aborted());
}

TEST(Scp02, TheHostClosesAtEveryChangedBitOfAResponse) {
    CommandApdu get_status{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 256};
    auto answered = open_pair(0x75, SecurityLevel::kCMacRMac);
    ASSERT_TRUE(answered.card.unwrap(CommandApdu::parse(answered.host.wrap(get_status).value()).value()));
    auto good = answered.card.wrap({from_hex("0102030405")});
    for (std::size_t bit = 0; bit < (good.size() - 2) * 8; ++bit) {
        auto host = open_pair(0x75, SecurityLevel::kCMacRMac).host;
        ASSERT_TRUE(host.wrap(get_status));
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_EQ(host.unwrap(bad).error().code, "scp.response_mac");
        EXPECT_EQ(host.wrap(get_status).error().code, "scp.closed");
        EXPECT_EQ(host.encrypt_sensitive(Bytes(8)).error().code, "scp.closed");
    }
    EXPECT_TRUE(answered.host.unwrap(good));
    EXPECT_EQ(answered.host.unwrap(good).error().code, "scp.unexpected");
}

TEST(Scp02, TheHostTakesAnErrorWithoutMacAndGoesOn) {
    CommandApdu get_status{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 256};
    auto [host, card] = open_pair(0x75, SecurityLevel::kCMacRMac);
    ASSERT_TRUE(card.unwrap(CommandApdu::parse(host.wrap(get_status).value()).value()));
    EXPECT_EQ(card.wrap({{}, StatusWord::kReferencedDataNotFound}).size(), 10U);
    // As over T=0, where an error has no data. The chain of R-MACs goes on with it.
    EXPECT_EQ(host.unwrap(from_hex("6A88")).value().sw, StatusWord::kReferencedDataNotFound);
    ASSERT_TRUE(card.unwrap(CommandApdu::parse(host.wrap(get_status).value()).value()));
    EXPECT_TRUE(host.unwrap(card.wrap({Bytes(5)})));
    ASSERT_TRUE(host.wrap(get_status));
    EXPECT_EQ(host.unwrap(from_hex("9000")).error().code, "scp.response_mac");
}

TEST(Scp02, TheHostRefusesAWrongKeyBeforeSendingAnything) {
    auto keys = test_keys();
    auto card = Scp02InitializeUpdateResponse::predict(keys, Bytes(10), KeyVersion(0x20), 1,
                                                       Aid::constant("A000000151000000"), Bytes(8))
                    .value();
    keys.enc = secret("414142434445464748494A4B4C4D4E4F");
    EXPECT_TRUE(Scp02Host::open(keys, {}, Bytes(8), card, SecurityLevel::kCMac))
        << "the lowest bit of a byte is parity";
    keys.enc = secret("424142434445464748494A4B4C4D4E4F");
    EXPECT_EQ(Scp02Host::open(keys, {}, Bytes(8), card, SecurityLevel::kCMac).error().code,
              "scp.card_cryptogram");
    keys.enc = SecretBytes(24);
    EXPECT_EQ(Scp02Host::open(keys, {}, Bytes(8), card, SecurityLevel::kCMac).error().code, "key.length");
    EXPECT_EQ(Scp02Host::open(test_keys(), {}, Bytes(8), card, SecurityLevel::kFull).error().code,
              "scp.level");
    EXPECT_EQ(Scp02Host::open(test_keys(), {}, Bytes(8), card, SecurityLevel::kCMacRMac).error().code,
              "scp.level");
}

TEST(Scp02, RefusesParametersOfOtherModes) {
    for (std::uint8_t i : Bytes{0x00, 0x0A, 0x1A, 0x1D, 0x95}) {
        EXPECT_EQ(Scp02Options::from_i(i).error().code, "scp.unsupported");
        EXPECT_EQ(Scp02Card::initialize(i, test_keys(), 0, Bytes(8), Bytes(6)).error().code, "scp.parameter");
    }
    EXPECT_EQ(Scp02Card::initialize(0x55, test_keys(), 0, Bytes(8), Bytes(8)).error().code, "scp.challenge");
    EXPECT_EQ(Scp02Card::initialize(0x55, test_keys(), 0, Bytes(16), Bytes(6)).error().code, "scp.challenge");
    EXPECT_EQ(Scp02Card::initialize(0x55, {}, 0, Bytes(8), Bytes(6)).error().code, "key.length");
}

TEST(Scp02, RefusesOtherResponsesToInitializeUpdate) {
    EXPECT_EQ(Scp02InitializeUpdateResponse::parse(
                  from_hex("00000000000000000000300370A7EFE2BFDB3A27A6EAE3FF0EA0D17524000085"))
                  .error()
                  .code,
              "scp.unsupported");
    auto good = from_hex("00000000000000000000700200016B4524ABEE7CF32EA3838BC148F3");
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(Scp02InitializeUpdateResponse::parse(BytesView(good).first(size)));
    }
    good.push_back(0);
    EXPECT_FALSE(Scp02InitializeUpdateResponse::parse(good));
}

TEST(Scp02, KeyDataPassUnderTheSessionsKey) {
    auto [host, card] = open_pair(0x55, SecurityLevel::kCMac);
    auto key = from_hex("000102030405060708090A0B0C0D0E0F");
    auto encrypted = host.encrypt_sensitive(key).value();
    EXPECT_NE(encrypted, key);
    EXPECT_TRUE(card.decrypt_sensitive(encrypted)->equals(key));
    EXPECT_EQ(host.encrypt_sensitive(Bytes(7)).error().code, "key.length");
    EXPECT_EQ(card.decrypt_sensitive(Bytes(7)).error(), StatusWord::kWrongData);
    EXPECT_EQ(card.decrypt_sensitive({}).error(), StatusWord::kWrongData);
}

TEST(Scp02, BothKnowWhatFits) {
    for (auto level : {SecurityLevel::kNone, SecurityLevel::kCMac, SecurityLevel::kCMacCDecryption}) {
        auto host = open_pair(0x55, level).host;
        auto most = host.max_data(255);
        EXPECT_LE(host.wrap({0x80, 0xE8, 0, 0, Bytes(most)}).value().size(), 5U + 255U);
        EXPECT_EQ(host.wrap({0x80, 0xE8, 0, 0, Bytes(most + 1)}).value()[4], 0x00) << "extended length";
    }
    EXPECT_EQ(open_pair(0x55, SecurityLevel::kCMac).host.max_data(255), 247U);
    EXPECT_EQ(open_pair(0x55, SecurityLevel::kCMacCDecryption).host.max_data(255), 239U);
    EXPECT_EQ(open_pair(0x55, SecurityLevel::kCMac).card.max_response_data(256), 256U);
    EXPECT_EQ(open_pair(0x75, SecurityLevel::kCMacRMac).card.max_response_data(256), 248U);
    EXPECT_EQ(open_pair(0x55, SecurityLevel::kCMac).host.wrap({0x80, 0xE8, 0, 0, Bytes(65530)}).error().code,
              "scp.too_long");
}

}  // namespace
}  // namespace oti::scp
