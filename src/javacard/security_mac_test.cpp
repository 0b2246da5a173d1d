// SPDX-License-Identifier: Apache-2.0
// Signature with secret keys.
#include "javacard/asymmetric_testing.h"

namespace oti::javacard {
namespace {

constexpr int kSign = 1, kVerify = 2;

using Mac = AsymmetricTest;

// What cards of NXP (JCOP 31/36) answer; the values are in jcardsim's test SymmetricSignatureImplTest.
TEST_F(Mac, DesAsCardsDoIt) {
    constexpr auto k8 = "C899464893435BC8";
    constexpr auto k15 = "C46A3D01F5494013F9DFF3C5392C64";
    constexpr auto kIv = "F8D7DB2B902855A3";
    auto des = secret_key(kTypeDes, "71705866C930F0AE");
    auto des3 = secret_key(kTypeDes, "B1891A49B2EA69F21245D4A51DD132E24F247FAC6D97F007");
    struct Case {
        int algorithm;
        Ref key;
        const char* iv;
        std::string message;
        std::string expected;
    };
    for (const auto& known :
         {Case{2, des, "", k8, "8E5ABFB9D5F015EE"}, Case{2, des, kIv, k8, "3CE9E2657AFCE8B6"},
          Case{4, des, "", k15, "2CC3B23F98A404FE"}, Case{4, des, kIv, k15, "86D64C88EFE70383"},
          Case{6, des, "", k15, "D7863C7D58BD53F4"}, Case{6, des, kIv, k15, "1B66F319FA735F75"},
          Case{2, des3, "", k8, "DB3543BCBB4EAD86"}, Case{2, des3, kIv, k8, "81B2369E2773858F"},
          Case{4, des3, "", k15, "165DD117D24198B1"}, Case{4, des3, kIv, k15, "CC4EBC98BFFFAC21"},
          Case{6, des3, "", k15, "C8D247D6209E2E44"}, Case{6, des3, kIv, k15, "EC17707C14FA1344"},
          Case{20, des3, "", k15, "706CAC8246DE7427"}}) {
        // The algorithms of four bytes precede those of eight.
        for (auto algorithm : {known.algorithm, known.algorithm - 1}) {
            bool is_whole = algorithm == known.algorithm;
            auto expected = known.expected.substr(0, is_whole ? 16 : 8);
            auto object = signature(algorithm);
            ASSERT_TRUE(Succeeds(init(object, known.key, kSign, known.iv)));
            EXPECT_TRUE(Returns(call(object, "getLength", {}), is_whole ? 8 : 4));
            auto in = bytes(known.message.substr(0, 6));
            ASSERT_TRUE(Succeeds(call(object, "update", {obj(in), num(0), num(3)})));
            EXPECT_EQ(sign(object, known.message.substr(6)), expected);
            ASSERT_TRUE(Succeeds(init(object, known.key, kVerify, known.iv)));
            EXPECT_TRUE(Returns(verify(object, known.message, expected), 1));
            ASSERT_TRUE(Succeeds(init(object, known.key, kVerify, known.iv)));
            EXPECT_TRUE(Returns(verify(object, known.message, changed(expected)), 0));
            EXPECT_TRUE(Returns(verify(object, known.message, expected + "00"), 0));
        }
    }
}

// ISO/IEC 9797-1:1999, B.4: MAC algorithm 3, padding methods 1 and 2, of "Now is the time for all ".
TEST_F(Mac, Algorithm3OfItsStandard) {
    constexpr auto kMessage = "4E6F77206973207468652074696D6520666F7220616C6C20";
    auto key = secret_key(kTypeDes, "0123456789ABCDEFFEDCBA9876543210");
    for (auto [algorithm, expected] : {std::pair{48, "A1C72E74EA3FA9B6"}, {20, "E9086230CA3BE796"}}) {
        auto object = signature(algorithm);
        ASSERT_TRUE(Succeeds(init(object, key, kSign)));
        EXPECT_EQ(sign(object, kMessage), expected);
    }
    EXPECT_TRUE(Throws(init(signature(20), secret_key(kTypeDes, "0123456789ABCDEF"), kSign),
                       exception::kCrypto, kIllegalValue));
}

// RFC 4493, 4, and, by CBC of one block, SP 800-38A, F.1.1.
TEST_F(Mac, Aes) {
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto cmac = signature(49);
    ASSERT_TRUE(Succeeds(init(cmac, key, kSign)));
    EXPECT_EQ(sign(cmac, ""), "BB1D6929E95937287FA37D129B756746");
    EXPECT_EQ(sign(cmac, "6BC1BEE22E409F96E93D7E117393172A"), "070A16B46B4D4144F79BDD9DD04A287C");
    EXPECT_EQ(sign(cmac, "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411"),
              "DFA66747DE9AE63030CA32611497C827");
    auto mac = signature(18);
    ASSERT_TRUE(Succeeds(init(mac, key, kSign)));
    EXPECT_EQ(sign(mac, "6BC1BEE22E409F96E93D7E117393172A"), "3AD77BB40D7A3660A89ECAF32466EF97");
    EXPECT_EQ(sign(mac, "6BC1"), "CryptoException 5");
    EXPECT_EQ(sign(mac, ""), "CryptoException 5");
    ASSERT_TRUE(Succeeds(init(mac, key, kSign, "000102030405060708090A0B0C0D0E0F")));
    EXPECT_EQ(sign(mac, "6BC1BEE22E409F96E93D7E117393172A"), "7649ABAC8119B246CEE98E9B12E9197D");
    EXPECT_TRUE(Throws(init(cmac, key, kSign, "000102030405060708090A0B0C0D0E0F"), exception::kCrypto,
                       kIllegalValue));
}

// RFC 2202 and RFC 4231, test case 2; RFC 2286 for RIPEMD-160.
TEST_F(Mac, Hmac) {
    constexpr auto kMessage = "7768617420646F2079612077616E7420666F72206E6F7468696E673F";
    auto key = secret_key(kTypeHmac, "4A656665");
    for (auto [algorithm, expected] :
         {std::pair{24, "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79"},
          {25, "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"},
          {26,
           "AF45D2E376484031617F78D2B58A6B1B9C7EF464F5A01B47E42EC3736322445E8E2240CA5E69E2C78B3239ECFAB2164"
           "9"},
          {27,
           "164B7A7BFCF819E2E395FBE73B56E0A387BD64222E831FD610270CD7EA2505549758BF75C05A994A6D034F65F8F0E6FDC"
           "AEAB1A34D4A"
           "6B4B636E070A38BCE737"},
          {28, "750C783E6AB0B503EAA86E310A5DB738"},
          {29, "DDA6C0213A485A9E24F4742064A7F033B43C4069"}}) {
        auto object = signature(algorithm);
        ASSERT_TRUE(Succeeds(init(object, key, kSign)));
        EXPECT_EQ(sign(object, kMessage), expected);
        EXPECT_TRUE(Returns(call(object, "getLength", {}), size(expected).number));
        ASSERT_TRUE(Succeeds(init(object, key, kVerify)));
        EXPECT_TRUE(Returns(verify(object, kMessage, expected), 1));
        EXPECT_TRUE(Returns(verify(object, kMessage, changed(expected)), 0));
    }
}

TEST_F(Mac, IsAsInitLeftItAfterAReset) {
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto object = signature(49);
    ASSERT_TRUE(Succeeds(init(object, key, kSign)));
    ASSERT_TRUE(Succeeds(call(object, "update", {obj(bytes("00")), num(0), num(1)})));
    runtime->reset();
    EXPECT_EQ(sign(object, ""), "BB1D6929E95937287FA37D129B756746");
    runtime->end_command();
    restart();
    EXPECT_EQ(sign(object, ""), "BB1D6929E95937287FA37D129B756746");
}

TEST_F(Mac, KnowsItsFaults) {
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto object = signature(49);
    EXPECT_EQ(sign(object, ""), "CryptoException 4");
    EXPECT_TRUE(Throws(call(object, "getLength", {}), exception::kCrypto, kInvalidInit));
    ASSERT_TRUE(Succeeds(init(object, key, kVerify)));
    EXPECT_EQ(sign(object, ""), "CryptoException 4");
    EXPECT_TRUE(Throws(init(object, key, 0), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init(object, build(kTypeAes, 128), kSign), exception::kCrypto, kUninitializedKey));
    EXPECT_EQ(process(object, "signPreComputedHash", "00"), "CryptoException 4");
    ASSERT_TRUE(Succeeds(init(object, key, kSign)));
    EXPECT_EQ(process(object, "signPreComputedHash", "00"), "CryptoException 5");
    for (auto algorithm : {0, 14, 32, 35, 36, 50}) {
        EXPECT_TRUE(Throws(call("javacard.security.Signature", "getInstance(BZ)Ljavacard/security/Signature;",
                                {num(algorithm), num(0)}),
                           exception::kCrypto, kNoSuchAlgorithm));
    }
    EXPECT_EQ(sign(make("javacard.security.Signature"), ""), "CryptoException 4");
}

TEST_F(Mac, IsComposed) {
    constexpr auto kCompose = "getInstance(BBBZ)Ljavacard/security/Signature;";
    auto object = call("javacard.security.Signature", kCompose, {num(0), num(10), num(0), num(0)})->as_ref();
    ASSERT_TRUE(Succeeds(init(object, secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"), kSign)));
    EXPECT_EQ(sign(object, ""), "BB1D6929E95937287FA37D129B756746");
    auto named = call("javacard.security.Signature", kCompose, {num(4), num(3), num(8), num(0)})->as_ref();
    EXPECT_TRUE(Returns(call(named, "getAlgorithm", {}), 44));
    EXPECT_TRUE(Returns(call(named, "getMessageDigestAlgorithm", {}), 4));
    EXPECT_TRUE(Returns(call(named, "getCipherAlgorithm", {}), 3));
    EXPECT_TRUE(Returns(call(named, "getPaddingAlgorithm", {}), 8));
    for (auto [digest, cipher, padding] :
         {std::tuple{0, 3, 7}, {1, 1, 1}, {1, 4, 0}, {4, 3, 10}, {0, 7, 0}}) {
        EXPECT_TRUE(Throws(
            call("javacard.security.Signature", kCompose, {num(digest), num(cipher), num(padding), num(0)}),
            exception::kCrypto, kNoSuchAlgorithm));
    }
}

}  // namespace
}  // namespace oti::javacard
