// SPDX-License-Identifier: Apache-2.0
// Delegated management: tokens and receipts (GPCS 2.3.1, 9.1.3, C.4 and C.5).
#include <gtest/gtest.h>

#include "card/content_fixture.h"
#include "crypto/aes.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/triple_des.h"

namespace oti::card {
namespace {

constexpr std::string_view kOther = "F04F544908";
constexpr std::string_view kMacKey = "101112131415161718191A1B1C1D1E1F";
constexpr std::string_view kReceiptMacKey = "202122232425262728292A2B2C2D2E2F";
constexpr std::string_view kExponent = "010001";

// Signatures of one message, made with the `openssl` program, 3.0.22: `dgst -sha1 -sign`, `dgst -sha256
// -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign`, `mac -cipher AES-128-CBC … CMAC`, and the
// retail MAC of its `enc -des-ede3-cbc`. The message is 02 00 29 | 05 F04F544901 | 00 | 20 00…1F | 00.
constexpr std::string_view kHash = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
constexpr std::string_view kModulus1024 =
    "D3DE438E73685CF3EC3722CFACFCA0147351C8980A1236D9F33CB542D475750FAFE42F224B1F7CEABAF55D1D4D84E1AA6E2BE10B"
    "D55F"
    "7D2E671FEF95955B25455483E110DF6CB04AC19ACE4CB03CCB37F0B2DC86571890D4BAD24DE48139201B6A6F84CE85E29F81C15E"
    "47EB"
    "EDAFC7FBED5F33CDC73D63F95807A746FB58698B";
constexpr std::string_view kPkcs1By1024 =
    "0ECDE7238E15D77EB23F4F2D338E06A0C1D599B0CCDD0DDECBC47BF1C6627EFEA90D7CEDE9A7363770A50C49A33A3B5C746059AC"
    "3FC0"
    "244FA7B11E136463969226FE1C344CE603CAFB1C0AF2F8B74D803F216F5D573295D637A53626D0317C211FD0D0B7050A445948AA"
    "5994"
    "67B012A047B8387BD98169F594FE1AAC6F982695";
constexpr std::string_view kModulus2048 =
    "B03B7340A1C5E04BD0DC96F95CA677828ECE001022E7D44142D8D9D332F1956E119AA2E045BDEAB5856101EE4C36221323D70695"
    "38AE"
    "39C3176709BAD1555467398DCB926F4BB203E3CC4646E4B0C86DE021444830B81BEAEAA53D527D39188F2235407B7725474225F0"
    "9236"
    "64134538D85F2CCB1A8C17DF7C5ED08276F11FA01BEAC758E8A7123DA163CCB773A81E9468265874DA31FC6EEC30FF4545581127"
    "EB3C"
    "9C2398542400FAF82BFB7CB75F582C2AB8884B782DB378F7BFEAA5F8CDBE3B41E2F71676A9D8EB1223505339BC1240D0DAAAA532"
    "BE3C"
    "AB22CEC5C3543612BE3E552B0303BB3B24E188607159463A7038C5FDB39F94E00EFE216EB0E0CF15";
constexpr std::string_view kPkcs1By2048 =
    "8448304A6BC4699C7FCDC08EAD715237248A52F21DF21D3ACD84B83456F083B90E451B3A358A37162ABE3FAEC286260B070B5490"
    "A504"
    "B055E2C38BFBF554A83208620B07277A01940A78179C82A431D762F413070C944854708C9532D1B28F4D72031A254901C453C64E"
    "6C65"
    "8E62AEBBC0D1B202005303812DE427E3606AC8B9ADFBA2F3B664EE06E447CF0E31C30FD163E13C04B3CBEFDA8A21D80B3D691F76"
    "20FB"
    "A9DE6C334515F551F0BB3F3C69F31918B849C411BF93BA467F375AC09EE019936555EFD137C0D5ABE62E4A167E6738B64AB758AC"
    "A256"
    "E71B1DF28F241377460A5A5F39EC59EF505C1A991F75A52434799958B959A399C6A34E9A6B46CB0C";
constexpr std::string_view kPssBy2048 =
    "8B2622D002DB4CC9108A492F06501EBE5C5C7F319FFD6B4532E87ED480CA881B4BC27E1DB6F0A5C8A69E31592B03832D7B46A641"
    "9B4C"
    "B9B8B5795BB297760201CA81727CCC1A562DAC3EF464937CB954F260A7F2E43BCFC2B8500146CC74C7DA2895B8FC249F6B3637D3"
    "1236"
    "149740D21EAC7B615339137DAF0D912B39A0DDE64BBD87B7FB9E995621FA63AEA50C02C9E2B001C2A50CD00433904F0131A24F82"
    "EF66"
    "0ECB01A08CD50EC5A9EE934D27651FC1AB45A1F9D757142A9CF00F6B9B72315FB64384551E240BBF92A554BFCABF07D8E9815BDC"
    "20B1"
    "C6798F680AF711BD7ABD7046CD7DA4DE824055A60B1EA76FD40529B8CD9D8F8F74BED927102096F7";
constexpr std::string_view kPoint =
    "041050690F3C503827C3F4BFA4ACF9E3E74EC0B6A7CEBD8D1085BC6CA4A443E03A678E170804DB881ED7246A3EDA128D92428789"
    "8D55"
    "ABED246987FDD11AEF6E89";
constexpr std::string_view kEcdsa =
    "7CDC7B38C1DE81107F875901252B20259CE027A75C649215685568935342FACE773F1EB3AE9CB5E317DDDFF693682C9C812F36FD"
    "2940"
    "5C1CB863CCE962483625";
constexpr std::string_view kCmac = "D116326F89E26F04B26F0C055A55E359", kRetailMac = "BC594496F8E0AF69";

class AuthorizationTest : public ContentFixture {
  protected:
    void SetUp() override { add_domain(kDomain, "A08000"); }
    void use_mac_keys() {
        put_key(kIssuer, kTokenKey, {{KeyType::kAes, kMacKey}});
        put_key(kIssuer, kReceiptKey, {{KeyType::kAes, kReceiptMacKey}});
        open_domain(kDomain);
    }
    /// What a token signs, of a command that ends with the length of an empty one (tables C-4 to C-8).
    static Bytes signed_part(const CommandApdu& command) {
        auto data = BytesView(command.data).first(command.data.size() - 1);
        return ByteWriter()
            .u8(command.p1)
            .u8(command.p2)
            .u8(static_cast<unsigned>(data.size()))
            .put(data)
            .take();
    }
    static CommandApdu with_token(CommandApdu command, BytesView token) {
        command.data.pop_back();
        append(command.data, encode_length(token.size()));
        append(command.data, token);
        return command;
    }
    static Bytes mac(std::string_view key, BytesView message) {
        auto value = crypto::cmac(crypto::SecretBytes::copy_of(from_hex(key)), message);
        return to_bytes(testing::must(std::move(value)));
    }
    static CommandApdu allowed(const CommandApdu& command) {
        return with_token(command, mac(kMacKey, signed_part(command)));
    }
    static CommandApdu allowed_delete(std::string_view data, unsigned p2 = 0) {
        auto bytes = from_hex(data);
        auto input = ByteWriter().u8(0).u8(p2).u8(static_cast<unsigned>(bytes.size())).put(bytes).take();
        append(bytes, encode_tlv(0x9E, mac(kMacKey, input)));
        return {0x80, 0xE4, 0x00, static_cast<std::uint8_t>(p2), bytes, 256};
    }
    static CommandApdu announcement(std::string_view token) {
        return with_token(install(0x02, {kHello, "", kHash}), from_hex(token));
    }
    /// The INSTALL that the vectors above are of, with this key and this signature.
    StatusWord announce_with(std::string_view token,
                             std::initializer_list<std::pair<KeyType, std::string_view>> key) {
        put_key(kIssuer, kTokenKey, key);
        open_domain(kDomain);
        auto damaged = from_hex(token);
        damaged[damaged.size() / 2] ^= 0x01;
        EXPECT_EQ(sw(announcement(to_hex(damaged))), StatusWord::kSecurityStatus);
        open_domain(kDomain);
        return sw(announcement(token));
    }
    /// The confirmation (tables 11-13 and 11-14) that a receipt of this counter value has over `subject`.
    Bytes receipt(unsigned counter, std::string_view subject, std::string_view identifier = "") const {
        ByteWriter data;
        data.u8(2).u16(counter).lv(concat(se_.identity().iin, se_.identity().cin));
        if (!identifier.empty()) data.lv(from_hex(identifier));
        auto made = mac(kReceiptMacKey, concat(data.view(), from_hex(subject)));
        auto content = concat(Bytes{0x10}, made, data.view());
        return concat(Bytes{static_cast<std::uint8_t>(content.size())}, content);
    }
    StatusWord load_hello_by_token() {
        auto hash = to_hex(crypto::sha256(hello_block()));
        auto announced = sw(allowed(install(0x02, {kHello, "", hash})));
        return announced == StatusWord::kOk ? load_blocks(load_file("hello.cap")) : announced;
    }
};

TEST_F(AuthorizationTest, TakesTokensOfAllSortsOfKeys) {
    EXPECT_EQ(announce_with(kPkcs1By1024,
                            {{KeyType::kRsaModulus, kModulus1024}, {KeyType::kRsaExponent, kExponent}}),
              StatusWord::kOk);
    EXPECT_EQ(
        announce_with(kPssBy2048, {{KeyType::kRsaModulus, kModulus2048}, {KeyType::kRsaExponent, kExponent}}),
        StatusWord::kOk);
    EXPECT_EQ(announce_with(kEcdsa, {{KeyType::kEcPublic, kPoint}, {KeyType::kEcParameters, "00"}}),
              StatusWord::kOk);
    EXPECT_EQ(announce_with(kCmac, {{KeyType::kAes, kMacKey}}), StatusWord::kOk);
    EXPECT_EQ(announce_with(kRetailMac, {{KeyType::kTripleDes, kMacKey}}), StatusWord::kOk);
    EXPECT_EQ(announce_with(kPkcs1By2048,
                            {{KeyType::kRsaModulus, kModulus2048}, {KeyType::kRsaExponent, kExponent}}),
              StatusWord::kSecurityStatus)
        << "too long a key for PKCS #1 version 1.5";
}

TEST_F(AuthorizationTest, ACardOfVersion221KnowsOneRsaScheme) {
    make("uicc-2014");
    add_domain(kDomain, "A08000");
    std::initializer_list<std::pair<KeyType, std::string_view>> key = {{KeyType::kRsaModulus, kModulus2048},
                                                                       {KeyType::kRsaExponent, kExponent}};
    EXPECT_EQ(announce_with(kPkcs1By2048, key), StatusWord::kOk);
    EXPECT_EQ(announce_with(kPssBy2048, key), StatusWord::kSecurityStatus);
}

TEST_F(AuthorizationTest, ATokenIsGoodForNothingElse) {
    use_mac_keys();
    EXPECT_EQ(sw(with_token(install(0x02, {kHello, kDomain, kHash}), from_hex(kCmac))),
              StatusWord::kSecurityStatus);
    EXPECT_EQ(sw(with_token(install(0x02, {"F04F544902", "", kHash}), from_hex(kCmac))),
              StatusWord::kSecurityStatus);
    // Of another command: P1 is signed too.
    auto command = install_hello();
    auto token = mac(kMacKey, signed_part(install_hello(0x04)));
    ASSERT_EQ(load_hello_by_token(), StatusWord::kOk);
    EXPECT_EQ(sw(with_token(command, token)), StatusWord::kSecurityStatus);
    EXPECT_EQ(load_hello_by_token(), StatusWord::kConditionsNotSatisfied) << "repeated: it is there";
    EXPECT_FALSE(exists(kHelloModule));
}

TEST_F(AuthorizationTest, NothingIsDoneWithoutAToken) {
    use_mac_keys();
    EXPECT_EQ(sw(install(0x02, {kHello, "", kHash})), StatusWord::kConditionsNotSatisfied);
    ASSERT_EQ(load_hello_by_token(), StatusWord::kOk);
    EXPECT_EQ(sw(install_hello()), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install_hello(0x04)), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install(0x40, {"", "", kDomain, ""}, "EF03CF0141")), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw(install(0x10, {kIssuer, "", kHello, ""})), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(sw("80E40000074F05F04F544901"), StatusWord::kConditionsNotSatisfied);
    EXPECT_TRUE(exists(kHello));
}

TEST_F(AuthorizationTest, WhoMayManageContentNeedsNoTokenAndTakesNone) {
    use_mac_keys();
    open_issuer();
    EXPECT_EQ(sw(announcement(kCmac)), StatusWord::kWrongData);
    EXPECT_EQ(sw(install(0x02, {kHello, "", kHash})), StatusWord::kOk);
}

TEST_F(AuthorizationTest, AKeyMustBeThereAndItsHolderInUse) {
    open_domain(kDomain);
    EXPECT_EQ(sw(announcement(kCmac)), StatusWord::kConditionsNotSatisfied) << "no key";
    put_key(kIssuer, kTokenKey, {{KeyType::kRsaModulus, "00"}, {KeyType::kRsaExponent, "03"}});
    open_domain(kDomain);
    EXPECT_EQ(sw(announcement(kCmac)), StatusWord::kSecurityStatus) << "a key that signs nothing";
}

TEST_F(AuthorizationTest, AnotherDomainMayVerifyTokens) {
    add_domain(kOther, "808000");
    open_issuer();
    EXPECT_EQ(sw(install(0x40, {"", "", kOther, "80A000"})), StatusWord::kConditionsNotSatisfied)
        << "the issuer's domain does it";
    ASSERT_EQ(sw(install(0x40, {"", "", kIssuer, "9EDE80"})), StatusWord::kOk);
    ASSERT_EQ(sw(install(0x40, {"", "", kOther, "80A000"})), StatusWord::kOk);
    EXPECT_EQ(sw(install(0x40, {"", "", kIssuer, "9EFE80"})), StatusWord::kConditionsNotSatisfied)
        << "the other one does it now";
    put_key(kOther, kTokenKey, {{KeyType::kAes, kMacKey}});
    open_domain(kDomain);
    EXPECT_EQ(sw(announcement(kCmac)), StatusWord::kOk);
    open_issuer();
    ASSERT_EQ(sw("80F0408005F04F544908"), StatusWord::kOk);
    open_domain(kDomain);
    EXPECT_EQ(sw(announcement(kCmac)), StatusWord::kConditionsNotSatisfied) << "it is locked";
}

TEST_F(AuthorizationTest, ATokenCanBeForOneCard) {
    use_mac_keys();
    auto b6 = [&](std::string_view objects) { return to_hex(encode_tlv(0xB6, from_hex(objects))); };
    auto cin = "4508" + to_hex(se_.identity().cin);
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", kHash}, b6("4204F04F5449" + cin)))), StatusWord::kOk);
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", kHash}, b6("4204F04F5448" + cin)))),
              StatusWord::kSecurityStatus);
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", kHash}, b6("45080000000000000000")))),
              StatusWord::kSecurityStatus);
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", kHash}, "B6034205F0"))), StatusWord::kWrongData)
        << "cut short";
}

