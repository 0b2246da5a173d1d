// SPDX-License-Identifier: Apache-2.0
#include "scp/scp03_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/hex.h"
#include "iso7816/aid.h"

namespace oti::scp {
namespace {

using crypto::AesBlock;
using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::StatusWord;

KeySet keys_of(std::string_view enc, std::string_view mac, std::string_view dek) {
    return {SecretBytes::take(from_hex(enc)), SecretBytes::take(from_hex(mac)),
            SecretBytes::take(from_hex(dek))};
}

CommandApdu command(std::string_view hex) {
    return CommandApdu::parse(from_hex(hex)).value();
}

std::string hex(const std::expected<CommandApdu, StatusWord>& unwrapped) {
    return unwrapped ? to_hex(unwrapped->encode()) : "refused " + std::to_string(value(unwrapped.error()));
}

std::string upper(std::string_view hex) {
    return to_hex(from_hex(hex));
}

// --- Sessions of others -----------------------------------------------------------------------------------

using Session = std::map<std::string, std::string>;

std::map<std::string, Session> recorded_sessions() {
    std::ifstream file(OTI_SOURCE_DIR "/src/scp/testdata/scp03_card_pysim.txt");
    std::map<std::string, Session> sessions;
    std::string line;
    std::string name;
    while (std::getline(file, line)) {
        if (line.starts_with('[')) name = line.substr(1, line.size() - 2);
        auto equals = line.find(" = ");
        if (equals != std::string::npos && !line.starts_with('#')) {
            sessions[name][line.substr(0, equals)] = line.substr(equals + 3);
        }
    }
    return sessions;
}

class RecordedSession : public testing::TestWithParam<std::string> {};

TEST_P(RecordedSession, IsUnderstoodAndAnsweredAsTheCardDid) {
    auto all = recorded_sessions();
    ASSERT_TRUE(all.contains(GetParam()));
    auto& session = all[GetParam()];
    auto keys = keys_of(session["enc"], session["mac"], session["dek"]);
    auto response = from_hex(session["init_upd_rsp"]);
    ASSERT_EQ(response.size(), 32U);
    auto card = Scp03Card::initialize(response[12], keys, command(session["init_upd_cmd"]).data,
                                      BytesView(response).subspan(13, 8));
    ASSERT_TRUE(card) << card.error().message;
    EXPECT_EQ(to_hex(card->card_cryptogram()), to_hex(BytesView(response).subspan(21, 8)));
    ASSERT_EQ(card->external_authenticate(command(session["ext_auth_cmd"])), StatusWord::kOk);

    EXPECT_EQ(hex(card->unwrap(command(session["get_eid_cmd"]))), upper("80E2910006BF3E035C015A00"));
    auto answer = from_hex("bf3e125a1089882119900000000000000000000005");
    EXPECT_EQ(to_hex(card->wrap({answer, StatusWord::kOk})), upper(session["get_eid_rsp"]) + "9000");

    EXPECT_EQ(hex(card->unwrap(command(session["case_1_apdu"]))), upper("80F22002"));
    EXPECT_EQ(hex(card->unwrap(command(session["case_2_apdu"]))), upper("80ca006600"));
    EXPECT_EQ(hex(card->unwrap(command(session["case_3_apdu"]))), upper("80F220020a4f0212345c054f9f70c5"));
    EXPECT_EQ(hex(card->unwrap(command(session["case_4_apdu"]))), upper("80f28002024f0000"));
    EXPECT_TRUE(card->is_open());
}

INSTANTIATE_TEST_SUITE_P(Pysim, RecordedSession,
                         testing::Values("aes128_03", "aes128_11", "aes128_33", "aes192_03", "aes192_11",
                                         "aes192_33", "aes256_03", "aes256_11", "aes256_33"),
                         [](const auto& info) { return info.param; });

// kaoh/globalplatform, globalplatform/src/scp03Test.c: sessions of a card of an eUICC maker. Its tests
// compute the pseudo-random challenge for the ISD's AID themselves, and refuse a card with another one.
struct KaohSession {
    std::string name;
    std::string_view key_enc, key_mac, key_dek;
    std::uint8_t i;
    std::string_view host_challenge, card_challenge, card_cryptogram;
    std::uint32_t counter;
    std::string_view external_authenticate;
    std::vector<std::pair<std::string_view, std::string_view>> wrapped_and_plain;
};

void PrintTo(const KaohSession& session, std::ostream* out) {
    *out << session.name;
}

constexpr std::string_view kKaohEnc = "F995D0A069335C7DF42E590317FFEA6D";
constexpr std::string_view kKaohMac = "58563362EC5A4541ABCD32B34B1EAE7D";
constexpr std::string_view kKaohDek = "0A02A6D687406DCFA09DC70B3EDB7E38";
constexpr std::string_view kKaoh192 = "DE2A3629CBC24E8D8869E82C8B4C0D874D88166B6F8A1C12";

class KaohSessions : public testing::TestWithParam<KaohSession> {};

TEST_P(KaohSessions, AreUnderstood) {
    const auto& session = GetParam();
    auto keys = keys_of(session.key_enc, session.key_mac, session.key_dek);
    EXPECT_EQ(to_hex(Scp03Card::pseudo_random_challenge(keys, session.i, session.counter,
                                                        iso7816::Aid::constant("A000000151000000").bytes())
                         .value()),
              session.card_challenge);
    auto card = Scp03Card::initialize(session.i, keys, from_hex(session.host_challenge),
                                      from_hex(session.card_challenge))
                    .value();
    EXPECT_EQ(to_hex(card.card_cryptogram()), session.card_cryptogram);
    ASSERT_EQ(card.external_authenticate(command(session.external_authenticate)), StatusWord::kOk);
    for (auto [wrapped, plain] : session.wrapped_and_plain) {
        EXPECT_EQ(hex(card.unwrap(command(wrapped))), plain);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kaoh, KaohSessions,
    testing::Values(
        KaohSession{"delete_application",
                    kKaohEnc,
                    kKaohMac,
                    kKaohDek,
                    0x70,
                    "B2BDE1A2DC66BD56",
                    "C40932A6FEFEAEB2",
                    "E127185170F45FCA",
                    0x15,
                    "848203001059D54D932423D29F6313C970875F8C2F",
                    {{"84E400801829F06AEC3180B3EFE91FF662310B945DE0D5FE66AD67A5B6",
                      "80E400800A4F08A00100015141434C"}}},
        KaohSession{"mutual_auth",
                    kKaohEnc,
                    kKaohMac,
                    kKaohDek,
                    0x70,
                    "9BD6BF878FB8E991",
                    "3C80C2CC87EB3A35",
                    "E4EDBA35E629C336",
                    0x1E,
                    "848203001023EBFEDC579D22CDCDB6A25A5FF7891F",
                    {}},
        KaohSession{"get_status",
                    kKaohEnc,
                    kKaohMac,
                    kKaohDek,
                    0x70,
                    "DA2390D378D94B0A",
                    "A7EFE2BFDB3A27A6",
                    "EAE3FF0EA0D17524",
                    0x85,
                    "8482030010953EEC5B4A81BF393ADC2ADFD638827A",
                    {{"84F2200218705C4D16C7BAC5496AEE0ED9963222455472F3CFAC97BCCA00", "80F22002024F0000"},
                     {"84F240021834AF0FEDDAE7C07308600587E1B1E6EC87811520D9A6AAAD00", "80F24002024F0000"},
                     {"84F28002188D6CFE9EB359EACB9594D8EC161E45C10ED0138E34A10BF300", "80F28002024F0000"},
                     {"84F21002183D98B6DE9CBF3905EAE4FAF5E141C58DAB7013D1076745C700", "80F21002024F0000"}}},
        KaohSession{"aes_192",
                    kKaoh192,
                    kKaoh192,
                    kKaoh192,
                    0x10,
                    "4157115CAD7D2FE7",
                    "726B1E22EED4F4BB",
                    "AB21001BFD4B6F02",
                    0x12,
                    "84820300109B126D1B1557297F3C06766CA9ACBD27",
                    {{"84F2200218110C222888859059700E5D42AD65F41299B0BFFC03BF79A800", "80F22002024F0000"}}}),
    [](const auto& info) { return info.param.name; });

// --- Rules ------------------------------------------------------------------------------------------------

/// The least host that can open a session and make commands, right and wrong ones.
class TestHost {
  public:
    TestHost(std::uint8_t i, std::size_t key_size) : i_(i), size_(Scp03Card::mac_size(i)) {
        Bytes key(key_size);
        for (std::size_t n = 0; n < key_size; ++n) key[n] = static_cast<std::uint8_t>(0x40 + n);
        keys_ = {SecretBytes::copy_of(key), SecretBytes::copy_of(key), SecretBytes::copy_of(key)};
        context_ = concat(Bytes(size_, 0x11), Bytes(size_, 0x22));
    }

    Scp03Card card() const {
        return Scp03Card::initialize(i_, keys_, Bytes(size_, 0x11), Bytes(size_, 0x22)).value();
    }
    const KeySet& keys() const { return keys_; }

    Bytes derived(std::uint8_t constant, std::size_t size) const {
        Bytes out;
        auto source = constant == 0x04 ? keys_.enc.clone() : keys_.mac.clone();
        if (constant < 0x02) source = SecretBytes::take(derived(0x06, keys_.mac.size()));
        for (std::uint8_t round = 1; out.size() < size; ++round) {
            Bytes input(11);
            append(input, Bytes{constant, 0x00, static_cast<std::uint8_t>(size * 8 >> 8),
                                static_cast<std::uint8_t>(size * 8), round});
            append(input, context_);
            append(out, crypto::cmac(source, input).value());
        }
        out.resize(size);
        return out;
    }

    CommandApdu external_authenticate(std::uint8_t level) {
        CommandApdu apdu{0x84, 0x82, level, 0x00, derived(0x01, size_)};
        chaining_ = {};
        return with_mac(apdu);
    }

    /// `lc` has one byte, or three.
    CommandApdu with_mac(CommandApdu apdu, bool extended = false) {
        auto lc = apdu.data.size() + size_;
        Bytes input = to_bytes(chaining_);
        append(input, Bytes{0x84, apdu.ins, apdu.p1, apdu.p2});
        if (extended) append(input, Bytes{0x00, static_cast<std::uint8_t>(lc >> 8)});
        input.push_back(static_cast<std::uint8_t>(lc));
        append(input, apdu.data);
        chaining_ = crypto::cmac(SecretBytes::take(derived(0x06, keys_.mac.size())), input).value();
        append(apdu.data, BytesView(chaining_).first(size_));
        return apdu;
    }

    Bytes cbc(std::uint8_t top, std::uint8_t counter, Bytes data) const {
        auto cipher = crypto::Aes::create(SecretBytes::take(derived(0x04, keys_.enc.size()))).value();
        AesBlock block{};
        block[0] = top;
        block[15] = counter;
        cipher.ecb_encrypt(block, block);
        cipher.cbc_encrypt(block, data, data);
        return data;
    }

    std::string response_mac(BytesView data, std::string_view sw) const {
        auto mac = crypto::cmac(SecretBytes::take(derived(0x07, keys_.mac.size())),
                                concat(chaining_, data, from_hex(sw)))
                       .value();
        return to_hex(BytesView(mac).first(size_));
    }

  private:
    std::uint8_t i_;
    std::size_t size_;
    KeySet keys_;
    Bytes context_;
    AesBlock chaining_{};
};

struct Setting {
    std::uint8_t i;
    std::size_t key_size;
};

void PrintTo(const Setting& setting, std::ostream* out) {
    *out << "i" << to_hex(Bytes{setting.i}) << "_AES" << setting.key_size * 8;
}

class Scp03CardModes : public testing::TestWithParam<Setting> {};

TEST_P(Scp03CardModes, ProtectsCommandsAndResponsesAtLevel33) {
    TestHost host(GetParam().i, GetParam().key_size);
    auto card = host.card();
    auto size = Scp03Card::mac_size(GetParam().i);
    EXPECT_EQ(to_hex(card.card_cryptogram()), to_hex(host.derived(0x00, size)));
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x33)), StatusWord::kOk);
    EXPECT_EQ(to_hex(card.wrap({})), "9000") << "EXTERNAL AUTHENTICATE has no R-MAC";

