// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "crypto/certificate.h"
#include "crypto/kdf.h"
#include "crypto/private_key.h"

namespace oti::crypto {
namespace {

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

struct Ecdsa {
    Curve curve;
    Hash hash;
    const char *number, *x, *y, *r, *s;
};

// RFC 6979, A.2.5 and A.2.6, message "sample".
const Ecdsa kRfc6979[] = {
    {Curve::kP256, Hash::kSha256, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
     "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
     "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
     "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
    {Curve::kP384, Hash::kSha384,
     "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
     "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
     "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
     "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
     "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"},
};

TEST(PublicKey, VerifiesTheSignaturesOfRfc6979) {
    for (const auto& test : kRfc6979) {
        auto point = concat(Bytes{0x04}, from_hex(test.x), from_hex(test.y));
        auto key = PublicKey::ec(test.curve, point).value();
        auto signature = concat(from_hex(test.r), from_hex(test.s));
        SignatureAlgorithm algorithm{SignatureScheme::kEcdsa, test.hash};
        EXPECT_EQ(key.card_algorithm(), algorithm);
        EXPECT_EQ(key.point(), point);
        EXPECT_TRUE(key.verify(algorithm, as_bytes("sample"), signature));
        EXPECT_FALSE(key.verify(algorithm, as_bytes("sampl"), signature));
        EXPECT_FALSE(key.verify({SignatureScheme::kRsaPkcs1, test.hash}, as_bytes("sample"), signature));
        for (std::size_t i = 0; i < signature.size(); ++i) {
            auto changed = signature;
            changed[i] ^= 0x10;
            EXPECT_FALSE(key.verify(algorithm, as_bytes("sample"), changed));
        }
        EXPECT_FALSE(key.verify(algorithm, as_bytes("sample"), BytesView(signature).first(63)));
        EXPECT_FALSE(key.verify(algorithm, as_bytes("sample"), Bytes(signature.size())));
        EXPECT_FALSE(key.verify(algorithm, as_bytes("sample"), {}));
    }
}

TEST(PrivateKey, ComputesThePointsOfRfc6979) {
    for (const auto& test : kRfc6979) {
        auto key = PrivateKey::ec(test.curve, secret(test.number)).value();
        EXPECT_EQ(key.public_key().point(), concat(Bytes{0x04}, from_hex(test.x), from_hex(test.y)));
        EXPECT_TRUE(key.number().equals(from_hex(test.number)));
    }
}

// NIST CAVP, KAS_ECC_CDH_PrimitiveTest.txt, [P-256], COUNT = 0.
TEST(PrivateKey, AgreesAsNist) {
    auto mine = PrivateKey::ec(Curve::kP256,
                               secret("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534"))
                    .value();
    auto other = PublicKey::ec(Curve::kP256,
                               from_hex("04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
                                        "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"))
                     .value();
    EXPECT_TRUE(mine.agree(other)->equals(
        from_hex("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b")));
}

TEST(PrivateKey, SignsAndAgreesOnEveryCurve) {
    for (auto curve : kAllCurves) {
        SCOPED_TRACE(name(curve));
        EXPECT_EQ(curve_of_name(name(curve)), curve);
        EXPECT_EQ(curve_of_reference(static_cast<std::uint8_t>(curve)), curve);
        auto a = PrivateKey::generate(curve), b = PrivateKey::generate(curve);
        EXPECT_EQ(a.public_key().point().size(), point_size(curve));
        auto shared = a.agree(b.public_key()).value();
        EXPECT_EQ(shared.size(), coordinate_size(curve));
        EXPECT_TRUE(shared.equals(b.agree(a.public_key())->view(SecretAccess::granted())));
        auto algorithm = a.public_key().card_algorithm();
        auto signature = a.sign(algorithm, as_bytes("message")).value();
        EXPECT_EQ(signature.size(), 2 * coordinate_size(curve));
        EXPECT_TRUE(a.public_key().verify(algorithm, as_bytes("message"), signature));
        EXPECT_FALSE(b.public_key().verify(algorithm, as_bytes("message"), signature));

        auto again = PrivateKey::ec(curve, a.number()).value();
        EXPECT_TRUE(again.public_key() == a.public_key());
        auto read = PrivateKey::from_pem(a.to_pem()).value();
        EXPECT_TRUE(read.public_key() == a.public_key());
        EXPECT_TRUE(PublicKey::from_pem(a.public_key().to_pem()).value() == a.public_key());
        EXPECT_TRUE(PublicKey::ec(curve, a.public_key().point()).value() == a.public_key());
        EXPECT_EQ(a.clone().public_key().point(), a.public_key().point());
    }
    EXPECT_FALSE(curve_of_reference(0x04));
    EXPECT_FALSE(curve_of_name("P-224"));
}

TEST(PublicKey, RefusesWhatIsNoPoint) {
    auto good = PrivateKey::generate(Curve::kP256).public_key().point();
    for (auto curve : {Curve::kP384, Curve::kBrainpoolP256r1}) {
        EXPECT_EQ(PublicKey::ec(curve, good).error().code, "key.invalid");
    }
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, {}));
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, Bytes{0x00}));
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, Bytes(65)));
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, BytesView(good).first(64)));
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, concat(good, Bytes{0})));
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, concat(Bytes{0x02}, BytesView(good).subspan(1, 32))));
    good.back() ^= 1;
    EXPECT_FALSE(PublicKey::ec(Curve::kP256, good));
}

