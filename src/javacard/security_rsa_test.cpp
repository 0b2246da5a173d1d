// SPDX-License-Identifier: Apache-2.0
// RSA: Signature, SignatureMessageRecovery, Cipher, KeyPair. What is not said to be from elsewhere was made
// with OpenJDK 17's provider SunRsaSign, of the message "abc".
#include "javacard/asymmetric_testing.h"

namespace oti::javacard {
namespace {

constexpr int kSign = 1, kVerify = 2, kDecrypt = 1, kEncrypt = 2;
constexpr auto kAbc = "616263";

using Rsa = AsymmetricTest;

TEST_F(Rsa, SignsAsPkcs1Says) {
    for (auto [algorithm, expected] :
         {std::pair{10,
                    "88CA2C13CDE31D86B377448CF713FA9CCDA1BF3FAC5685FFEDC785994C59F642"
                    "7F4EB9C43DC82BE5EF0F6E7881B1966CED4CA326B5186E1E0D8841CB098B1E62"},
          {39,
           "829F69F8E4951A587FF7DC4BAFB1AFA20BE58E6CAEE6428BCD13F7D6AB7D7579"
           "D195C4A8D2635CC06F622AF71598E765B48E3A82E3BDEE5A1AED524E81DFA918"},
          {40,
           "457324411880A0990CD5749BD1B1C82C984C1C9F00895D66FE870BB6BE6E6B57"
           "15AEB4437156590B0EDF08385A6741DDF745C89DBD91721205B4F5932B553165"},
          {11,
           "3554ED5C42414FCDB72CCE112F2BCFA733DD8A27CBB1219A150C67DD4309C846"
           "1EBC65471F4B48288D4E3B105D4D9E6024370A544CCC8D99ED4FC0A80C212F85"}}) {
        auto object = signature(algorithm);
        for (auto key : {rsa_private(), rsa_crt()}) {
            ASSERT_TRUE(Succeeds(init(object, key, kSign)));
            EXPECT_EQ(sign(object, kAbc), expected);
            EXPECT_TRUE(Returns(call(object, "getLength", {}), 64));
        }
        ASSERT_TRUE(Succeeds(init(object, rsa_public(), kVerify)));
        EXPECT_TRUE(Returns(verify(object, kAbc, expected), 1));
        EXPECT_TRUE(Returns(verify(object, "616264", expected), 0));
        EXPECT_TRUE(Returns(verify(object, kAbc, changed(expected)), 0));
        EXPECT_TRUE(Returns(verify(object, kAbc, "00"), 0));
    }
}

TEST_F(Rsa, SignsDigestsAndGoesOnFromThem) {
    // Of SHA-1 of "abc" (FIPS 180-4's example).
    constexpr auto kDigest = "A9993E364706816ABA3E25717850C26C9CD0D89D";
    constexpr auto kExpected =
        "88CA2C13CDE31D86B377448CF713FA9CCDA1BF3FAC5685FFEDC785994C59F642"
        "7F4EB9C43DC82BE5EF0F6E7881B1966CED4CA326B5186E1E0D8841CB098B1E62";
    auto object = signature(10);
    ASSERT_TRUE(Succeeds(init(object, rsa_private(), kSign)));
    EXPECT_EQ(process(object, "signPreComputedHash", kDigest), kExpected);
    EXPECT_EQ(process(object, "signPreComputedHash", "00"), "CryptoException 5");
    ASSERT_TRUE(Succeeds(init(object, rsa_public(), kVerify)));
    EXPECT_TRUE(Returns(verify(object, kDigest, kExpected, "verifyPreComputedHash"), 1));
    // The chaining value after 64 letters a (see Digest.GoesOnFromAChainingValue).
    auto state = bytes("DA4968EB2E377C1F884E8F5283524BEBE74EBDBD");
    auto length = bytes("40");
    ASSERT_TRUE(Succeeds(init(object, rsa_private(), kSign)));
    ASSERT_TRUE(Succeeds(
        call(object, "setInitialDigest", {obj(state), num(0), num(20), obj(length), num(0), num(1)})));
    auto resumed = sign(object, kAbc);
    EXPECT_EQ(process(object, "signPreComputedHash", "A5177E48D19A714D0463DBEAFAAB7F5C6D140FF3"), resumed);
}

TEST_F(Rsa, SignsWithPss) {
    for (auto [algorithm, known] :
         {std::pair{21,
                    "28C006B91B10623C6B6B6E8F255AFA82DBEA68B64E2EFB6B0340B3D98EDFB1A6"
                    "A8BF89CCF8B4EB6DA9709E0522936FE2B03F1A0BA81BF8C6CED9411B1B0F7E40"},
          {43,
           "B9207790E463F08A3BC5655285269DFFAD12B7C3B72582B241BF6279923DE5F3"
           "78FF137E3EDA3F0EAA64467A95855A4BCFD5BC5D37C1868B4E2EA62B5538D213"}}) {
        auto object = signature(algorithm);
        ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kSign)));
        auto own = sign(object, kAbc);
        ASSERT_TRUE(Succeeds(init(object, rsa_public(), kVerify)));
        EXPECT_TRUE(Returns(verify(object, kAbc, known), 1));
        EXPECT_TRUE(Returns(verify(object, kAbc, own), 1));
        EXPECT_TRUE(Returns(verify(object, "616264", known), 0));
        EXPECT_TRUE(Returns(verify(object, kAbc, changed(known)), 0));
    }
    // There is no room in 64 bytes for a digest of SHA-512 and a salt.
    auto object = signature(46);
    ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kSign)));
    EXPECT_EQ(sign(object, kAbc), "CryptoException 5");
}