    // The counter counts the first command, which has no data.
    EXPECT_EQ(hex(card.unwrap(host.with_mac({0x84, 0xF2, 0x20, 0x02}))), "80F22002");
    EXPECT_EQ(to_hex(card.wrap({})), host.response_mac({}, "9000") + "9000");

    auto plain = from_hex("AABBCC80000000000000000000000000");
    EXPECT_EQ(hex(card.unwrap(host.with_mac({0x84, 0xE2, 0x00, 0x00, host.cbc(0x00, 2, plain), 256}))),
              "80E2000003AABBCC00");
    auto answer = host.cbc(0x80, 2, from_hex("01020304058000000000000000000000"));
    EXPECT_EQ(to_hex(card.wrap({from_hex("0102030405"), StatusWord::kMoreData})),
              to_hex(answer) + host.response_mac(answer, "6310") + "6310");
}

INSTANTIATE_TEST_SUITE_P(All, Scp03CardModes,
                         testing::Values(Setting{0x60, 16}, Setting{0x61, 16}, Setting{0x70, 24},
                                         Setting{0x71, 24}, Setting{0x60, 32}, Setting{0x71, 32}),
                         testing::PrintToStringParamName());

TEST(Scp03Card, TakesTheLevelsOfTheStandardThatIOffers) {
    for (auto [i, offered] : std::map<int, std::vector<int>>{
             {0x00, {0x00, 0x01, 0x03}},
             {0x20, {0x00, 0x01, 0x03, 0x11, 0x13}},
             {0x60, {0x00, 0x01, 0x03, 0x11, 0x13, 0x33}},
         }) {
        for (int p1 = 0; p1 < 256; ++p1) {
            TestHost host(static_cast<std::uint8_t>(i), 16);
            auto card = host.card();
            auto expected = std::ranges::find(offered, p1) != offered.end() ? StatusWord::kOk
                                                                            : StatusWord::kIncorrectP1P2;
            auto apdu = host.external_authenticate(static_cast<std::uint8_t>(p1));
            ASSERT_EQ(card.external_authenticate(apdu), expected) << i << " " << p1;
            EXPECT_EQ(card.is_open(), expected == StatusWord::kOk);
            EXPECT_EQ(card.level().c_decryption, card.is_open() && (p1 & 0x02) != 0);
            EXPECT_EQ(card.level().r_encryption, card.is_open() && (p1 & 0x20) != 0);
        }
    }
}