TEST(PrivateKey, RefusesWhatIsNoKey) {
    EXPECT_FALSE(PrivateKey::ec(Curve::kP256, SecretBytes(32)));
    EXPECT_FALSE(PrivateKey::ec(Curve::kP256, SecretBytes(31)));
    EXPECT_FALSE(PrivateKey::ec(Curve::kP256, SecretBytes::take(Bytes(32, 0xFF))));
    EXPECT_FALSE(PrivateKey::generate_rsa(512));
    EXPECT_EQ(PrivateKey::from_pem(SecretBytes()).error().code, "key.invalid");
    EXPECT_EQ(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----").error().code, "key.invalid");
    auto p256 = PrivateKey::generate(Curve::kP256);
    EXPECT_FALSE(p256.agree(PrivateKey::generate(Curve::kP384).public_key()));
    EXPECT_FALSE(p256.sign({SignatureScheme::kRsaPss, Hash::kSha256}, {}));
}

struct Rsa {
    PublicKey key;
    PrivateKey private_key;
    Bytes modulus, sha1, sha256, pss;
};

std::vector<Rsa> openjdk_signatures() {
    std::ifstream file(OTI_SOURCE_DIR "/src/crypto/testdata/rsa_openjdk.txt");
    std::vector<Rsa> all;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::vector<std::string> fields;
        std::istringstream columns(line);
        for (std::string field; std::getline(columns, field, '|');) {
            std::erase(field, ' ');
            fields.push_back(field);
        }
        auto n = from_hex(fields.at(1)), e = from_hex(fields.at(2));
        all.push_back({PublicKey::rsa(n, e).value(), PrivateKey::rsa(n, e, secret(fields.at(3))).value(), n,
                       from_hex(fields.at(4)), from_hex(fields.at(5)), from_hex(fields.at(6))});
    }
    return all;
}