// What cards of NXP (JCOP 31/36) answer; the values are in jcardsim's test AsymmetricSignatureImplTest.
TEST_F(Rsa, VerifiesWhatCardsSign) {
    constexpr auto kCardsModulus =
        "D3038C1FCA3CB00A2B52D8EB9446B422F091FB0871715DB8747809461ADD98DDAE963F56B8CB21B00CE1E209D9BBF7FADE65"
        "80F8A5996EC9"
        "AB9455AF432D4994E261B0426A41DF155CEFF4CB464F9DCB9521AA9EEED2895E8B85D13469C0D5F22396314587D305740D2A"
        "219F7B641869"
        "DD8A995E5B928DC81DB385D140D48C71";
    constexpr auto kMessage = "C46A3D01F5494013F9DFF3C5392C64";
    for (auto [algorithm, known] : {std::pair{9,
                                              "389629B307B396FB2BCE1379DD950A5D21B052169FB8789E3A5483FDBE85B5"
                                              "B9B1AC92C50FD8D38F829D5565024506D69FC0"
                                              "A3DAF99BE379F62BE7BAC14C64DA100301CE96A9202151F1F227CB9AC49257"
                                              "3BDFED0209CA6DCB19099B907E8C54FFF8A6C7"
                                              "919F892242A720E6A9113D5C9DDADF2E6FA0903CD35A88B48ACC4E62"},
                                    {10,
                                     "A45ECBE4DC34A6EDDEFD547245720BBE706AE06EB1E162C04E556FAECD717C958C3134D"
                                     "DB99C4105E1DE2C38419A70B9C9094B192B1B"
                                     "68385B0A65399198C2685B6AC06F704E1EDAE638AD870599BC502801F4094D53354696D"
                                     "EB60C3453D718EB29D5815C395357DC6607EB"
                                     "9A6989DF7E2652899184D764BBA155B33AB6C267"},
                                    {11,
                                     "2BCBD3220787D8D621526FBF88E852158FB37B46A339EAAF64742548155C7A48DA3ED9D"
                                     "41B9A29BAB2582A81329411C9FB0FDE0BFCF9"
                                     "62438440C68828C1FDC3B33A4F0FEE318FA9DA3802A5CBAA9E9D6EA3618A2626E9FDA6F"
                                     "5613335F868442E20B3EB2E5C0580CE6E999B"
                                     "BD33A9BD5C633FE18930916586D91527781F1081"}}) {
        auto object = signature(algorithm);
        ASSERT_TRUE(Succeeds(init(object, rsa_public(kCardsModulus), kVerify)));
        EXPECT_TRUE(Returns(verify(object, kMessage, known), 1));
        EXPECT_TRUE(Returns(verify(object, "C46A3D01F5494013F9DFF3C5392C65", known), 0));
    }
}