TEST(Scp03Card, RefusesParametersThatMakeNoSession) {
    TestHost host(0x60, 16);
    for (std::uint8_t i : Bytes{0x02, 0x04, 0x08, 0x80, 0x40}) {
        EXPECT_EQ(Scp03Card::initialize(i, host.keys(), Bytes(8), Bytes(8)).error().code, "scp.parameter");
    }
    EXPECT_EQ(Scp03Card::initialize(0x60, host.keys(), Bytes(16), Bytes(8)).error().code, "scp.challenge");
    EXPECT_EQ(Scp03Card::initialize(0x61, host.keys(), Bytes(16), Bytes(8)).error().code, "scp.challenge");
    EXPECT_EQ(Scp03Card::initialize(0x60, keys_of("00", "00", "00"), Bytes(8), Bytes(8)).error().code,
              "key.length");
}

TEST(Scp03Card, AWrongHostCryptogramOrMacEndsTheAttempt) {
    for (std::size_t byte = 0; byte < 16; ++byte) {
        TestHost host(0x60, 16);
        auto card = host.card();
        auto right = host.external_authenticate(0x33);
        auto wrong = right;
        wrong.data[byte] ^= 0x01;
        EXPECT_EQ(card.external_authenticate(wrong),
                  byte < 8 ? StatusWord::kAuthenticationFailed : StatusWord::kSecurityStatus);
        EXPECT_TRUE(card.is_aborted());
        EXPECT_EQ(card.external_authenticate(right), StatusWord::kSecurityStatus);
        EXPECT_EQ(card.unwrap({0x80, 0xF2, 0x40, 0x02}).error(), StatusWord::kSecurityStatus);
    }
}