TEST_F(AuthorizationTest, TheHashUnderATokenIsAsStrongAsIt) {
    use_mac_keys();
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", ""}))), StatusWord::kWrongData) << "none";
    auto sha1 = to_hex(crypto::sha1(hello_block()));
    EXPECT_EQ(sw(allowed(install(0x02, {kHello, "", sha1}))), StatusWord::kWrongData);
    put_key(kIssuer, kTokenKey, {{KeyType::kTripleDes, kMacKey}});
    open_domain(kDomain);
    auto weak = install(0x02, {kHello, "", sha1});
    auto retail = testing::must(crypto::RetailMac::create(crypto::SecretBytes::copy_of(from_hex(kMacKey))));
    EXPECT_EQ(sw(with_token(weak, retail.mac({}, signed_part(weak)))), StatusWord::kOk);
}

// The first two MACs are from the `openssl` program, over table C-11 and table C-12 written out by hand.
TEST_F(AuthorizationTest, ConfirmsWithReceipts) {
    use_mac_keys();
    auto hash = to_hex(crypto::sha256(hello_block()));
    ASSERT_EQ(sw(allowed(install(0x02, {kHello, "", hash}))), StatusWord::kOk);
    auto file = load_file("hello.cap");
    ASSERT_EQ(terminal_.send({0x80, 0xE8, 0x00, 0x00, to_bytes(BytesView(file).first(200)), 256}).data,
              Bytes{0});
    auto loaded = terminal_.send({0x80, 0xE8, 0x80, 0x01, to_bytes(BytesView(file).subspan(200)), 256});
    ASSERT_EQ(loaded.sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(loaded.data),
              "21101727396B4C7378AC6A1B1E8EE5305560"
              "020000"
              "0CF04F544909B31922B8B1C555");
    auto installed = send(allowed(install_hello(0x04, "00", "C900B603930107")));
    EXPECT_EQ(to_hex(installed.data),
              "23107289FA7D410775B3127968F46F5A4DC9"
              "0200010CF04F544909B31922B8B1C5550107");
    EXPECT_EQ(to_hex(send(allowed(install(0x08, {"", "", kHelloModule, "00"}))).data),
              to_hex(receipt(2, "05F04F54490106F04F54490101")));
    EXPECT_EQ(to_hex(send(allowed(install(0x40, {"", "", kHelloModule, ""}, "EF03CF0141"))).data),
              to_hex(receipt(3,
                             "0006F04F544901010000"
                             "05EF03CF0141")));
    add_domain(kOther, "808000");
    open_domain(kDomain);
    EXPECT_EQ(to_hex(send(allowed(install(0x10, {kOther, "", kHelloModule, ""}))).data),
              to_hex(receipt(4, "05F04F54490006F04F5449010105F04F544908")));
    EXPECT_EQ(sw(allowed_delete("4F06F04F54490101")), StatusWord::kConditionsNotSatisfied)
        << "it is the other domain's now";
    open_issuer();
    ASSERT_EQ(send(install(0x10, {kDomain, "", kHelloModule, ""})).data, Bytes{0}) << "nothing was delegated";
}

