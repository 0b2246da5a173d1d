// SPDX-License-Identifier: Apache-2.0
// For tests only: an RSA key and curves that others have published.
#pragma once

#include "javacard/crypto_testing.h"

namespace oti::javacard {

struct TestCurve {
    int bits;
    const char *field, *a, *b, *g, *r;
};

/// FIPS 186-4, D.1.2.3.
inline constexpr TestCurve kP256{256,
                                 "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
                                 "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
                                 "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
                                 "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                                 "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
                                 "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"};
/// RFC 5639, 3.4.
inline constexpr TestCurve kBrainpoolP256r1{
    256,
    "A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377",
    "7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9",
    "26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6",
    "048BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262"
    "547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997",
    "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7"};
/// FRP256v1 (ANSSI, Journal officiel no 0241 of 16 October 2011), which OpenSSL has no name for.
inline constexpr TestCurve kFrp256v1{256,
                                     "F1FD178C0B3AD58F10126DE8CE42435B3961ADBCABC8CA6DE8FCF353D86E9C03",
                                     "F1FD178C0B3AD58F10126DE8CE42435B3961ADBCABC8CA6DE8FCF353D86E9C00",
                                     "EE353FCA5428A9300D4ABA754A44C00FDFEC0C9AE4B1A1803075ED967B7BB73F",
                                     "04B6B3D4C356C139EB31183D4749D423958C27D2DCAF98B70164C97A2DD98F5CFF"
                                     "6142E0F7C8B204911F9271F0F3ECEF8C2701C307E8E4C9E183115A1554062CFB",
                                     "F1FD178C0B3AD58F10126DE8CE42435B53DC67E140D2BF941FFDD459C6D655E1"};

class AsymmetricTest : public CryptoTest {
  protected:
    // The key of the Java Card kit's sample of SignatureMessageRecovery; its primes were computed from its
    // exponents.
    static constexpr auto kModulus =
        "BEDFD37A08E29A5827542A4918CEE41A60DC6275BDB08D15A365E67BA9DC0911"
        "5F9FBF29E6C282C8356B0F109B1962FDBD964921E4220808806CD1DEA6D3C38F";
    static constexpr auto kPrivateExponent =
        "8421FE0BA4CAF97DBCFC0EA9BB7ABD7D65402B08C6DFC94B096A293BC2428823"
        "44AF08824CFF42A4B8D2DACCEEC534ED7101AB3B76DE6CA2CB7C38B69A4B2801";

    Ref rsa_public(std::string_view modulus = kModulus) {
        auto key = build(kTypeRsaPublic, size(modulus).number * 8);
        EXPECT_TRUE(Succeeds(set(key, "setModulus", modulus)));
        EXPECT_TRUE(Succeeds(set(key, "setExponent", "010001")));
        return key;
    }
    Ref rsa_private() {
        auto key = build(kTypeRsaPrivate, 512);
        EXPECT_TRUE(Succeeds(set(key, "setModulus", kModulus)));
        EXPECT_TRUE(Succeeds(set(key, "setExponent", kPrivateExponent)));
        return key;
    }
    Ref rsa_crt() {
        auto key = build(kTypeRsaCrt, 512);
        for (auto [method, value] :
             {std::pair{"setP", "E0CCCFECAB297D742DCB3514CBAC80BD8EBC42A0A23AB696AEADF09C71F2360F"},
              {"setQ", "D95DA05E618DA5A664EF6A931272F503CB744064A02639EB3491209F3A271A81"},
              {"setDP1", "3C5A607C5EDBADC5D2419B47B102E8317C2FC9078D668BFCDA7AF27D5E0E343B"},
              {"setDQ1", "28CEFB1CBD13EAD5A27D9074AC3208EDFD7485E25E6ECED0E9BD95724F68A801"},
              {"setPQ", "4AD74E1238642FDD3CC1968065212E6C466992076A6D4936875B3C25388BD3E2"}}) {
            EXPECT_TRUE(Succeeds(set(key, method, value)));
        }
        return key;
    }
    void set_curve(Ref key, const TestCurve& curve) {
        for (auto [method, value] : {std::pair{"setFieldFP", curve.field},
                                     {"setA", curve.a},
                                     {"setB", curve.b},
                                     {"setG", curve.g},
                                     {"setR", curve.r}}) {
            EXPECT_TRUE(Succeeds(set(key, method, value)));
        }
    }
    Ref ec_key(const TestCurve& curve, int type, std::string_view value) {
        auto key = build(type, curve.bits);
        set_curve(key, curve);
        EXPECT_TRUE(Succeeds(set(key, type == kTypeEcPublic ? "setW" : "setS", value)));
        return key;
    }
    Ref pair(int algorithm, int bits) {
        return construct("javacard.security.KeyPair", "(BS)V", {num(algorithm), num(bits)});
    }
    Ref part(Ref pair, const char* method) { return call(pair, method, {})->as_ref(); }

    std::string sign(Ref object, std::string_view message) { return process(object, "sign", message); }
    Guest<Value> verify(Ref object, std::string_view message, std::string_view presented,
                        const char* method = "verify([BSS[BSS)Z") {
        return call(
            object, method,
            {obj(bytes(message)), num(0), size(message), obj(bytes(presented)), num(0), size(presented)});
    }
    static std::string changed(std::string presented) {
        presented.back() = presented.back() == '0' ? '1' : '0';
        return presented;
    }
};

}  // namespace oti::javacard