TEST(Scp03Card, ExternalAuthenticateWithoutItsMacOrTwiceEndsTheSession) {
    TestHost host(0x60, 16);
    auto card = host.card();
    auto apdu = host.external_authenticate(0x01);
    auto cut = apdu;
    cut.data.resize(8);
    EXPECT_EQ(card.external_authenticate(cut), StatusWord::kWrongLength);
    EXPECT_TRUE(card.is_aborted());

    auto second = host.card();
    ASSERT_EQ(second.external_authenticate(apdu), StatusWord::kOk);
    EXPECT_EQ(second.external_authenticate(apdu), StatusWord::kConditionsNotSatisfied);
    EXPECT_TRUE(second.is_aborted());
}

/// Each of these commands ends a session of level 03, and nothing gets through afterwards.
struct Attack {
    std::string name;
    std::function<CommandApdu(TestHost&)> make;
};

void PrintTo(const Attack& attack, std::ostream* out) {
    *out << attack.name;
}

CommandApdu good_command(TestHost& host) {
    auto plain = from_hex("AABBCC80000000000000000000000000");
    return host.with_mac({0x84, 0xE2, 0x80, 0x01, host.cbc(0x00, 1, plain), 256});
}

CommandApdu changed(CommandApdu apdu, const std::function<void(CommandApdu&)>& change) {
    change(apdu);
    return apdu;
}