// From the Java Card kit's sample of SignatureMessageRecovery: the byte 00, and the bytes 01 to 46.
TEST_F(Rsa, RecoversMessages) {
    constexpr auto kWhole =
        "A3491D5155054971BADC7722CE9A5171F8B1888D5505D52BAEF6B704D91D0935"
        "17EC7311D57FFDEBB3D99845F78AB6722144A132B3A1CE72C56DCCEE18642E76";
    constexpr auto kPart =
        "2D157989BA716D316C0E2955C00E80C35CA3E8A11265E36FB251447D304A24CF"
        "A11BAA3048D3704A0BE79A051F5F87C78FE4AEBCDE0A636A284852C0E7D27FFE";
    std::string message;
    for (int i = 1; i <= 0x46; ++i) message += to_hex(std::array{static_cast<std::uint8_t>(i)});
    auto object = signature(30);
    auto verify_rest = [&](std::string_view rest) {
        return call(object, "verify([BSS)Z", {obj(bytes(rest)), num(0), size(rest)});
    };
    ASSERT_TRUE(Succeeds(init(object, rsa_public(), kVerify)));
    EXPECT_TRUE(Throws(verify_rest("00"), exception::kCrypto, kIllegalUse));
    EXPECT_TRUE(Returns(call(object, "beginVerify", {obj(bytes(kWhole)), num(0), num(64)}), 1));
    EXPECT_TRUE(Returns(verify_rest(""), 1));

    auto buffer = bytes(kPart);
    EXPECT_TRUE(Returns(call(object, "beginVerify", {obj(buffer), num(0), num(64)}), 42));
    EXPECT_EQ(hex(buffer).substr(0, 84), message.substr(0, 84));
    EXPECT_TRUE(Returns(verify_rest(message.substr(84)), 1));
    EXPECT_TRUE(Returns(call(object, "beginVerify", {obj(bytes(kPart)), num(0), num(64)}), 42));
    EXPECT_TRUE(Returns(verify_rest(changed(message.substr(84))), 0));
    EXPECT_TRUE(Throws(call(object, "beginVerify", {obj(bytes(changed(kPart))), num(0), num(64)}),
                       exception::kCrypto, kIllegalUse));

    // And the other way round.
    ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kSign)));
    auto lengths = heap().make_array(ObjectKind::kShorts, 2, kCaller).value();
    auto out = bytes(Bytes(64));
    auto sign_recoverable = [&](Ref key) {
        (void)init(object, key, kSign);
        return call(object, "sign([BSS[BS[SS)S",
                    {obj(bytes(message)), num(0), num(70), obj(out), num(0), obj(lengths), num(1)});
    };
    EXPECT_TRUE(Returns(sign_recoverable(rsa_private()), 64));
    EXPECT_EQ(hex(out), kPart);
    EXPECT_EQ(hex(lengths), "0000002A");
    EXPECT_TRUE(Returns(sign_recoverable(rsa_crt()), 64));
    EXPECT_EQ(hex(out), kPart);
    EXPECT_EQ(process(object, "sign([BSS[BS)S", "00"), "CryptoException 5");
}

TEST_F(Rsa, DecryptsWhatOthersEncrypt) {
    for (auto [padding, known] :
         {std::pair{7,
                    "6FBF735A84A8D1726F8190E12DCB48A0D919A877953F58CDDAE2DA775D65AC8C"
                    "755DB708E58E2C68CBC57822A2A1CF27E5F01E4960BBDBFA0F1AE40E95398C16"},
          {9,
           "97CA3CAE002EE33462C4B21E8547362A63F4716718952541D271054ABBB1668F"
           "C9F9B834C4487B5882D27689F2A6A107B91A5DD991BBE6881F7CCFD927C2A381"},
          {13,
           "AEB241CDFDAAB9525770E6B8F2B13DB9B83B9EE928FBFB2975FB49688BA71BC2"
           "4E0414550237A0485723E4522CCB9777B745A852A19105545B10A7EE2E24E090"}}) {
        auto object = call("javacardx.crypto.Cipher", "getInstance(BBZ)Ljavacardx/crypto/Cipher;",
                           {num(7), num(padding), num(0)})
                          ->as_ref();
        for (auto key : {rsa_private(), rsa_crt()}) {
            ASSERT_TRUE(Succeeds(init(object, key, kDecrypt)));
            EXPECT_EQ(final(object, known), kAbc);
            EXPECT_EQ(process(object, "update", std::string_view(known).substr(0, 20)), "");
            EXPECT_EQ(final(object, std::string_view(known).substr(20)), kAbc);
            EXPECT_EQ(final(object, changed(known)), "CryptoException 5");
            EXPECT_EQ(final(object, "00"), "CryptoException 5");
        }
        ASSERT_TRUE(Succeeds(init(object, rsa_public(), kEncrypt)));
        auto encrypted = final(object, kAbc);
        EXPECT_EQ(final(object, std::string(2 * 60, '1')), "CryptoException 5");
        ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kDecrypt)));
        EXPECT_EQ(final(object, encrypted), kAbc);
    }
}

