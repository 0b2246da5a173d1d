// SPDX-License-Identifier: Apache-2.0
// Elliptic curves: Signature, KeyAgreement, KeyPair; and Diffie-Hellman.
#include "javacard/asymmetric_testing.h"

namespace oti::javacard {
namespace {

constexpr int kSign = 1, kVerify = 2;
constexpr auto kPair = 5;

class Ec : public AsymmetricTest {
  protected:
    Ref agreement(int algorithm) {
        return call("javacard.security.KeyAgreement", "getInstance", {num(algorithm), num(0)})->as_ref();
    }
    std::string agree(Ref object, std::string_view point) { return process(object, "generateSecret", point); }
};

// RFC 6979, A.2.5: P-256 and SHA-256, of "sample".
TEST_F(Ec, VerifiesAndSigns) {
    constexpr auto kSample = "73616D706C65";
    constexpr auto kPoint =
        "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
    constexpr auto kNumber = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    constexpr auto kPlain =
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    auto der = "3046022100" + std::string(kPlain).substr(0, 64) + "022100" + std::string(kPlain).substr(64);
    auto public_key = ec_key(kP256, kTypeEcPublic, kPoint);
    auto private_key = ec_key(kP256, kTypeEcPrivate, kNumber);
    auto object = signature(33);
    ASSERT_TRUE(Succeeds(init(object, public_key, kVerify)));
    EXPECT_TRUE(Returns(call(object, "getLength", {}), 72));
    EXPECT_TRUE(Returns(verify(object, kSample, der), 1));
    EXPECT_TRUE(Returns(verify(object, kSample, changed(der)), 0));
    EXPECT_TRUE(Returns(verify(object, "73616D706C64", der), 0));
    EXPECT_TRUE(Returns(verify(object, kSample, ""), 0));
    ASSERT_TRUE(Succeeds(init(object, private_key, kSign)));
    auto own = sign(object, kSample);
    ASSERT_TRUE(Succeeds(init(object, public_key, kVerify)));
    EXPECT_TRUE(Returns(verify(object, kSample, own), 1));

    auto plain = call("javacard.security.Signature", "getInstance(BBBZ)Ljavacard/security/Signature;",
                      {num(4), num(9), num(0), num(0)})
                     ->as_ref();
    ASSERT_TRUE(Succeeds(init(plain, public_key, kVerify)));
    EXPECT_TRUE(Returns(verify(plain, kSample, kPlain), 1));
    EXPECT_TRUE(Returns(verify(plain, kSample, der), 0));
    ASSERT_TRUE(Succeeds(init(plain, private_key, kSign)));
    EXPECT_EQ(sign(plain, kSample).size(), 128U);
    EXPECT_TRUE(Throws(init(object, private_key, kVerify), exception::kCrypto, kIllegalValue));
}

// NIST CAVS 14.1, ECC CDH primitive, P-256, count 0; the shorter secret is SHA-1 of the longer one, by
// coreutils.
TEST_F(Ec, Agrees) {
    constexpr auto kPeer =
        "04700C48F77F56584C5CC632CA65640DB91B6BACCE3A4DF6B42CE7CC838833D287"
        "DB71E509E3FD9B060DDB20BA5C51DCC5948D46FBF640DFE0441782CAB85FA4AC";
    constexpr auto kX = "46FC62106420FF012E54A434FBDD2D25CCC5852060561E68040DD7778997BD7B";
    auto key =
        ec_key(kP256, kTypeEcPrivate, "7D7DC5F71EB29DDAF80D6214632EEAE03D9058AF1FB6D22ED80BADB62BC1A534");
    auto plain = agreement(3);
    EXPECT_EQ(agree(plain, kPeer), "CryptoException 4");
    ASSERT_TRUE(Succeeds(call(plain, "init", {obj(key)})));
    EXPECT_EQ(agree(plain, kPeer), kX);
    runtime->reset();
    EXPECT_EQ(agree(plain, kPeer), kX);
    // The same point compressed; points that are none.
    EXPECT_EQ(agree(plain, "02" + std::string(kPeer).substr(2, 64)), kX);
    EXPECT_EQ(agree(plain, changed(kPeer)), "CryptoException 1");
    EXPECT_EQ(agree(plain, "00"), "CryptoException 1");
    EXPECT_EQ(agree(plain, ""), "CryptoException 1");
    auto both = agreement(6);
    ASSERT_TRUE(Succeeds(call(both, "init", {obj(key)})));
    EXPECT_EQ(agree(both, kPeer).substr(0, 66), "04" + std::string(kX));
    EXPECT_EQ(agree(both, kPeer).size(), 130U);
    auto derived = agreement(1);
    ASSERT_TRUE(Succeeds(call(derived, "init", {obj(key)})));
    EXPECT_EQ(agree(derived, kPeer), "381AE083BF9FF3BB49730A96D4E55AABAE1C42DA");
    // With a cofactor, which must be known.
    auto cofactor = agreement(4);
    EXPECT_TRUE(Throws(call(cofactor, "init", {obj(key)}), exception::kCrypto, kUninitializedKey));
    ASSERT_TRUE(Succeeds(call(key, "setK", {num(1)})));
    ASSERT_TRUE(Succeeds(call(cofactor, "init", {obj(key)})));
    EXPECT_EQ(agree(cofactor, kPeer), kX);
    EXPECT_TRUE(Throws(call(cofactor, "init", {obj(rsa_private())}), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(call("javacard.security.KeyAgreement", "getInstance", {num(8), num(0)}),
                       exception::kCrypto, kNoSuchAlgorithm));
}

// ICAO 9303-11, G.1: the mapped generator of PACE with generic mapping.
TEST_F(Ec, MapsTheGeneratorOfPace) {
    auto nonce = ec_key(kBrainpoolP256r1, kTypeEcPrivate, "3F00C4D39D153F2B2A214A078D899B22");
    auto object = agreement(5);
    ASSERT_TRUE(Succeeds(call(object, "init", {obj(nonce)})));
    EXPECT_EQ(agree(object,
                    "0460332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5"
                    "0840CA7415BAF3E43BD414D35AA4608B93A2CAF3A4E3EA4E82C9C13D03EB7181"),
              "048CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2"
              "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522");
}

TEST_F(Ec, MakesPairsOnTheCurveThatWasSet) {
    for (const auto& curve : {kP256, kFrp256v1}) {
        auto keys = pair(kPair, curve.bits);
        set_curve(part(keys, "getPublic"), curve);
        ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
        EXPECT_EQ(get(part(keys, "getPrivate"), "getField"), curve.field);
        auto object = signature(33);
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPrivate"), kSign)));
        auto own = sign(object, "00");
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPublic"), kVerify)));
        EXPECT_TRUE(Returns(verify(object, "00", own), 1));
        EXPECT_TRUE(Returns(verify(object, "01", own), 0));
    }
    for (auto bits : {112, 128, 160, 192, 224, 256, 384, 521}) {
        auto keys = pair(kPair, bits);
        ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
        auto object = signature(17);
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPrivate"), kSign)));
        auto own = sign(object, "00");
        ASSERT_TRUE(Succeeds(init(object, part(keys, "getPublic"), kVerify)));
        EXPECT_TRUE(Returns(verify(object, "00", own), 1));
    }
    // There is no curve of that size that everybody knows.
    EXPECT_TRUE(Throws(call(pair(kPair, 200), "genKeyPair", {}), exception::kCrypto, kIllegalValue));
}

struct OneRandom : crypto::Random {
    void fill(std::span<std::uint8_t> out) override {
        std::ranges::fill(out, std::uint8_t{0});
        out.back() = 1;
    }
};

// The random number is 1, so the key is 2 (FIPS 186-5, A.2.1), and its point twice the generator: SEC 1's
// test vectors for P-256 (point-at-infinity.jp) have it.
TEST_F(Ec, TakesItsNumbersFromTheCardsSource) {
    OneRandom source;
    runtime->machine().use_random(source);
    auto keys = pair(kPair, 256);
    ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
    EXPECT_EQ(get(part(keys, "getPrivate"), "getS"), std::string(63, '0') + "2");
    EXPECT_EQ(get(part(keys, "getPublic"), "getW"),
              "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"
              "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1");
}

// API, ECKey.setFieldF2M: the key is of neither type that it is for.
TEST_F(Ec, HasNoFieldsOfCharacteristicTwo) {
    auto key = build(kTypeEcPublic, 192);
    EXPECT_TRUE(Throws(call(key, "setFieldF2M(S)V", {num(3)}), exception::kCrypto, kNoSuchAlgorithm));
    EXPECT_TRUE(Throws(call(key, "setFieldF2M(SSS)V", {num(3), num(2), num(1)}), exception::kCrypto,
                       kNoSuchAlgorithm));
}

TEST_F(Ec, ParametersThatAreNoCurveAreRefused) {
    auto wrong = [&](const char* method, std::string_view value) {
        auto keys = pair(kPair, 256);
        set_curve(part(keys, "getPublic"), kFrp256v1);
        EXPECT_TRUE(Succeeds(set(part(keys, "getPublic"), method, value)));
        return call(keys, "genKeyPair", {});
    };
    EXPECT_TRUE(Throws(wrong("setFieldFP", "04"), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setFieldFP", changed(kFrp256v1.field)), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setB", changed(kFrp256v1.b)), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setG", changed(kFrp256v1.g)), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setR", changed(kFrp256v1.r)), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setR", "01"), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(wrong("setA", std::string(64, 'F')), exception::kCrypto, kIllegalValue));
    // A private number that is not below the order.
    auto object = signature(33);
    ASSERT_TRUE(Succeeds(init(object, ec_key(kP256, kTypeEcPrivate, std::string(64, 'F')), kSign)));
    EXPECT_EQ(sign(object, "00"), "CryptoException 5");
}

// RFC 5114, 2.1 and A.1: the group of 1024 bits with an order of 160 bits, keys of it and their common
// secret.
TEST_F(Ec, DiffieHellmanModuloAPrime) {
    constexpr auto kP =
        "B10B8F96A080E01DDE92DE5EAE5D54EC52C99FBCFB06A3C69A6A9DCA52D23B616073E28675A23D189838EF1E2EE652C013EC"
        "B4AEA906112324"
        "975C3CD49B83BFACCBDD7D90C4BD7098488E9C219A73724EFFD6FAE5644738FAA31A4FF55BCCC0A151AF5F0DC8B4BD45BF37"
        "DF365C1A65E68C"
        "FDA76D4DA708DF1FB2BC2E4A4371";
    constexpr auto kG =
        "A4D1CBD5C3FD34126765A442EFB99905F8104DD258AC507FD6406CFF14266D31266FEA1E5C41564B777E690F5504F2131602"
        "17B4B01B886A5E"
        "91547F9E2749F4D7FBD7D3B9A92EE1909D0D2263F80A76A6A24C087A091F531DBF0A0169B6A28AD662A4D18E73AFA32D779D"
        "5918D08BC8858F"
        "4DCEF97C2A24855E6EEB22B3B2E5";
    constexpr auto kQ = "F518AA8781A8DF278ABA4E7D64B7CB9D49462353";
    auto private_key = build(35, 1024);
    ASSERT_TRUE(Succeeds(set(private_key, "setP", kP)));
    ASSERT_TRUE(Succeeds(set(private_key, "setG", kG)));
    ASSERT_TRUE(Succeeds(set(private_key, "setX", "B9A3B3AE8FEFC1A2930496507086F8455D48943E")));
    auto object = agreement(7);
    ASSERT_TRUE(Succeeds(call(object, "init", {obj(private_key)})));
    EXPECT_EQ(agree(object,
                    "717A6CB053371FF4A3B932941C1E5663F861A1D6AD34AE66576DFB98F6C6CBF9DDD5A56C7833F6BCFDFF0955"
                    "82AD868E440E8D09FD769E3CECCDC3D3B1E4CFA057776CAAF9739B6A9FEE8E7411F8D6DAC09D6A4EDB46CC2B"
                    "5D5203090EAE6126311E53FD2C14B574E6A3109A3DA1BE41BDCEAA186F5CE06716A2B6A07B3C33FE"),
              "5C804F454D30D9C4DF85271F93528C91DF6B48AB5F80B3B59CAAC1B28F8ACBA9CD3E39F3CB614525D9521D2E644C53"
              "B807B810F340062F257D7D6FBFE8D5E8F072E9B6E9AFDA9413EAFB2E8B0699B1FB5A0CACEDDEAEAD7E9CFBB36AE2B4"
              "20835BD83A19FB0B5E96BF8FA4D09E345525167ECD9155416F46F408ED31B63C6E6D");
    EXPECT_EQ(agree(object, "01"), "CryptoException 1");
    EXPECT_EQ(agree(object, "00"), "CryptoException 1");
    EXPECT_EQ(agree(object, kP), "CryptoException 1");
    // Two parties that agree.
    auto one = pair(6, 1024);
    auto other = pair(6, 1024);
    EXPECT_TRUE(Throws(call(one, "genKeyPair", {}), exception::kCrypto, kIllegalValue));
    std::string secrets[2];
    for (auto keys : {one, other}) {
        auto key = part(keys, "getPublic");
        ASSERT_TRUE(Succeeds(set(key, "setP", kP)));
        ASSERT_TRUE(Succeeds(set(key, "setQ", kQ)));
        ASSERT_TRUE(Succeeds(set(key, "setG", kG)));
        ASSERT_TRUE(Succeeds(call(keys, "genKeyPair", {})));
    }
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(Succeeds(call(object, "init", {obj(part(i == 0 ? one : other, "getPrivate"))})));
        secrets[i] = agree(object, get(part(i == 0 ? other : one, "getPublic"), "getY"));
    }
    EXPECT_EQ(secrets[0].size(), 256U);
    EXPECT_EQ(secrets[0], secrets[1]);
}

}  // namespace
}  // namespace oti::javacard