class Scp03CardAttacks : public testing::TestWithParam<Attack> {};

TEST_P(Scp03CardAttacks, EndTheSession) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x33)), StatusWord::kOk);
    auto bad = GetParam().make(host);
    EXPECT_EQ(card.unwrap(bad).error(), StatusWord::kSecurityStatus);
    EXPECT_TRUE(card.is_aborted());
    EXPECT_EQ(card.level(), CurrentSecurityLevel{});
    EXPECT_EQ(to_hex(card.wrap({from_hex("0102"), StatusWord::kSecurityStatus})), "01026982")
        << "no response MAC without a session";
    EXPECT_EQ(card.decrypt_sensitive(Bytes(16)).error(), StatusWord::kConditionsNotSatisfied);

    TestHost fresh(0x60, 16);
    fresh.external_authenticate(0x33);
    EXPECT_EQ(card.unwrap(good_command(fresh)).error(), StatusWord::kSecurityStatus);
    EXPECT_EQ(card.unwrap({0x00, 0xCA, 0x00, 0x66}).error(), StatusWord::kSecurityStatus);
}

INSTANTIATE_TEST_SUITE_P(
    All, Scp03CardAttacks,
    testing::Values(
        Attack{"plain_command", [](TestHost&) { return CommandApdu{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}}; }},
        Attack{"no_data_at_all", [](TestHost&) { return CommandApdu{0x84, 0xF2, 0x40, 0x02}; }},
        Attack{"changed_ins",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.ins ^= 1; }); }},
        Attack{"changed_p1",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.p1 ^= 1; }); }},
        Attack{"changed_p2",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.p2 ^= 1; }); }},
        Attack{"changed_class",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.cla = 0x04; }); }},
        Attack{"iso_secure_messaging",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.cla = 0x8C; }); }},
        Attack{"changed_data",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.data[0] ^= 1; }); }},
        Attack{"changed_mac",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.data.back() ^= 1; }); }},
        Attack{"cut_mac",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.data.pop_back(); }); }},
        Attack{"longer",
               [](TestHost& h) { return changed(good_command(h), [](auto& a) { a.data.push_back(0); }); }},
        Attack{"skipped_command",
               [](TestHost& h) {
                   good_command(h);
                   return good_command(h);
               }},
        Attack{"not_whole_blocks",
               [](TestHost& h) { return h.with_mac({0x84, 0xE2, 0x00, 0x00, Bytes(15)}); }},
        Attack{"no_padding",
               [](TestHost& h) {
                   return h.with_mac({0x84, 0xE2, 0x00, 0x00, h.cbc(0x00, 1, Bytes(16, 0x55))});
               }},
        Attack{"padding_of_zeros_only",
               [](TestHost& h) { return h.with_mac({0x84, 0xE2, 0x00, 0x00, h.cbc(0x00, 1, Bytes(16))}); }},
        Attack{"padding_of_more_than_a_block",
               [](TestHost& h) {
                   Bytes data(32);
                   data[15] = 0x80;
                   return h.with_mac({0x84, 0xE2, 0x00, 0x00, h.cbc(0x00, 1, data)});
               }}),
    testing::PrintToStringParamName());