TEST_F(Rsa, WithoutPaddingTakesNumbersOfItsSize) {
    auto plain = "01" + std::string(124, '0') + "02";
    constexpr auto kEncrypted =
        "178C1D5ECD72212193D2E168FFD736A9A620490AA3C11065B49B5BA17CC62B2B"
        "2DAF5158A3DADA5503947E0220B978B798BA8D3BB1085D4E0EDED137B18939F4";
    auto object = cipher(12);
    ASSERT_TRUE(Succeeds(init(object, rsa_public(), kEncrypt)));
    EXPECT_EQ(final(object, plain), kEncrypted);
    EXPECT_EQ(final(object, std::string(128, 'F')), "CryptoException 5");
    EXPECT_EQ(final(object, std::string(126, '1')), "CryptoException 5");
    ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kDecrypt)));
    EXPECT_EQ(final(object, kEncrypted), plain);
}

TEST_F(Rsa, EncryptsWithAPrivateKeyAsForASignature) {
    // The DigestInfo of SHA-1 of "abc": what comes out is the signature.
    auto object = cipher(10);
    ASSERT_TRUE(Succeeds(init(object, rsa_crt(), kEncrypt)));
    auto signature = final(object, "3021300906052B0E03021A05000414A9993E364706816ABA3E25717850C26C9CD0D89D");
    EXPECT_EQ(signature,
              "88CA2C13CDE31D86B377448CF713FA9CCDA1BF3FAC5685FFEDC785994C59F642"
              "7F4EB9C43DC82BE5EF0F6E7881B1966CED4CA326B5186E1E0D8841CB098B1E62");
    ASSERT_TRUE(Succeeds(init(object, rsa_public(), kDecrypt)));
    EXPECT_EQ(final(object, signature),
              "3021300906052B0E03021A05000414A9993E364706816ABA3E25717850C26C9CD0D89D");
    // OAEP is not for that.
    EXPECT_TRUE(Throws(init(cipher(15), rsa_crt(), kEncrypt), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init(cipher(15), rsa_public(), kDecrypt), exception::kCrypto, kIllegalValue));
}

TEST_F(Rsa, MakesPairs) {
    for (auto algorithm : {1, 2}) {
        auto keys = pair(algorithm, 512);
        ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
        auto object = signature(10);
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPrivate"), kSign)));
        auto signed_abc = sign(object, kAbc);
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPublic"), kVerify)));
        EXPECT_TRUE(Returns(verify(object, kAbc, signed_abc), 1));
        EXPECT_EQ(get(part(keys, "getPublic"), "getExponent"), "010001");
        EXPECT_EQ(get(part(keys, "getPublic"), "getModulus").size(), 128U);
    }
    // An exponent that is set stays; one that is none is refused.
    auto keys = pair(2, 512);
    ASSERT_TRUE(Succeeds(set(part(keys, "getPublic"), "setExponent", "03")));
    ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
    EXPECT_EQ(get(part(keys, "getPublic"), "getExponent"), "03");
    ASSERT_TRUE(Succeeds(set(part(keys, "getPublic"), "setExponent", "04")));
    EXPECT_TRUE(Throws(call(keys, "genKeyPair", {}), exception::kCrypto, kIllegalValue));
    EXPECT_EQ(pair(3, 512), kNull);
    EXPECT_EQ(pair(1, 500), kNull);
    EXPECT_TRUE(
        Throws(call(make("javacard.security.KeyPair"), "genKeyPair", {}), exception::kCrypto, kIllegalUse));
    // Keys that do not belong together.
    auto join = [&](Ref first, Ref second) {
        return construct("javacard.security.KeyPair",
                         "(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V",
                         {obj(first), obj(second)});
    };
    EXPECT_NE(join(rsa_public(), rsa_crt()), kNull);
    EXPECT_EQ(join(rsa_public(), build(kTypeRsaCrt, 1024)), kNull);
    EXPECT_EQ(join(rsa_public(), build(kTypeEcPrivate, 256)), kNull);
}

