// SPDX-License-Identifier: Apache-2.0
#include "crypto/triple_des.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::crypto {
namespace {

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

DesBlock block(std::string_view hex) {
    DesBlock out;
    std::ranges::copy(from_hex(hex), out.begin());
    return out;
}

// FIPS PUB 81, tables B1 and C1: DES of "Now is the time for all " in ECB and CBC.
TEST(TripleDes, IsSingleDesWithOnePart) {
    auto des = TripleDes::create(secret("0123456789ABCDEF")).value();
    auto text = to_bytes(as_bytes("Now is the time for all "));
    Bytes out(text.size());
    des.ecb_encrypt(text, out);
    EXPECT_EQ(to_hex(out), "3FA40E8A984D48156A271787AB8883F9893D51EC4B563B53");
    des.ecb_decrypt(out, out);
    EXPECT_EQ(out, text);
    des.cbc_encrypt(block("1234567890ABCDEF"), text, out);
    EXPECT_EQ(to_hex(out), "E5C7CDDE872BF27C43E934008C389C0F683788499A7C05F6");
    des.cbc_decrypt(block("1234567890ABCDEF"), out, out);
    EXPECT_EQ(out, text);
}

// NIST SP 800-67, B.1: TECB with three parts.
TEST(TripleDes, Sp800_67ThreeParts) {
    auto des = TripleDes::create(secret("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123")).value();
    auto text = to_bytes(as_bytes("The qufck brown fox jump"));
    Bytes out(text.size());
    des.ecb_encrypt(text, out);
    EXPECT_EQ(to_hex(out), "A826FD8CE53B855FCCE21C8112256FE668D5C05DD9B6B900");
}

TEST(TripleDes, TakesTheFirstPartAsThirdOfTwo) {
    auto two = TripleDes::create(secret("0123456789ABCDEF23456789ABCDEF01")).value();
    auto three = TripleDes::create(secret("0123456789ABCDEF23456789ABCDEF010123456789ABCDEF")).value();
    Bytes of_two(16, 0x5A), of_three = of_two;
    two.cbc_encrypt({}, of_two, of_two);
    three.cbc_encrypt({}, of_three, of_three);
    EXPECT_EQ(of_two, of_three);
}

TEST(TripleDes, RefusesOtherKeyLengths) {
    for (auto size : {0U, 7U, 15U, 17U, 32U}) {
        EXPECT_EQ(TripleDes::create(SecretBytes(size)).error().code, "key.length");
        EXPECT_EQ(RetailMac::create(SecretBytes(size)).error().code, "key.length");
    }
    EXPECT_EQ(RetailMac::create(SecretBytes(24)).error().code, "key.length");
    EXPECT_EQ(triple_des_ecb_encrypt(SecretBytes(8), Bytes(8)).error().code, "key.length");
}

// ICAO Doc 9303, part 11, appendix D.3: the MACs of mutual authentication.
TEST(RetailMac, Icao9303) {
    auto mac = RetailMac::create(secret("7962D9ECE03D1ACD4C76089DCE131543")).value();
    EXPECT_EQ(
        to_hex(mac.mac({}, from_hex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"))),
        "5F1448EEA8AD90A7");
    EXPECT_EQ(
        to_hex(mac.mac({}, from_hex("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F"))),
        "2F2D235D074D7449");
}

TEST(RetailMac, OfLessThanABlockIsTripleDes) {
    auto key = secret("7962D9ECE03D1ACD4C76089DCE131543");
    auto iv = block("0102030405060708");
    EXPECT_EQ(RetailMac::create(key)->mac(iv, Bytes(3)), TripleDes::create(key)->mac(iv, Bytes(3)));
    EXPECT_NE(RetailMac::create(key)->mac(iv, Bytes(8)), TripleDes::create(key)->mac(iv, Bytes(8)));
}

TEST(DesPadding, IsTakenOffAgainAndNothingElse) {
    for (std::size_t size = 0; size < 20; ++size) {
        Bytes message(size, 0x80);
        auto padded = des_padded(message);
        EXPECT_EQ(padded.size() % kDesBlock, 0U);
        EXPECT_GT(padded.size(), size);
        EXPECT_EQ(des_unpadded(padded), message);
    }
    EXPECT_FALSE(des_unpadded({}));
    EXPECT_FALSE(des_unpadded(Bytes(8)));
    EXPECT_FALSE(des_unpadded(Bytes(7, 0x80)));
    EXPECT_FALSE(des_unpadded(from_hex("80000000000000000000000000000000")));
    EXPECT_FALSE(des_unpadded(from_hex("0000000000008001")));
}

}  // namespace
}  // namespace oti::crypto
