// SPDX-License-Identifier: Apache-2.0
// Keys and KeyBuilder.
#include "javacard/crypto.h"
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

constexpr auto kBuilder = "javacard.security.KeyBuilder";
constexpr auto kBuildKey = "buildKey(BSZ)Ljavacard/security/Key;";
constexpr auto kBuildInMemory = "buildKey(BBSZ)Ljavacard/security/Key;";
constexpr std::uint16_t kIllegalValue = 1, kUninitializedKey = 2, kNoSuchAlgorithm = 3;

class Keys : public NativeCallTest {
  protected:
    Ref build(int type, int bits) {
        return call(kBuilder, kBuildKey, {num(type), num(bits), num(0)})->as_ref();
    }
    Guest<Value> set(Ref key, const char* method, std::string_view content) {
        auto value = bytes(content);
        return call(key, method, {obj(value), num(0), num(static_cast<int>(content.size() / 2))});
    }
    std::string get(Ref key, const char* method) {
        auto out = bytes(Bytes(512));
        auto length = call(key, method, {obj(out), num(0)});
        return length ? hex(out).substr(0, 2 * static_cast<std::size_t>(length->number)) : "";
    }
};

TEST_F(Keys, HaveTheTypeAndSizeThatTheyWereBuiltWith) {
    for (auto [type, bits] : {std::pair{3, 64},
                              {1, 128},
                              {3, 192},
                              {15, 128},
                              {13, 256},
                              {21, 64},
                              {4, 512},
                              {5, 2048},
                              {6, 4096},
                              {22, 1024},
                              {11, 256},
                              {12, 521},
                              {30, 160},
                              {32, 1024},
                              {37, 2048}}) {
        auto key = build(type, bits);
        EXPECT_TRUE(Returns(call(key, "getType", {}), type));
        EXPECT_TRUE(Returns(call(key, "getSize", {}), bits));
        EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 0));
    }
}

TEST_F(Keys, OfOtherTypesAndLengthsAreNotThere) {
    // DSA, fields of characteristic 2, Korean SEED, and no type at all.
    for (auto [type, bits] : {std::pair{7, 512},
                              {9, 163},
                              {18, 128},
                              {0, 128},
                              {38, 1024},
                              {-1, 128},
                              {15, 64},
                              {3, 56},
                              {4, 480},
                              {4, 4128},
                              {4, -512},
                              {11, 522}}) {
        EXPECT_TRUE(Throws(call(kBuilder, kBuildKey, {num(type), num(bits), num(0)}), exception::kCrypto,
                           kNoSuchAlgorithm));
    }
    EXPECT_TRUE(Throws(call(kBuilder, kBuildInMemory, {num(2), num(3), num(128), num(0)}), exception::kCrypto,
                       kNoSuchAlgorithm));
    // Nobody is selected.
    EXPECT_TRUE(Throws(call(kBuilder, kBuildKey, {num(14), num(128), num(0)}), exception::kSystem,
                       reason::kIllegalTransient));
}

TEST_F(Keys, AreSetReadAndCleared) {
    auto key = build(15, 128);
    auto value = bytes("00000102030405060708090A0B0C0D0E0F");
    EXPECT_TRUE(Throws(call(key, "getKey", {obj(value), num(0)}), exception::kCrypto, kUninitializedKey));
    EXPECT_TRUE(Throws(call(key, "setKey", {obj(value), num(2)}), exception::kArrayIndex));
    EXPECT_TRUE(Succeeds(call(key, "setKey", {obj(value), num(1)})));
    EXPECT_EQ(get(key, "getKey"), "000102030405060708090A0B0C0D0E0F");
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 1));
    EXPECT_TRUE(Succeeds(call(key, "clearKey", {})));
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 0));
    // Another context may not touch it.
    EXPECT_TRUE(Throws(call(key, "setKey", {obj(value), num(1)}, kStranger), exception::kSecurity));
}

TEST_F(Keys, ArePersistentUnlessTheyAreTransient) {
    auto persistent = build(15, 128);
    auto transient = build(13, 128);
    auto value = bytes("000102030405060708090A0B0C0D0E0F");
    for (auto key : {persistent, transient}) ASSERT_TRUE(Succeeds(call(key, "setKey", {obj(value), num(0)})));
    runtime->reset();
    EXPECT_EQ(get(persistent, "getKey"), "000102030405060708090A0B0C0D0E0F");
    EXPECT_EQ(get(transient, "getKey"), "");
    runtime->end_command();
    restart();
    EXPECT_EQ(get(persistent, "getKey"), "000102030405060708090A0B0C0D0E0F");
}

TEST_F(Keys, AreAsTheyWereAfterACutAndAfterAnAbort) {
    auto key = build(15, 128);
    auto value = bytes("000102030405060708090A0B0C0D0E0F");
    ASSERT_TRUE(Succeeds(call(key, "setKey", {obj(value), num(0)})));
    runtime->end_command();
    auto other = bytes("FF0102030405060708090A0B0C0D0E0F");
    ASSERT_TRUE(Succeeds(call(key, "setKey", {obj(other), num(0)})));
    restart();  // the power failed
    EXPECT_EQ(get(key, "getKey"), "000102030405060708090A0B0C0D0E0F");
    ASSERT_TRUE(heap().begin_transaction());
    ASSERT_TRUE(Succeeds(call(key, "clearKey", {})));
    EXPECT_EQ(get(key, "getKey"), "");
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(get(key, "getKey"), "000102030405060708090A0B0C0D0E0F");
}

