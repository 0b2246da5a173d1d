// SPDX-License-Identifier: Apache-2.0
// Cipher with DES and AES.
#include "javacard/crypto_testing.h"

namespace oti::javacard {
namespace {

constexpr int kDecrypt = 1, kEncrypt = 2;

using Cipher = CryptoTest;

// What cards of NXP (JCOP 31/36) answer; the values are in jcardsim's test SymmetricCipherImplTest.
TEST_F(Cipher, DesAsCardsDoIt) {
    constexpr auto k8 = "C899464893435BC8";
    constexpr auto k15 = "C46A3D01F5494013F9DFF3C5392C64";
    constexpr auto kIv = "F8D7DB2B902855A3";
    auto des = secret_key(kTypeDes, "71705866C930F0AE");
    auto des3 = secret_key(kTypeDes, "B1891A49B2EA69F21245D4A51DD132E24F247FAC6D97F007");
    struct Case {
        int algorithm;
        Ref key;
        const char* iv;
        const char* plain;
        const char* expected;
    };
    for (const auto& known :
         {Case{1, des, "", k8, "8E5ABFB9D5F015EE"}, Case{1, des, kIv, k8, "3CE9E2657AFCE8B6"},
          Case{2, des, "", k15, "F38F388669A566CC2CC3B23F98A404FE"},
          Case{2, des, kIv, k15, "302A9CDD30BC0F9286D64C88EFE70383"},
          Case{3, des, "", k15, "F38F388669A566CCD7863C7D58BD53F4"},
          Case{3, des, kIv, k15, "302A9CDD30BC0F921B66F319FA735F75"},
          Case{5, des, "", k8, "8E5ABFB9D5F015EE"}, Case{6, des, "", k15, "F38F388669A566CCE9DE32BDE856B809"},
          Case{7, des, "", k15, "F38F388669A566CCC0A527F4726E318D"},
          Case{1, des3, "", k8, "DB3543BCBB4EAD86"}, Case{1, des3, kIv, k8, "81B2369E2773858F"},
          Case{2, des3, "", k15, "59AEEAFA9FD22B2E165DD117D24198B1"},
          Case{2, des3, kIv, k15, "70A88CEADAD491A0CC4EBC98BFFFAC21"},
          Case{3, des3, "", k15, "59AEEAFA9FD22B2EC8D247D6209E2E44"},
          Case{3, des3, kIv, k15, "70A88CEADAD491A0EC17707C14FA1344"},
          Case{5, des3, "", k8, "DB3543BCBB4EAD86"},
          Case{6, des3, "", k15, "59AEEAFA9FD22B2E6948896A7E159FAF"},
          Case{7, des3, "", k15, "59AEEAFA9FD22B2EDAA807A92435BB13"}}) {
        auto object = cipher(known.algorithm);
        EXPECT_TRUE(Returns(call(object, "getAlgorithm", {}), known.algorithm));
        ASSERT_TRUE(Succeeds(init(object, known.key, kEncrypt, known.iv)));
        EXPECT_EQ(final(object, known.plain), known.expected);
        ASSERT_TRUE(Succeeds(init(object, known.key, kDecrypt, known.iv)));
        // Padding of method 1 is not removed (API 3.0.5, Cipher.doFinal).
        bool stays = known.algorithm == 2 || known.algorithm == 6;
        EXPECT_EQ(final(object, known.expected), std::string(known.plain) + (stays ? "00" : ""));
    }
}

// NIST SP 800-38A, F.1, F.2.1, F.2.3, F.2.5, F.5.1 and F.5.5 (the first two blocks).
TEST_F(Cipher, AesOfSp800_38a) {
    constexpr auto kPlain = "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51";
    constexpr auto kIv = "000102030405060708090A0B0C0D0E0F";
    constexpr auto kCounter = "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF";
    auto k128 = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto k192 = secret_key(kTypeAes, "8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B");
    auto k256 = secret_key(kTypeAes, "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4");
    struct Case {
        int algorithm;
        Ref key;
        const char* iv;
        const char* expected;
    };
    for (const auto& known :
         {Case{14, k128, "", "3AD77BB40D7A3660A89ECAF32466EF97F5D3D58503B9699DE785895A96FDBAAF"},
          Case{14, k192, "", "BD334F1D6E45F25FF712A214571FA5CC974104846D0AD3AD7734ECB3ECEE4EEF"},
          Case{14, k256, "", "F3EED1BDB5D2A03C064B5A7E3DB181F8591CCB10D410ED26DC5BA74A31362870"},
          Case{13, k128, kIv, "7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2"},
          Case{13, k192, kIv, "4F021DB243BC633D7178183A9FA071E8B4D9ADA9AD7DEDF4E5E738763F69145A"},
          Case{13, k256, kIv, "F58C4C04D6E5F1BA779EABFB5F7BFBD69CFC4E967EDB808D679F777BC6702C7D"},
          Case{-16, k128, kCounter, "874D6191B620E3261BEF6864990DB6CE9806F66B7970FDFF8617187BB9FFFDFF"},
          Case{-16, k256, kCounter, "601EC313775789A5B7A7F504BBF3D228F443E3CA4D62B59ACA84E990CACAF5C5"}}) {
        auto object = cipher(known.algorithm);
        ASSERT_TRUE(Succeeds(init(object, known.key, kEncrypt, known.iv)));
        EXPECT_EQ(final(object, kPlain), known.expected);
        // In parts that are no blocks; decryption gives all of it back.
        for (auto mode : {kEncrypt, kDecrypt}) {
            std::string_view in = mode == kEncrypt ? kPlain : known.expected;
            ASSERT_TRUE(Succeeds(init(object, known.key, mode, known.iv)));
            auto out = process(object, "update", in.substr(0, 10));
            out += process(object, "update", in.substr(10, 30));
            out += process(object, "update", in.substr(40, 2));
            EXPECT_EQ(out + final(object, in.substr(42)), mode == kEncrypt ? known.expected : kPlain);
        }
    }
}

// FIPS PUB 81, table C1 and figures: "Now is the time for all ".
TEST_F(Cipher, DesOfFips81) {
    constexpr auto kPlain = "4E6F77206973207468652074696D6520666F7220616C6C20";
    auto key = secret_key(kTypeDes, "0123456789ABCDEF");
    auto ecb = cipher(5);
    ASSERT_TRUE(Succeeds(init(ecb, key, kEncrypt)));
    EXPECT_EQ(final(ecb, kPlain), "3FA40E8A984D48156A271787AB8883F9893D51EC4B563B53");
    auto cbc = cipher(1);
    ASSERT_TRUE(Succeeds(init(cbc, key, kEncrypt, "1234567890ABCDEF")));
    EXPECT_EQ(final(cbc, kPlain), "E5C7CDDE872BF27C43E934008C389C0F683788499A7C05F6");
}

TEST_F(Cipher, PadsAndTakesThePaddingAway) {
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    for (auto algorithm : {23, 24, 26, 27}) {
        auto object = cipher(algorithm);
        for (const char* plain : {"", "00", "000102030405060708090A0B0C0D0E",
                                  "000102030405060708090A0B0C0D0E0F", "000102030405060708090A0B0C0D0E0F80"}) {
            ASSERT_TRUE(Succeeds(init(object, key, kEncrypt)));
            auto encrypted = final(object, plain);
            EXPECT_EQ(encrypted.size() / 32, std::string_view(plain).size() / 32 + 1);
            ASSERT_TRUE(Succeeds(init(object, key, kDecrypt)));
            EXPECT_EQ(final(object, encrypted), plain);
            auto first = process(object, "update", encrypted.substr(0, 2));
            EXPECT_EQ(first + final(object, encrypted.substr(2)), plain);
            EXPECT_EQ(final(object, ""), "CryptoException 5");
            EXPECT_EQ(final(object, encrypted.substr(2)), "CryptoException 5");
        }
        // What decrypts to nonsense has no padding.
        EXPECT_EQ(final(object, "000102030405060708090A0B0C0D0E0F"), "CryptoException 5");
    }
}

TEST_F(Cipher, WithoutPaddingTakesWholeBlocksOnly) {
    auto object = cipher(14);
    ASSERT_TRUE(Succeeds(init(object, secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"), kEncrypt)));
    EXPECT_EQ(final(object, ""), "CryptoException 5");
    EXPECT_EQ(final(object, "00"), "CryptoException 5");
    EXPECT_EQ(final(object, "6BC1BEE22E409F96E93D7E117393172A"), "3AD77BB40D7A3660A89ECAF32466EF97");
}

TEST_F(Cipher, GoesBackToItsKeyAndAVectorOfZerosAfterAMessageAndAfterAReset) {
    constexpr auto kBlock = "6BC1BEE22E409F96E93D7E117393172A";
    constexpr auto kWithZeros = "3AD77BB40D7A3660A89ECAF32466EF97";  // of SP 800-38A, F.1.1
    auto object = cipher(13);
    ASSERT_TRUE(Succeeds(init(object, secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"), kEncrypt,
                              "000102030405060708090A0B0C0D0E0F")));
    EXPECT_EQ(final(object, kBlock), "7649ABAC8119B246CEE98E9B12E9197D");
    EXPECT_EQ(final(object, kBlock), kWithZeros);
    (void)process(object, "update", "00");
    runtime->reset();
    EXPECT_EQ(final(object, kBlock), kWithZeros);
    runtime->end_command();
    restart();
    EXPECT_EQ(final(object, kBlock), kWithZeros);
}

TEST_F(Cipher, ThatIsReadyIsStoredOnce) {
    auto object = cipher(13);
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto iv = bytes("000102030405060708090A0B0C0D0E0F");
    auto start = [&] {
        return call(object, "init(Ljavacard/security/Key;B[BSS)V",
                    {obj(key), num(kEncrypt), obj(iv), num(0), num(16)});
    };
    ASSERT_TRUE(Succeeds(start()));
    runtime->end_command();
    ASSERT_TRUE(Succeeds(start()));
    EXPECT_FALSE(heap().has_changes());
}

TEST_F(Cipher, KnowsItsFaults) {
    auto object = cipher(13);
    auto key = secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C");
    auto in = bytes("6BC1BEE22E409F96E93D7E117393172A");
    EXPECT_EQ(final(object, "00"), "CryptoException 4");
    EXPECT_TRUE(Throws(init(object, build(kTypeAes, 128), kEncrypt), exception::kCrypto, kUninitializedKey));
    EXPECT_TRUE(Throws(init(object, key, 3), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init(object, key, kEncrypt, "00"), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init(object, secret_key(kTypeDes, "0123456789ABCDEF"), kEncrypt), exception::kCrypto,
                       kIllegalValue));
    EXPECT_TRUE(Throws(init(object, kNull, kEncrypt), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init(cipher(14), key, kEncrypt, "000102030405060708090A0B0C0D0E0F"),
                       exception::kCrypto, kIllegalValue));
    ASSERT_TRUE(Succeeds(init(object, key, kEncrypt)));
    EXPECT_TRUE(
        Throws(call(object, "doFinal", {obj(in), num(0), num(16), obj(in), num(1)}), exception::kArrayIndex));
    EXPECT_TRUE(
        Throws(call(object, "doFinal", {obj(in), num(1), num(16), obj(in), num(0)}), exception::kArrayIndex));
    EXPECT_TRUE(Throws(call(object, "doFinal", {obj(in), num(0), num(16), obj(kNull), num(0)}),
                       exception::kNullPointer));
    // In place.
    EXPECT_TRUE(Returns(call(object, "doFinal", {obj(in), num(0), num(16), obj(in), num(0)}), 16));
    EXPECT_EQ(hex(in), "3AD77BB40D7A3660A89ECAF32466EF97");
    ASSERT_TRUE(Succeeds(call(key, "clearKey", {})));
    EXPECT_EQ(final(object, "00"), "CryptoException 2");
    for (auto algorithm : {0, 9, 11, 16, 17, 18, 21, 28, -1}) {
        EXPECT_TRUE(Throws(call("javacardx.crypto.Cipher", "getInstance(BZ)Ljavacardx/crypto/Cipher;",
                                {num(algorithm), num(0)}),
                           exception::kCrypto, kNoSuchAlgorithm));
    }
    auto nobody = make("javacardx.crypto.Cipher");
    EXPECT_EQ(final(nobody, "00"), "CryptoException 4");
    EXPECT_TRUE(Throws(init(nobody, key, kEncrypt), exception::kCrypto, kIllegalValue));
}

TEST_F(Cipher, IsComposedOfACipherAndAPadding) {
    constexpr auto kCompose = "getInstance(BBZ)Ljavacardx/crypto/Cipher;";
    auto object = call("javacardx.crypto.Cipher", kCompose, {num(2), num(6), num(0)})->as_ref();
    EXPECT_TRUE(Returns(call(object, "getAlgorithm", {}), 27));
    EXPECT_TRUE(Returns(call(object, "getCipherAlgorithm", {}), 2));
    EXPECT_TRUE(Returns(call(object, "getPaddingAlgorithm", {}), 6));
    EXPECT_TRUE(Returns(call(cipher(-16), "getCipherAlgorithm", {}), -16));
    for (auto [kind, padding] : {std::pair{2, 7}, {7, 6}, {5, 1}, {1, 0}, {0, 0}}) {
        EXPECT_TRUE(Throws(call("javacardx.crypto.Cipher", kCompose, {num(kind), num(padding), num(0)}),
                           exception::kCrypto, kNoSuchAlgorithm));
    }
}

TEST_F(Cipher, OneShotDoesNotWorkInParts) {
    auto object = call("javacardx.crypto.Cipher$OneShot", "open", {num(2), num(1)})->as_ref();
    ASSERT_TRUE(Succeeds(init(object, secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"), kEncrypt)));
    EXPECT_EQ(process(object, "update", "00"), "CryptoException 5");
    EXPECT_EQ(final(object, "6BC1BEE22E409F96E93D7E117393172A"), "3AD77BB40D7A3660A89ECAF32466EF97");
    ASSERT_TRUE(Succeeds(call(object, "close", {})));
    EXPECT_EQ(final(object, "6BC1BEE22E409F96E93D7E117393172A"), "CryptoException 5");
    // It keeps no reference to the key, whose applet may be deleted.
    EXPECT_FALSE(
        heap().is_referenced_from_outside([](const Object& other) { return other.owner == kCaller; }));
    // Who opens it next finds nothing of the last one.
    auto next = call("javacardx.crypto.Cipher$OneShot", "open", {num(2), num(1)})->as_ref();
    EXPECT_EQ(final(next, "6BC1BEE22E409F96E93D7E117393172A"), "CryptoException 4");
}

TEST_F(Cipher, DecryptsWhatAKeyIsSetTo) {
    auto wrapping = cipher(14);
    ASSERT_TRUE(Succeeds(init(wrapping, secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"), kDecrypt)));
    auto key = build(kTypeAes, 128);
    ASSERT_TRUE(Succeeds(call(key, "setKeyCipher", {obj(wrapping)})));
    EXPECT_TRUE(Returns(call(key, "getKeyCipher", {}), wrapping));
    ASSERT_TRUE(Succeeds(call(key, "setKey", {obj(bytes("3AD77BB40D7A3660A89ECAF32466EF97")), num(0)})));
    EXPECT_EQ(get(key, "getKey"), "6BC1BEE22E409F96E93D7E117393172A");
    // With a cipher that does not decrypt, the key stays as it is.
    ASSERT_TRUE(Succeeds(call(key, "setKeyCipher", {obj(cipher(14))})));
    EXPECT_TRUE(Throws(call(key, "setKey", {obj(bytes("3AD77BB40D7A3660A89ECAF32466EF97")), num(0)}),
                       exception::kCrypto, kInvalidInit));
    EXPECT_EQ(get(key, "getKey"), "6BC1BEE22E409F96E93D7E117393172A");
}

}  // namespace
}  // namespace oti::javacard
