// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/aes.h"
#include "crypto/digest.h"
#include "crypto/jwe.h"
#include "crypto/kdf.h"
#include "crypto/sealer.h"

namespace oti::crypto {
namespace {

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

// RFC 4493, section 4: examples 1 to 4.
TEST(Cmac, Rfc4493) {
    auto message = from_hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    auto key = secret("2b7e151628aed2a6abf7158809cf4f3c");
    auto mac = Cmac::create(key).value();
    for (auto [length, expected] :
         {std::pair{0, "BB1D6929E95937287FA37D129B756746"}, std::pair{16, "070A16B46B4D4144F79BDD9DD04A287C"},
          std::pair{40, "DFA66747DE9AE63030CA32611497C827"},
          std::pair{64, "51F0BEBF7E3B9D92FC49741779363CFE"}}) {
        mac.update(BytesView(message).first(length));
        EXPECT_EQ(to_hex(mac.finish()), expected);
    }
}

// NIST SP 800-38B examples for AES-192 and AES-256, second message (Mlen = 128).
TEST(Cmac, Sp800_38bLongKeys) {
    auto message = from_hex("6bc1bee22e409f96e93d7e117393172a");
    EXPECT_EQ(to_hex(cmac(secret("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"), message).value()),
              "9E99A7BF31E710900662F65E617C5184");
    EXPECT_EQ(to_hex(cmac(secret("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), message)
                         .value()),
              "28A7023F452E8F82BD4BF28D8C37C35C");
}

// NIST SP 800-38A, F.1.1, F.2.1 and F.2.2 (AES-128).
TEST(Aes, Sp800_38a) {
    auto aes = Aes::create(secret("2b7e151628aed2a6abf7158809cf4f3c")).value();
    auto plain = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    Bytes out(plain.size());
    aes.ecb_encrypt(plain, out);
    EXPECT_EQ(to_hex(out), "3AD77BB40D7A3660A89ECAF32466EF97F5D3D58503B9699DE785895A96FDBAAF");
    AesBlock iv;
    for (std::uint8_t i = 0; i < 16; ++i) iv[i] = i;
    aes.cbc_encrypt(iv, plain, out);
    EXPECT_EQ(to_hex(out), "7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2");
    aes.cbc_decrypt(iv, out, out);
    EXPECT_EQ(out, plain);
}

TEST(Aes, RefusesOtherKeyLengths) {
    EXPECT_EQ(Aes::create(SecretBytes(15)).error().code, "key.length");
}

// NIST CAVP, KDFCTR_gen (SP 800-108), [PRF=CMAC_AES128] [CTRLOCATION=BEFORE_FIXED] [RLEN=8_BITS], COUNT=0.
TEST(Kdf, CavpCounterBeforeFixed) {
    auto key = secret("dff1e50ac0b69dc40f1051d46c2b069c");
    auto fixed = from_hex(
        "c16e6e02c5a3dcc8d78b9ac1306877761310455b4e41469951d9e6c2245a064b"
        "33fd8c3b01203a7824485bf0a64060c4648b707d2607935699316ea5");
    EXPECT_EQ(to_hex(kdf_counter_cmac(key, {}, fixed, 16).value().view(SecretAccess::granted())),
              "8BE8F0869B3C0BA97B71863D1B9F7813");
}

// FIPS 180-2 example "abc".
TEST(Digest, Fips180) {
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
              "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    EXPECT_EQ(to_hex(sha1(as_bytes("abc"))), "A9993E364706816ABA3E25717850C26C9CD0D89D");
}

TEST(Sealer, OpensOnlyItsOwnContextAndBytes) {
    SystemRandom random;
    auto sealer = Sealer::create(random.secret(32), random).value();
    auto sealed = sealer.seal(from_hex("0102"), "row 1");
    EXPECT_TRUE(sealer.open(sealed, "row 1").value().equals(from_hex("0102")));
    EXPECT_EQ(sealer.open(sealed, "row 2").error().code, "seal.broken");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= 1;
        EXPECT_FALSE(sealer.open(changed, "row 1"));
    }
    EXPECT_FALSE(sealer.open(BytesView(sealed).first(5), "row 1"));
}

TEST(Jwe, OnlyTheRecipientOpens) {
    auto mine = make_jwk().value();
    auto other = make_jwk().value();
    auto to_me = public_jwk(mine).value();
    EXPECT_EQ(to_me.find("\"d\""), std::string::npos);
    auto jwe = jwe_encrypt(as_bytes("keys"), to_me).value();
    EXPECT_TRUE(jwe_decrypt(jwe, mine).value().equals(as_bytes("keys")));
    EXPECT_EQ(jwe_decrypt(jwe, other).error().code, "jwe.broken");
    jwe[jwe.size() / 2] ^= 1;
    EXPECT_FALSE(jwe_decrypt(jwe, mine));
    EXPECT_EQ(jwe_encrypt({}, "{}").error().code, "jwk.invalid");
}

}  // namespace
}  // namespace oti::crypto