TEST(Scp03Card, RefusesARepeatedCommand) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x33)), StatusWord::kOk);
    auto apdu = good_command(host);
    ASSERT_TRUE(card.unwrap(apdu));
    EXPECT_EQ(card.unwrap(apdu).error(), StatusWord::kSecurityStatus);
    EXPECT_TRUE(card.is_aborted());
}

TEST(Scp03Card, LeavesLogicalChannelsAndLeOutOfTheMac) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x01)), StatusWord::kOk);
    auto on_channel = [&](std::uint8_t cla, std::uint32_t ne) {
        auto apdu = host.with_mac({0x84, 0xF2, 0x40, 0x02, {0x4F, 0x00}});
        apdu.cla = cla;
        apdu.ne = ne;
        return apdu;
    };
    EXPECT_EQ(hex(card.unwrap(on_channel(0x86, 0))), "82F24002024F00");
    EXPECT_EQ(hex(card.unwrap(on_channel(0x87, 17))), "83F24002024F0011");
    // Further interindustry class: channel 9, secure messaging in b6.
    EXPECT_EQ(hex(card.unwrap(on_channel(0xE5, 256))), "C5F24002024F0000");
    // The level counts, not what the class byte says of it.
    EXPECT_EQ(hex(card.unwrap(on_channel(0x80, 256))), "80F24002024F0000");
}

TEST(Scp03Card, TakesThreeBytesOfLcIntoTheMacOfALongCommand) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x01)), StatusWord::kOk);
    // 247 and the MAC still fit into one byte.
    ASSERT_TRUE(card.unwrap(host.with_mac({0x84, 0xE6, 0x02, 0x00, Bytes(247)}, false)));
    auto unwrapped = card.unwrap(host.with_mac({0x84, 0xE6, 0x02, 0x00, Bytes(248, 0x5A)}, true));
    ASSERT_TRUE(unwrapped);
    EXPECT_EQ(unwrapped->data, Bytes(248, 0x5A));
    ASSERT_TRUE(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 4096}, true)));
    ASSERT_TRUE(card.unwrap(host.with_mac({0x84, 0xE8, 0x00, 0x00, Bytes(65527)}, true)));
    EXPECT_FALSE(card.unwrap(host.with_mac({0x84, 0xE6, 0x02, 0x00, Bytes(10)}, true)));
}

TEST(Scp03Card, TakesEncryptedEmptyData) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x03)), StatusWord::kOk);
    Bytes padding(16);
    padding[0] = 0x80;
    EXPECT_EQ(hex(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02, host.cbc(0x00, 1, padding)}))),
              "80F24002");
}