TEST_F(AuthorizationTest, ConfirmsDeletionsAndTheCombinedProcess) {
    use_mac_keys();
    auto hash = to_hex(crypto::sha256(hello_block()));
    auto first = install(0x0E, {kHello, "", hash}, "", 0x01);
    ASSERT_EQ(sw(first), StatusWord::kOk) << "its token comes at the end";
    ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    auto last = install(0x0E, {"", kHelloModule, kHelloModule, "00"}, "C900", 0x03);
    auto both = concat(signed_part(first), signed_part(last));
    auto done = send(with_token(last, mac(kMacKey, both)));
    ASSERT_EQ(done.sw, StatusWord::kOk);
    EXPECT_EQ(to_hex(done.data), to_hex(receipt(0, "05F04F54490106F04F5449010105F04F544900")));
    EXPECT_EQ(to_hex(send(allowed_delete("4F05F04F544901B603930109", 0x80)).data),
              to_hex(receipt(1, "05F04F544901", "09")));
    EXPECT_FALSE(exists(kHelloModule));
}

TEST_F(AuthorizationTest, TheCombinedProcessEndsWithItsTokenOrNotAtAll) {
    use_mac_keys();
    auto hash = to_hex(crypto::sha256(hello_block()));
    auto first = install(0x0E, {kHello, "", hash}, "", 0x01);
    auto last = install(0x0E, {"", kHelloModule, kHelloModule, "00"}, "C900", 0x03);
    EXPECT_EQ(sw(allowed(first)), StatusWord::kWrongData) << "too early";
    for (const auto& wrong : {last, allowed(last)}) {
        ASSERT_EQ(sw(first), StatusWord::kOk);
        ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
        EXPECT_NE(sw(wrong), StatusWord::kOk);
        EXPECT_FALSE(exists(kHello));
        EXPECT_EQ(sw(wrong), StatusWord::kConditionsNotSatisfied) << "and that was it";
    }
}

