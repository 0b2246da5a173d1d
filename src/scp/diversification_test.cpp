// SPDX-License-Identifier: Apache-2.0
#include "scp/diversification.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::scp {
namespace {

using crypto::SecretBytes;

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

struct Diversified {
    const char* how;
    const char* master;
    const char* check_values[3];
};

// martinpaljak/GlobalPlatformPro, library/src/test/java/pro/javacard/gp/test/TestPlaintextKeys.java, KDD
// 00..09.
TEST(Diversification, GivesGlobalPlatformProsAesCheckValues) {
    for (const auto& [how, master, expected] :
         {Diversified{"kdf3", "404142434445464748494A4B4C4D4E4F", {"E79C05", "D1BD77", "3FDE8C"}},
          Diversified{
              "kdf3", "404142434445464748494A4B4C4D4E4F5051525354555657", {"1DE8EA", "47C00C", "C04D76"}},
          Diversified{"kdf3",
                      "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F",
                      {"2972D2", "036F94", "5D57B8"}}}) {
        KeySet keys{secret(master), secret(master), secret(master)};
        auto derived =
            diversify(keys, parse_diversification(how).value(), from_hex("00010203040506070809")).value();
        EXPECT_EQ(to_hex(aes_key_check_value(derived.enc).value()), expected[0]);
        EXPECT_EQ(to_hex(aes_key_check_value(derived.mac).value()), expected[1]);
        EXPECT_EQ(to_hex(aes_key_check_value(derived.dek).value()), expected[2]);
    }
}

// The same file: VISA2 and EMV. Check values of triple DES keys: 8 zero bytes encrypted (GPCS 2.3.1, B.6).
TEST(Diversification, GivesGlobalPlatformProsTripleDesCheckValues) {
    for (const auto& [how, master, expected] :
         {Diversified{"visa2", "404142434445464748494A4B4C4D4E4F", {"2BE598", "58DA38", "3C328E"}},
          Diversified{"emv", "404142434445464748494A4B4C4D4E4F", {"C33013", "6F4CA6", "BB8179"}}}) {
        KeySet keys{secret(master), secret(master), secret(master)};
        auto derived =
            diversify(keys, parse_diversification(how).value(), from_hex("00010203040506070809")).value();
        EXPECT_EQ(to_hex(des_key_check_value(derived.enc).value()), expected[0]);
        EXPECT_EQ(to_hex(des_key_check_value(derived.mac).value()), expected[1]);
        EXPECT_EQ(to_hex(des_key_check_value(derived.dek).value()), expected[2]);
    }
}

// The same file, testDiversification_KDF3_ExternalVector.
TEST(Diversification, GivesTheKeyOfAnExternalVector) {
    constexpr auto kMaster = "8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD";
    KeySet keys{secret(kMaster), secret(kMaster), secret(kMaster)};
    auto derived = diversify(keys, Diversification::kKdf3, from_hex("D9B1DE5D0362DEDCE4FB")).value();
    EXPECT_TRUE(
        derived.enc.equals(from_hex("9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781")));
}

// osmocom/pysim, tests/unittests/test_globalplatform.py, SCP03_KCV_Test.
TEST(Diversification, GivesPySimsCheckValues) {
    EXPECT_EQ(to_hex(aes_key_check_value(secret("000102030405060708090A0B0C0D0E0F")).value()), "C35280");
    EXPECT_EQ(to_hex(aes_key_check_value(secret("101112131415161718191A1B1C1D1E1F")).value()), "013808");
    EXPECT_EQ(to_hex(aes_key_check_value(secret("202122232425262728292A2B2C2D2E2F")).value()), "840DE5");
}

TEST(Diversification, RefusesMastersAndDataOfOtherLengths) {
    auto keys = [](std::size_t size) {
        return KeySet{SecretBytes(size), SecretBytes(size), SecretBytes(size)};
    };
    for (auto how : {Diversification::kVisa2, Diversification::kEmv}) {
        EXPECT_EQ(diversify(keys(24), how, Bytes(10)).error().code, "key.length");
        EXPECT_EQ(diversify(keys(16), how, Bytes(9)).error().code, "kdf.kdd");
    }
    EXPECT_EQ(diversify(keys(15), Diversification::kKdf3, Bytes(10)).error().code, "key.length");
    EXPECT_EQ(parse_diversification("visa3").error().code, "kdf.unknown");
    EXPECT_EQ(des_key_check_value(SecretBytes(8)).error().code, "key.length");
    EXPECT_EQ(aes_key_check_value(SecretBytes(8)).error().code, "key.length");
}

}  // namespace
}  // namespace oti::scp