TEST(Scp03Card, AnswersErrorsWithTheStatusOnly) {
    TestHost host(0x60, 16);
    auto card = host.card();
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x33)), StatusWord::kOk);
    ASSERT_TRUE(card.unwrap(good_command(host)));
    EXPECT_EQ(to_hex(card.wrap({from_hex("0102"), StatusWord::kReferencedDataNotFound})), "6A88");
    EXPECT_TRUE(card.is_open());
    // The chain goes on with the refused command.
    ASSERT_TRUE(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02})));
    EXPECT_EQ(to_hex(card.wrap({{}, StatusWord{0x6283}})), host.response_mac({}, "6283") + "6283");
}

TEST(Scp03Card, LetsPlainCommandsThroughWhereNoneMustBeProtected) {
    TestHost host(0x60, 16);
    auto card = host.card();
    CommandApdu plain{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 256};
    EXPECT_EQ(card.unwrap(plain), plain);
    EXPECT_EQ(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02})).error(), StatusWord::kSecurityStatus);
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x00)), StatusWord::kOk);
    EXPECT_EQ(card.level(), CurrentSecurityLevel{.authenticated = true});
    EXPECT_EQ(card.unwrap(plain), plain);
    EXPECT_EQ(to_hex(card.wrap({from_hex("01")})), "019000");
    // More than the level asks for is verified.
    EXPECT_EQ(hex(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02}))), "80F24002");
    EXPECT_EQ(card.unwrap({0x84, 0xF2, 0x40, 0x02, Bytes(8)}).error(), StatusWord::kSecurityStatus);
}

TEST(Scp03Card, DecryptsKeyDataWithTheStaticDek) {
    TestHost host(0x60, 16);
    auto card = host.card();
    EXPECT_EQ(card.decrypt_sensitive(Bytes(16)).error(), StatusWord::kConditionsNotSatisfied);
    ASSERT_EQ(card.external_authenticate(host.external_authenticate(0x01)), StatusWord::kOk);
    Bytes key = from_hex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
    Bytes encrypted(key.size());
    crypto::Aes::create(host.keys().dek).value().cbc_encrypt({}, key, encrypted);
    EXPECT_TRUE(card.decrypt_sensitive(encrypted).value().equals(key));
    EXPECT_EQ(card.decrypt_sensitive(Bytes(15)).error(), StatusWord::kWrongData);
    EXPECT_EQ(card.decrypt_sensitive({}).error(), StatusWord::kWrongData);
}

TEST(Scp03Card, KnowsHowMuchAResponseCanHold) {
    for (auto [level, i, expected] : std::vector<std::tuple<std::uint8_t, std::uint8_t, std::size_t>>{
             {0x03, 0x60, 256}, {0x13, 0x60, 248}, {0x33, 0x60, 239}, {0x33, 0x61, 239}, {0x11, 0x61, 240}}) {
        TestHost host(i, 16);
        auto card = host.card();
        ASSERT_EQ(card.external_authenticate(host.external_authenticate(level)), StatusWord::kOk);
        EXPECT_EQ(card.max_response_data(256), expected);
        ASSERT_TRUE(card.unwrap(host.with_mac({0x84, 0xF2, 0x40, 0x02})));
        EXPECT_LE(card.wrap({Bytes(expected)}).size(), 258U);
    }
}

TEST(Scp03Card, CountsInThePseudoRandomChallenge) {
    TestHost host(0x70, 16);
    auto aid = from_hex("A000000151000000");
    auto first = Scp03Card::pseudo_random_challenge(host.keys(), 0x70, 1, aid).value();
    EXPECT_NE(first, Scp03Card::pseudo_random_challenge(host.keys(), 0x70, 2, aid).value());
    EXPECT_NE(first, Scp03Card::pseudo_random_challenge(host.keys(), 0x70, 0x010001, aid).value());
    EXPECT_EQ(first.size(), 8U);
    EXPECT_EQ(Scp03Card::pseudo_random_challenge(host.keys(), 0x71, 1, aid).value().size(), 16U);
}

}  // namespace
}  // namespace oti::scp