TEST_F(Keys, OfRsaTakeNumbersOfTheirSize) {
    auto key = build(4, 512);
    std::string modulus(128, 'C');
    EXPECT_TRUE(Succeeds(set(key, "setModulus", "00" + modulus)));
    EXPECT_EQ(get(key, "getModulus"), modulus);
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 0));
    EXPECT_TRUE(Throws(set(key, "setModulus", modulus.substr(2)), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(set(key, "setModulus", modulus + "CC"), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(set(key, "setModulus", std::string(128, '0')), exception::kCrypto, kIllegalValue));
    EXPECT_EQ(get(key, "getModulus"), modulus);
    // Zeros before a smaller number are as good as digits.
    auto small = std::string(126, '0') + "0F";
    EXPECT_TRUE(Succeeds(set(key, "setModulus", small)));
    EXPECT_EQ(get(key, "getModulus"), small);
    EXPECT_TRUE(Throws(set(key, "setExponent", "0000"), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Succeeds(set(key, "setExponent", "010001")));
    EXPECT_EQ(get(key, "getExponent"), "010001");
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 1));
}

TEST_F(Keys, OfACurveNeedEachParameterButTheCofactor) {
    auto key = build(11, 112);
    auto field = std::string(28, 'D');
    auto point = "04" + field + field;
    for (auto* method : {"setFieldFP", "setA", "setB", "setR"})
        EXPECT_TRUE(Succeeds(set(key, method, field)));
    EXPECT_TRUE(Succeeds(set(key, "setG", point)));
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 0));
    EXPECT_TRUE(Succeeds(set(key, "setW", point)));
    EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 1));
    EXPECT_EQ(get(key, "getG"), point);
    EXPECT_TRUE(Throws(call(key, "getK", {}), exception::kCrypto, kUninitializedKey));
    EXPECT_TRUE(Succeeds(call(key, "setK", {num(4)})));
    EXPECT_TRUE(Returns(call(key, "getK", {}), 4));
    EXPECT_TRUE(Throws(set(key, "setW", field), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(set(key, "setA", field + "DDDD"), exception::kCrypto, kIllegalValue));

    auto other = build(11, 112);
    EXPECT_TRUE(
        Throws(call(key, "copyDomainParametersFrom", {obj(other)}), exception::kCrypto, kUninitializedKey));
    EXPECT_TRUE(Succeeds(call(other, "copyDomainParametersFrom", {obj(key)})));
    EXPECT_EQ(get(other, "getB"), field);
    EXPECT_TRUE(Throws(call(build(11, 128), "copyDomainParametersFrom", {obj(key)}), exception::kCrypto,
                       kIllegalValue));
}

TEST_F(Keys, ShareADomain) {
    auto parameters = call(kBuilder, kBuildInMemory, {num(17), num(0), num(112), num(0)})->as_ref();
    auto shared = [&](int algorithm) {
        return call(kBuilder, "buildKeyWithSharedDomain", {num(algorithm), num(0), obj(parameters), num(0)});
    };
    auto key = shared(8)->as_ref();
    EXPECT_TRUE(Returns(call(key, "getSize", {}), 112));
    auto field = std::string(28, 'D');
    ASSERT_TRUE(Succeeds(set(parameters, "setA", field)));
    EXPECT_EQ(get(key, "getA"), field);
    ASSERT_TRUE(Succeeds(set(key, "setB", field)));
    EXPECT_EQ(get(parameters, "getB"), field);
    ASSERT_TRUE(Succeeds(call(key, "clearKey", {})));
    EXPECT_EQ(get(parameters, "getB"), field);
    EXPECT_TRUE(Throws(shared(2), exception::kCrypto, kNoSuchAlgorithm));
    EXPECT_TRUE(Throws(shared(15), exception::kCrypto, kIllegalValue));
}

TEST_F(Keys, WhoseConstructorNeverRanAreEmpty) {
    for (auto* type :
         {"DESKeyObject", "RSAPrivateCrtKeyObject", "ECPublicKeyObject", "DHPrivateKeyObject", "KeyObject"}) {
        auto key = make(std::string("javacardx.crypto.") + type);
        EXPECT_TRUE(Returns(call(key, "isInitialized", {}), 0));
        EXPECT_TRUE(Returns(call(key, "getSize", {}), 0));
        EXPECT_TRUE(Succeeds(call(key, "clearKey", {})));
    }
    EXPECT_TRUE(Throws(set(make("javacardx.crypto.RSAPrivateCrtKeyObject"), "setP", "01"), exception::kCrypto,
                       kIllegalValue));
}

}  // namespace
}  // namespace oti::javacard
