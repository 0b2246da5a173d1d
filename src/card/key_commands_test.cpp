// SPDX-License-Identifier: Apache-2.0
// PUT KEY and DELETE [key]. Check values of the key 40…4F (8BAF47 as triple DES, 504A77 as AES) are those
// that GlobalPlatformPro prints for it.
#include <gmock/gmock.h>

#include "card/secure_element_fixture.h"
#include "crypto/private_key.h"

namespace oti::card {
namespace {

using crypto::PrivateKey;
using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;

class KeyCommandsTest : public SecureElementTest {
  protected:
    void SetUp() override { open_issuer(); }

    Bytes encrypted(BytesView key) {
        auto padded = to_bytes(key);
        padded.resize((padded.size() + 15) / 16 * 16);
        return must(terminal_.host_->encrypt_sensitive(padded));
    }
    Bytes encrypted(std::string_view key) { return encrypted(from_hex(key)); }

    /// A key data field in the basic format.
    Bytes field(std::uint8_t type, std::string_view key, std::string_view check_value) {
        ByteWriter writer;
        auto value = from_hex(key);
        writer.u8(type).u8(0x11).u8(static_cast<unsigned>(value.size())).put(encrypted(value));
        return writer.lv(from_hex(check_value)).take();
    }
    ResponseApdu put(std::uint8_t replaced, std::uint8_t id, std::uint8_t version, BytesView fields) {
        return terminal_.send({0x80, 0xD8, replaced, id, concat(Bytes{version}, fields), 256});
    }
    /// A command that is longer than a short one: wrapped as one, sent in parts.
    ResponseApdu send_in_parts(const CommandApdu& command) {
        auto whole = must(CommandApdu::parse(must(terminal_.host_->wrap(command))));
        ResponseApdu response;
        for (std::size_t at = 0; at < whole.data.size(); at += 255) {
            auto part = BytesView(whole.data).subspan(at, std::min<std::size_t>(255, whole.data.size() - at));
            auto more = at + part.size() == whole.data.size() ? 0x00U : 0x80U;
            response =
                terminal_.plain(CommandApdu{whole.cla, whole.ins, static_cast<std::uint8_t>(whole.p1 | more),
                                            whole.p2, to_bytes(part), 256}
                                    .encode());
        }
        return must(terminal_.host_->unwrap(response.encode()));
    }
    ResponseApdu put_aes(std::uint8_t replaced, std::uint8_t id, std::uint8_t version) {
        return put(replaced, id, version, field(0x88, kOwnKey, "C35280"));
    }
    std::string information() { return to_hex(terminal_.send("80CA00E000").data); }
    std::vector<KeyPlace> places() { return se_.keys().places(Aid::constant(kIssuer)); }
};

TEST_F(KeyCommandsTest, ASetMayComeKeyByKey) {
    ASSERT_EQ(put_aes(0, 1, 0x31).sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.authenticate(keys_of(kOwnKey), scp::SecurityLevel::kFull, 0x31),
              StatusWord::kReferencedDataNotFound)
        << "not whole yet";
    open_issuer();
    ASSERT_EQ(put_aes(0, 2, 0x31).sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(put_aes(0, 3, 0x31).data), "31C35280");
    EXPECT_EQ(put_aes(0, 3, 0x31).sw, StatusWord::kWrongData) << "is there";
    EXPECT_EQ(terminal_.authenticate(keys_of(kOwnKey), scp::SecurityLevel::kFull, 0x31), StatusWord::kOk);
}

TEST_F(KeyCommandsTest, OneWrongKeyOfSeveralStoresNone) {
    auto fields = concat(field(0x88, kOwnKey, "C35280"), field(0x88, kOwnKey, "C35281"));
    EXPECT_EQ(put(0, 0x81, 0x31, fields).sw, StatusWord::kSecurityStatus);
    open_issuer();
    fields = concat(field(0x88, kOwnKey, "C35280"), field(0x88, kOwnKey, ""));
    EXPECT_EQ(put(0, 0x81, 0x31, fields).sw, StatusWord::kWrongData) << "without check value";
    fields = concat(field(0x88, kOwnKey, "C35280"), field(0x88, kOwnKey, "C35280"));
    EXPECT_EQ(put(0, 0x01, 0x31, fields).sw, StatusWord::kWrongData) << "P2 says one key";
    EXPECT_EQ(put(0, 0xFF, 0x31, fields).sw, StatusWord::kWrongData) << "the second one would have 80";
    EXPECT_EQ(places().size(), 3U);
}

TEST_F(KeyCommandsTest, TakesAndDescribesKeysOfAllSorts) {
    EXPECT_EQ(to_hex(put(0, 0x01, 0x71, field(0x80, kTestKey, "8BAF47")).data), "718BAF47");
    EXPECT_EQ(to_hex(put(0, 0x01, 0x75, field(0x88, kTestKey, "504A77")).data), "75504A77");
    for (std::size_t bits : {1024U, 2048U}) {
        auto rsa = must(PrivateKey::generate_rsa(bits)).public_key();
        ByteWriter fields;
        fields.u8(0xA1).put(encode_length(bits / 8)).put(rsa.modulus()).u8(0xA0).lv(rsa.exponent()).u8(0);
        auto version = static_cast<std::uint8_t>(bits == 1024 ? 0x70 : 0x72);
        auto response = send_in_parts({0x80, 0xD8, 0x00, 0x01, concat(Bytes{version}, fields.view()), 256});
        EXPECT_EQ(to_hex(response.encode()), to_hex(Bytes{version}) + "9000");
    }
    auto ec = PrivateKey::generate(crypto::Curve::kP256);
    auto point = ec.public_key().point();
    auto public_field = concat(from_hex("B041"), point, from_hex("F0010000"));
    EXPECT_EQ(to_hex(put(0, 0x01, 0x73, public_field).data), "73");
    auto number = ec.number();
    auto private_field = concat(from_hex("B120"), encrypted(number.view(crypto::SecretAccess::granted())),
                                from_hex("F0010000"));
    EXPECT_EQ(to_hex(put(0, 0x11, 0x03, private_field).data), "03");
    auto all = information();
    EXPECT_THAT(all, HasSubstr("C00401718010"));
    EXPECT_THAT(all, HasSubstr("C00401758810"));
    EXPECT_THAT(all, HasSubstr("C0060170A180A003"));
    EXPECT_THAT(all, HasSubstr("C0060172A100A003")) << "256 bytes and more";
    EXPECT_THAT(all, HasSubstr("C0060173B040F000"));
    EXPECT_THAT(all, HasSubstr("C0061103B120F000"));

    point.back() ^= 1;
    EXPECT_EQ(put(0, 0x01, 0x74, concat(from_hex("B041"), point, from_hex("F0010000"))).sw,
              StatusWord::kWrongData)
        << "no point of the curve";
    EXPECT_EQ(put(0, 0x01, 0x74, concat(from_hex("B041"), ec.public_key().point(), from_hex("00"))).sw,
              StatusWord::kWrongData)
        << "without curve";
    EXPECT_EQ(
        put(0, 0x01, 0x74, concat(from_hex("B041"), ec.public_key().point(), from_hex("F00100 03C35280"))).sw,
        StatusWord::kWrongData)
        << "with check value";
    EXPECT_EQ(put(0, 0x01, 0x74, from_hex("A103010203 A001 03 00")).sw, StatusWord::kWrongData);
    EXPECT_EQ(put(0, 0x01, 0x74, field(0x82, kTestKey, "8BAF47")).sw, StatusWord::kWrongData) << "of old";
    EXPECT_EQ(put(0, 0x01, 0x74, field(0x85, kTestKey, "")).sw, StatusWord::kWrongData);
}

TEST_F(KeyCommandsTest, RecognisesACurveByItsParameters) {
    // B.4.1; the numbers of P-256 are those of FIPS 186-4, D.1.2.3.
    const std::string p = "B220 FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF";
    const std::string a = "B320 FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC";
    const std::string b = "B420 5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B";
    const std::string g =
        "B541 04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
    const std::string n = "B620 FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    auto point = PrivateKey::generate(crypto::Curve::kP256).public_key().point();
    auto put_with = [&](std::uint8_t replaced, const std::string& curve) {
        auto fields = concat(from_hex("73 B041"), point, from_hex(curve), from_hex("00"));
        return to_hex(send_in_parts({0x80, 0xD8, replaced, 0x01, fields, 256}).encode());
    };
    EXPECT_EQ(put_with(0, p + a + b + g + n), "739000");
    EXPECT_THAT(information(), HasSubstr("C0060173B040F000"));
    EXPECT_EQ(put_with(0x73, p + a + b + g + n + "B70101"), "739000") << "with the cofactor";
    EXPECT_EQ(put_with(0x73, "F00100"), "739000") << "the same curve by its reference";
    for (const auto& wrong :
         {p + a + b + g, a + b + g + n, p + a + b + g + n + "B70102", p + a + b + g + n + "F00100",
          p + p + a + b + g + n, p, a + p + b + g + n.substr(0, 5) + "00"}) {
        EXPECT_EQ(put_with(0x73, wrong), "6A80") << wrong;
    }
    auto other = b;
    other.back() = 'C';
    EXPECT_EQ(put_with(0x73, p + a + other + g + n), "6A80") << "a curve of its own";
    EXPECT_EQ(to_hex(se_.keys()
                         .find(Aid::constant(kIssuer), {0x73, 0x01})
                         ->component(KeyType::kEcPublic)
                         ->value.view(crypto::SecretAccess::granted())),
              to_hex(point));
}

TEST_F(KeyCommandsTest, AReplacedKeyKeepsItsIdentifierAndCharacteristics) {
    ASSERT_EQ(put(0, 0x01, 0x71, field(0x88, kTestKey, "504A77")).sw, StatusWord::kOk);
    EXPECT_EQ(put(0x71, 0x02, 0x72, field(0x88, kOwnKey, "C35280")).sw, StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(put(0x71, 0x01, 0x72, field(0x80, kTestKey, "8BAF47")).sw, StatusWord::kWrongData);
    EXPECT_EQ(put(0x71, 0x01, 0x30, field(0x88, kOwnKey, "C35280")).sw, StatusWord::kWrongData) << "taken";
    EXPECT_EQ(put(0x71, 0x01, 0x72, field(0x88, kOwnKey, "C35280")).sw, StatusWord::kOk);
    EXPECT_FALSE(se_.keys().contains(Aid::constant(kIssuer), {0x71, 0x01}));
    EXPECT_TRUE(se_.keys().contains(Aid::constant(kIssuer), {0x72, 0x01}));
    EXPECT_EQ(put_aes(0x30, 1, 0x31).sw, StatusWord::kConditionsNotSatisfied) << "leaves no whole set";
    EXPECT_EQ(put_aes(0x30, 1, 0x30).sw, StatusWord::kOk);
    EXPECT_EQ(se_.keys().sequence_counter(Aid::constant(kIssuer), 0x30), 1U) << "the set is not wholly new";
    EXPECT_EQ(put_keys(kTestKey, 0x30, 0x30, kOwnKey).sw, StatusWord::kOk);
    EXPECT_EQ(se_.keys().sequence_counter(Aid::constant(kIssuer), 0x30), 0U);
}

TEST_F(KeyCommandsTest, KeepsUsageAndAccessOfTheExtendedFormat) {
    auto extended = [&](std::string_view tail) {
        return concat(from_hex("FF8810"), encrypted(kOwnKey), from_hex("03C35280"), from_hex(tail));
    };
    ASSERT_EQ(put(0, 0x01, 0x71, extended("0144 0101")).sw, StatusWord::kOk);
    EXPECT_THAT(information(), HasSubstr("C00A0171FF88001001440101"));
    EXPECT_EQ(put(0, 0x02, 0x71, extended("0144 0103")).sw, StatusWord::kWrongData) << "no such access";
    EXPECT_EQ(put(0, 0x02, 0x71, extended("0144")).sw, StatusWord::kWrongData);
    EXPECT_EQ(
        put(0, 0x02, 0x71, concat(from_hex("FF8810"), encrypted(kOwnKey), from_hex("B10101 00 00 00"))).sw,
        StatusWord::kWrongData)
        << "both formats in one key";
    // Keys for those that are associated with the domain do not open the domain itself.
    auto three = concat(extended("0138 0102"), extended("0138 0102"), extended("0138 0102"));
    ASSERT_EQ(put(0, 0x81, 0x33, three).sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.authenticate(keys_of(kOwnKey), scp::SecurityLevel::kFull, 0x33),
              StatusWord::kConditionsNotSatisfied);
    open_issuer();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(terminal_.authenticate(keys_of(kOwnKey), scp::SecurityLevel::kFull, 0x33), StatusWord::kOk);
}

TEST_F(KeyCommandsTest, DeletesByVersionByIdentifierOrBoth) {
    ASSERT_EQ(put_keys(kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    ASSERT_EQ(put_keys(kTestKey, 0, 0x32, kOwnKey).sw, StatusWord::kOk);
    ASSERT_EQ(put_aes(0, 0x05, 0x71).sw, StatusWord::kOk);
    ASSERT_EQ(put_aes(0, 0x05, 0x72).sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.send("80E4000006 D00103 D20132").encode()), "009000");
    EXPECT_EQ(terminal_.sw("80E4000006 D00103 D20132"), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(terminal_.sw("80E4000003 D20131"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E4000003 D00105"), StatusWord::kOk);
    std::vector<KeyPlace> left{{0x30, 1}, {0x30, 2}, {0x30, 3}, {0x32, 1}, {0x32, 2}};
    EXPECT_EQ(places(), left);
    EXPECT_EQ(terminal_.sw("80E4000003 D20130"), StatusWord::kConditionsNotSatisfied) << "the last whole set";
    EXPECT_EQ(terminal_.sw("80E4000003 D00101"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(places(), left);
    for (const auto* wrong : {"80E4000006 D20131D20132", "80E4000004 D2020131", "80E4000002 D200",
                              "80E400000A D20131 4F05F04F544901", "80E4000002 D201"}) {
        EXPECT_EQ(terminal_.sw(wrong), StatusWord::kWrongData) << wrong;
    }
}

TEST_F(KeyCommandsTest, ADomainWithADapKeyAloneIsStillOpenedByTheIssuer) {
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    ASSERT_EQ(put_aes(0, 0x01, 0x73).sw, StatusWord::kOk);
    EXPECT_EQ(se_.registry().application(Aid::constant(kDomain))->life_cycle, 0x07);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E4000003 D20173"), StatusWord::kOk);
    ASSERT_EQ(put_keys(kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    EXPECT_EQ(se_.registry().application(Aid::constant(kDomain))->life_cycle, 0x0F);
    EXPECT_EQ(terminal_.sw("80E4000003 D20131"), StatusWord::kConditionsNotSatisfied);
}

TEST_F(KeyCommandsTest, ADomainThatIsToBePersonalizedExplicitlyWaitsForIt) {
    ASSERT_EQ(create_domain("8400"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    ASSERT_EQ(put_keys(kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    EXPECT_EQ(se_.registry().application(Aid::constant(kDomain))->life_cycle, 0x07);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80F0400F05F04F544900"), StatusWord::kOk);
    EXPECT_EQ(se_.registry().application(Aid::constant(kDomain))->life_cycle, 0x0F);
}

TEST_F(KeyCommandsTest, ManyKeysAreToldInPages) {
    for (std::uint8_t id = 1; id <= 25; ++id) {
        auto fields = concat(from_hex("FF8810"), encrypted(kOwnKey), from_hex("03C35280 0144 0101"));
        ASSERT_EQ(put(0, id, 0x71, fields).sw, StatusWord::kOk);
    }
    auto first = terminal_.send("80CA00E000"), second = terminal_.send("80CA01E000");
    EXPECT_LE(first.data.size(), 239U);
    EXPECT_THAT(to_hex(second.data), HasSubstr("C00A1971FF88"));
    EXPECT_EQ(terminal_.sw("80CA02E000"), StatusWord::kReferencedDataNotFound);
}

TEST(KeyCommandsOfOldCards, AnswerAsTheirSpecificationSays) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2014");
    testing::Terminal terminal(se);
    auto put = [&](std::string_view head, std::string_view tail) {
        EXPECT_EQ(terminal.open(kIssuer, keys_of(kTestKey)), StatusWord::kOk);
        auto key = must(terminal.host_->encrypt_sensitive(from_hex(kTestKey)));
        return terminal.send({0x80, 0xD8, 0, 0x01, concat(from_hex(head), key, from_hex(tail)), 256});
    };
    EXPECT_EQ(put("71 8810", "03 504A78").sw, StatusWord(0x9485));
    EXPECT_EQ(put("71 8510", "00").sw, StatusWord(0x9484));
    EXPECT_EQ(to_hex(put("71 8810", "00").encode()), "719000") << "a check value is optional";
    EXPECT_EQ(to_hex(put("72 8210", "03 8BAF47").encode()), "728BAF479000");
}

}  // namespace
}  // namespace oti::card