TEST_F(AuthorizationTest, AtTheEndOfTheConfirmationCounterNothingIsDelegated) {
    use_mac_keys();
    restart([](Registry& registry, KeyStore&) {
        registry.set_confirmation_counter(Aid::constant(kIssuer), 0xFFFF);
    });
    open_domain(kDomain);
    EXPECT_EQ(load_hello_by_token(), StatusWord::kConditionsNotSatisfied);
    EXPECT_FALSE(exists(kHello));
    open_issuer();
    load_hello();
}

TEST_F(AuthorizationTest, ReceiptsCanBeEcdsaSignatures) {
    put_key(kIssuer, kTokenKey, {{KeyType::kAes, kMacKey}});
    auto key = crypto::PrivateKey::generate(crypto::Curve::kP256);
    auto number = to_hex(key.number().view(crypto::SecretAccess::granted()));
    put_key(kIssuer, kReceiptKey, {{KeyType::kEcPrivate, number}, {KeyType::kEcParameters, "00"}});
    open_domain(kDomain);
    ASSERT_EQ(load_hello_by_token(), StatusWord::kOk);
    auto response = send(allowed(install_hello()));
    ASSERT_EQ(response.sw, StatusWord::kOk);
    ByteReader outer(response.data, "confirmation");
    auto content = testing::must(outer.take_lv());
    ByteReader reader(content, "receipt");
    auto signature = to_bytes(testing::must(reader.take_lv()));
    auto confirmation_data = reader.take_rest();
    EXPECT_EQ(to_hex(confirmation_data).substr(0, 6), "020001");
    auto data = concat(confirmation_data, from_hex("05F04F54490106F04F54490101"));
    auto algorithm = key.public_key().card_algorithm();
    EXPECT_TRUE(key.public_key().verify(algorithm, data, signature));
}

}  // namespace
}  // namespace oti::card