TEST(PublicKey, VerifiesTheRsaSignaturesOfOpenJdk) {
    auto all = openjdk_signatures();
    ASSERT_EQ(all.size(), 2U);
    auto message = as_bytes("load file data block hash");
    constexpr SignatureAlgorithm kSha1{SignatureScheme::kRsaPkcs1, Hash::kSha1};
    constexpr SignatureAlgorithm kSha256{SignatureScheme::kRsaPkcs1, Hash::kSha256};
    constexpr SignatureAlgorithm kPss{SignatureScheme::kRsaPss, Hash::kSha256};
    for (const auto& [key, private_key, modulus, sha1, sha256, pss] : all) {
        EXPECT_EQ(key.modulus(), modulus);
        EXPECT_EQ(to_hex(key.exponent()), "010001");
        EXPECT_EQ(key.bits(), modulus.size() * 8);
        EXPECT_FALSE(key.curve());
        EXPECT_TRUE(key.verify(kSha1, message, sha1));
        EXPECT_TRUE(key.verify(kSha256, message, sha256));
        EXPECT_TRUE(key.verify(kPss, message, pss));
        EXPECT_FALSE(key.verify(kPss, message, sha256));
        EXPECT_FALSE(key.verify(kSha256, message, pss));
        EXPECT_FALSE(key.verify({SignatureScheme::kEcdsa, Hash::kSha256}, message, sha256));
        EXPECT_FALSE(key.verify(kSha1, message, BytesView(sha1).first(20)));
        EXPECT_FALSE(key.verify(kSha1, {}, sha1));
        // PKCS1-v1_5 is deterministic: the same key must give their very bytes.
        EXPECT_EQ(private_key.sign(kSha1, message).value(), sha1);
        EXPECT_EQ(private_key.sign(kSha256, message).value(), sha256);
        EXPECT_TRUE(key.verify(kPss, message, private_key.sign(kPss, message).value()));
        EXPECT_TRUE(private_key.public_key() == key);
        EXPECT_TRUE(PublicKey::from_pem(key.to_pem()).value() == key);
    }
    EXPECT_EQ(all[0].key.card_algorithm(), kSha1);
    EXPECT_EQ(all[1].key.card_algorithm(), kPss);
}

TEST(PublicKey, RefusesWhatIsNoRsaKey) {
    Bytes modulus(128, 0xFF), three{0x03};
    EXPECT_TRUE(PublicKey::rsa(modulus, three));
    EXPECT_FALSE(PublicKey::rsa({}, {}));
    EXPECT_FALSE(PublicKey::rsa(modulus, Bytes{0x01}));
    EXPECT_FALSE(PublicKey::rsa(modulus, Bytes{0x04}));
    EXPECT_FALSE(PublicKey::rsa(modulus, Bytes(9, 0xFF)));
    EXPECT_FALSE(PublicKey::rsa(Bytes(64, 0xFF), three));
    EXPECT_FALSE(PublicKey::rsa(Bytes(1024, 0xFF), three));
    modulus.back() = 0xFE;
    EXPECT_FALSE(PublicKey::rsa(modulus, three));
}

TEST(PublicKey, IsReadFromACertificate) {
    auto ca = make_ca("somebody", std::chrono::days(1)).value();
    auto key = PublicKey::from_pem(ca.certificate_pem).value();
    EXPECT_TRUE(PrivateKey::from_pem(ca.private_key_pem)->public_key() == key);
}

// NIST CAVP, ansx963_2001.rsp, [SHA-256], COUNT = 0 of the first and of a later section.
TEST(Kdf, X963AsNist) {
    auto key = kdf_x963(Hash::kSha256, secret("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08"), {}, 16);
    EXPECT_TRUE(key.equals(from_hex("443024c3dae66b95e6f5670601558f71")));
    key = kdf_x963(Hash::kSha256, secret("22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d"),
                   from_hex("75eef81aa3041e33b80971203d2c0c52"), 128);
    EXPECT_TRUE(key.equals(from_hex(
        "c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e52a13d9c7c6fc878c50c5ea0bc7b0"
        "0e0da2447cfd874f6cf92f30d0097111485500c90c3af8b487872d04685d14c8d1dc8d7fa08beb0ce0ababc11f0bd"
        "496269142d43525a78e5bc79a17f59676a5706dc54d54d4d1f0bd7e386128ec26afc21")));
}

// FIPS 180-2 examples, "abc".
TEST(Digest, Fips180LongHashes) {
    EXPECT_EQ(to_hex(digest(Hash::kSha384, as_bytes("abc"))),
              "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED"
              "8086072BA1E7CC2358BAECA134C825A7");
    EXPECT_EQ(to_hex(digest(Hash::kSha512, as_bytes("abc"))),
              "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A"
              "2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F");
    EXPECT_EQ(digest_size(Hash::kSha1), 20U);
}

}  // namespace
}  // namespace oti::crypto
