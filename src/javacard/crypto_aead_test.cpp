// SPDX-License-Identifier: Apache-2.0
// AEADCipher.
#include "javacard/crypto_testing.h"

namespace oti::javacard {
namespace {

constexpr int kDecrypt = 1, kEncrypt = 2, kGcm = -13, kCcm = -12;

class Aead : public CryptoTest {
  protected:
    Guest<Value> authenticate(Ref object, std::string_view data) {
        return call(object, "updateAAD", {obj(bytes(data)), num(0), size(data)});
    }
    Guest<Value> init_ccm(Ref object, Ref key, int mode, std::string_view nonce, int authenticated,
                          int message, int tag) {
        return call(object, "init(Ljavacard/security/Key;B[BSSSSS)V",
                    {obj(key), num(mode), obj(bytes(nonce)), num(0), size(nonce), num(authenticated),
                     num(message), num(tag)});
    }
    std::string tag(Ref object, int length = 16) {
        auto out = bytes(Bytes(static_cast<std::size_t>(length)));
        return call(object, "retrieveTag", {obj(out), num(0), num(length)}) ? hex(out) : "";
    }
    Guest<Value> verify(Ref object, std::string_view presented, int required) {
        return call(object, "verifyTag", {obj(bytes(presented)), num(0), size(presented), num(required)});
    }
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 1, 4 and 6.
TEST_F(Aead, Gcm) {
    constexpr auto kPlain =
        "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16A"
        "EDF5AA0DE657BA637"
        "B39";
    constexpr auto kData = "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2";
    struct Case {
        const char* iv;
        const char* encrypted;
        const char* tag;
    };
    auto key = secret_key(kTypeAes, "FEFFE9928665731C6D6A8F9467308308");
    auto object = cipher(kGcm);
    for (const auto& known : {Case{"CAFEBABEFACEDBADDECAF888",
                                   "42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25"
                                   "466931C7D8F6A5AAC84AA051BA30B396A0AAC9"
                                   "73D58E091",
                                   "5BC94FBC3221A5DB94FAE95AE7121A47"},
                              Case{"9313225DF88406E555909C5AFF5269AA6A7A9538534F7DA1E4C303D2A318A728C3C0C9515"
                                   "6809539FCF0E2429A6B525416AEDBF5A0DE6A57"
                                   "A637B39B",
                                   "8CE24998625615B603A033ACA13FB894BE9112A5C3A211A8BA262A3CCA7E2CA701E4A9A4F"
                                   "BA43C90CCDCB281D48C7C6FD62875D2ACA4170"
                                   "34C34AEE5",
                                   "619CC5AEFFFE0BFA462AF43C1699D050"}}) {
        ASSERT_TRUE(Succeeds(init(object, key, kEncrypt, known.iv)));
        ASSERT_TRUE(Succeeds(authenticate(object, std::string_view(kData).substr(0, 10))));
        ASSERT_TRUE(Succeeds(authenticate(object, std::string_view(kData).substr(10))));
        auto out = process(object, "update", std::string_view(kPlain).substr(0, 6));
        EXPECT_EQ(tag(object), "");
        EXPECT_TRUE(Throws(authenticate(object, "00"), exception::kCrypto, kIllegalUse));
        EXPECT_EQ(out + final(object, std::string_view(kPlain).substr(6)), known.encrypted);
        EXPECT_EQ(tag(object), known.tag);
        EXPECT_EQ(tag(object, 12), std::string(known.tag).substr(0, 24));
        EXPECT_EQ(tag(object, 5), "");
        EXPECT_TRUE(Throws(verify(object, known.tag, 16), exception::kCrypto, kIllegalUse));

        ASSERT_TRUE(Succeeds(init(object, key, kDecrypt, known.iv)));
        ASSERT_TRUE(Succeeds(authenticate(object, kData)));
        EXPECT_EQ(final(object, known.encrypted), kPlain);
        EXPECT_TRUE(Returns(verify(object, known.tag, 16), 1));
        EXPECT_TRUE(Returns(verify(object, known.tag, 12), 1));
        EXPECT_TRUE(Returns(verify(object, std::string(known.tag).substr(2), 16), 0));
        EXPECT_TRUE(Returns(verify(object, "00" + std::string(known.tag).substr(2), 16), 0));
        EXPECT_TRUE(Throws(verify(object, known.tag, 3), exception::kCrypto, kIllegalValue));
    }
    // Without a vector, twelve zeros: test case 1, of an empty message and a key of zeros.
    ASSERT_TRUE(Succeeds(init(object, secret_key(kTypeAes, std::string(32, '0')), kEncrypt)));
    EXPECT_EQ(final(object, ""), "");
    EXPECT_EQ(tag(object), "58E2FCCEFA7E3061367F1D57A4E7455A");
    EXPECT_TRUE(Throws(init_ccm(object, key, kEncrypt, "00", 0, 0, 16), exception::kCrypto, kInvalidInit));
}

// RFC 3610, packet vectors 1 and 2.
TEST_F(Aead, Ccm) {
    auto key = secret_key(kTypeAes, "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF");
    auto object = cipher(kCcm);
    struct Case {
        const char* nonce;
        const char* plain;
        const char* encrypted;
        const char* tag;
    };
    for (const auto& known :
         {Case{"00000003020100A0A1A2A3A4A5", "08090A0B0C0D0E0F101112131415161718191A1B1C1D1E",
               "588C979A61C663D2F066D0C2C0F989806D5F6B61DAC384", "17E8D12CFDF926E0"},
          Case{"00000004030201A0A1A2A3A4A5", "08090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
               "72C91A36E135F8CF291CA894085C87E3CC15C439C9E43A3B", "A091D56E10400916"}}) {
        auto length = size(known.plain).number;
        auto start = [&](int mode) { return init_ccm(object, key, mode, known.nonce, 8, length, 8); };
        ASSERT_TRUE(Succeeds(start(kEncrypt)));
        EXPECT_EQ(process(object, "update", "00"), "CryptoException 5");
        ASSERT_TRUE(Succeeds(authenticate(object, "0001020304050607")));
        EXPECT_TRUE(Throws(authenticate(object, "00"), exception::kCrypto, kIllegalValue));
        auto out = process(object, "update", std::string_view(known.plain).substr(0, 6));
        EXPECT_EQ(process(object, "update", known.plain), "CryptoException 5");
        EXPECT_EQ(final(object, "00"), "CryptoException 5");
        EXPECT_EQ(out + final(object, std::string_view(known.plain).substr(6)), known.encrypted);
        EXPECT_EQ(tag(object, 8), known.tag);
        EXPECT_EQ(tag(object, 16), "");
        // The nonce is spent.
        EXPECT_EQ(final(object, known.plain), "CryptoException 4");

        ASSERT_TRUE(Succeeds(start(kDecrypt)));
        ASSERT_TRUE(Succeeds(authenticate(object, "0001020304050607")));
        EXPECT_EQ(final(object, known.encrypted), known.plain);
        EXPECT_TRUE(Returns(verify(object, known.tag, 8), 1));
        EXPECT_TRUE(Returns(verify(object, "17E8D12CFDF926E1", 8), 0));
    }
    EXPECT_TRUE(Throws(init(object, key, kEncrypt), exception::kCrypto, kInvalidInit));
    EXPECT_TRUE(Throws(init_ccm(object, key, kEncrypt, "00000003020100A0A1A2A3A4A5", 0, 0, 5),
                       exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(
        Throws(init_ccm(object, key, kEncrypt, "000000", 0, 0, 8), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(init_ccm(object, key, kEncrypt, "00000003020100A0A1A2A3A4A5", -1, 0, 8),
                       exception::kCrypto, kIllegalValue));
}

TEST_F(Aead, IsForgottenByAReset) {
    auto object = cipher(kCcm);
    ASSERT_TRUE(Succeeds(init_ccm(object, secret_key(kTypeAes, "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF"), kEncrypt,
                                  "00000003020100A0A1A2A3A4A5", 0, 1, 8)));
    runtime->reset();
    EXPECT_EQ(final(object, "00"), "CryptoException 4");
    EXPECT_EQ(final(make("javacardx.crypto.AEADCipher"), "00"), "CryptoException 4");
}

}  // namespace
}  // namespace oti::javacard