TEST_F(Rsa, PairsAreAsTheyWereAfterACut) {
    auto keys = pair(2, 512);
    ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
    runtime->end_command();
    auto modulus = get(part(keys, "getPublic"), "getModulus");
    auto prime = get(part(keys, "getPrivate"), "getP");
    ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
    EXPECT_NE(get(part(keys, "getPublic"), "getModulus"), modulus);
    restart();
    EXPECT_EQ(get(part(keys, "getPublic"), "getModulus"), modulus);
    EXPECT_EQ(get(part(keys, "getPrivate"), "getP"), prime);
}

TEST_F(Rsa, LongKeysEndTheBudgetOfACommand) {
    auto keys = pair(2, 4096);
    // What five of them leave does not do for a sixth.
    runtime->machine().refill();
    ASSERT_TRUE(runtime->machine().charge(2 * 83'000'000));
    auto refused = call(keys, "genKeyPair", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Trap::Kind::kFault);
    EXPECT_TRUE(Returns(call(part(keys, "getPublic"), "isInitialized", {}), 0));
}

TEST_F(Rsa, RaisesModuloANumberSmallerThanTheKey) {
    auto padded = [](const std::string& number) { return std::string(128 - number.size(), '0') + number; };
    for (auto type : {kTypeRsaPublic, kTypeRsaPrivate}) {
        auto key = build(type, 512);
        ASSERT_TRUE(Succeeds(set(key, "setModulus", padded("F1"))));
        ASSERT_TRUE(Succeeds(set(key, "setExponent", "03")));
        auto object = cipher(12);
        ASSERT_TRUE(Succeeds(init(object, key, kDecrypt)));
        // 7^3 = 343 = 241 + 102
        EXPECT_EQ(final(object, padded("07")), padded("66"));
        EXPECT_EQ(final(object, padded("F1")), "CryptoException 5");
        EXPECT_EQ(final(object, "07"), "CryptoException 5");
        // No signature fits in it.
        auto signer = signature(type == kTypeRsaPrivate ? 10 : 21);
        ASSERT_TRUE(Succeeds(init(signer, key, type == kTypeRsaPrivate ? kSign : kVerify)));
        if (type == kTypeRsaPrivate) {
            EXPECT_EQ(sign(signer, kAbc), "CryptoException 5");
        } else {
            EXPECT_TRUE(Returns(verify(signer, kAbc, padded("66")), 0));
        }
    }
}

// A key takes any modulus; what is to work with an even one refuses it, as cref does.
TEST_F(Rsa, PartsThatMakeNoKeyAreRefused) {
    auto even = std::string(126, '1') + "10", odd = std::string(126, '1') + "11";
    for (auto type : {kTypeRsaPublic, kTypeRsaPrivate}) {
        auto key = build(type, 512);
        ASSERT_TRUE(Succeeds(set(key, "setModulus", even)));
        ASSERT_TRUE(Succeeds(set(key, "setExponent", "03")));
        auto object = cipher(12);
        EXPECT_TRUE(Throws(init(object, key, kEncrypt), exception::kCrypto, 1));
        // One that changes afterwards.
        ASSERT_TRUE(Succeeds(set(key, "setModulus", odd)));
        ASSERT_TRUE(Succeeds(init(object, key, kEncrypt)));
        ASSERT_TRUE(Succeeds(set(key, "setModulus", even)));
        EXPECT_EQ(final(object, std::string(128, '0')), "CryptoException 1");
    }
}

}  // namespace
}  // namespace oti::javacard
