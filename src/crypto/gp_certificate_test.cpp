// SPDX-License-Identifier: Apache-2.0
#include "crypto/gp_certificate.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/tlv.h"

namespace oti::crypto {
namespace {

using namespace std::chrono_literals;

constexpr auto kToday = 2026y / 11 / 25;

GpCertificateFields fields(GpKeyUsage usage = GpKeyUsage::kKeyAgreement) {
    return {.serial_number = {0x01, 0x02},
            .ca_identifier = {0xCA},
            .subject_identifier = {0x05, 0x0B},
            .usage = usage,
            .effective = 2026y / 1 / 31,
            .expires = 2030y / 12 / 9};
}

// Samsung/OpenSCP-Java, src/test/java/com/samsung/openscp/testdata/Scp11TestData.java,
// GP_CERT_OCE_ECKA_P256. Its date is not in BCD, and its signature in DER.
const auto kSamsung = from_hex(
    "7F2181E193146DBC19AFE3782C7C0053F19E86DF2F0F00B559EA4214851A6F60A6B45534647260877A357F3676C356865F2014E2"
    "25C62F5E33CA02D23D9D83D0685B4EB2FEBC11950200805F2404141C0C1F7F4946B04104B5C2598092609EFEFBA7A2FBED2F6E91"
    "42CA3882E7DE69D47D29476E7F0CE85077480CAC6AD5C156CE459F2592DA0EECDCB0DE2E8F112C9E49C4655A11C59620F001005F"
    "3747304502210085941BB4C425EC62AFAFEC6C47BDF5481744F76D76D1BB71FF9353DCA2ED381E0220572584095E48FFC54589A8"
    "8923CC9FB24F6380388C9BC6BE004A7E7368244DCB");

TEST(GpCertificate, ReadsWhatOthersMade) {
    auto certificate = GpCertificate::parse(kSamsung).value();
    EXPECT_EQ(certificate.encoded(), kSamsung);
    EXPECT_EQ(to_hex(certificate.serial_number()), "6DBC19AFE3782C7C0053F19E86DF2F0F00B559EA");
    EXPECT_EQ(to_hex(certificate.ca_identifier()), "851A6F60A6B45534647260877A357F3676C35686");
    EXPECT_EQ(to_hex(certificate.subject_identifier()), "E225C62F5E33CA02D23D9D83D0685B4EB2FEBC11");
    EXPECT_EQ(certificate.usage(), GpKeyUsage::kKeyAgreement);
    EXPECT_EQ(certificate.key().curve(), Curve::kP256);
    EXPECT_FALSE(certificate.authorizations());
    EXPECT_EQ(certificate.is_valid_on(kToday).error().code, "certificate.invalid");
}

// martinpaljak/GlobalPlatformPro, library/src/test/java/pro/javacard/gp/test/TestGPCertificate.java,
// testKnownCertificate, with the point of its authority.
TEST(GpCertificate, VerifiesWhatOthersSigned) {
    auto bytes = from_hex(
        "7F2181B99304010203044208A0000001510000005F2008A000000151535041950200805F2504202601015F2404203612317F"
        "4946"
        "B04104951CEEA4AA1DAFEEE5CB52527C8362BF8639BAFB34DDF9D02FE242DC8D53AFB86EB977F00753A58A2592466EF5DFAD"
        "091B"
        "A4689D5FD6735CD6884FC39DBB7FEDF001005F3740392E53D1FC0715DE9769BF7D758A3188DAF80459D5342246751394E7E6"
        "7A0B"
        "8D1511A0BA96AF384E96E23FDC93B538F9E3B3B6F021100A4CE141EDD467A949B6");
    auto ca =
        PublicKey::ec(Curve::kP256, from_hex("047E0D5C818E2B34C61247E0C58F27411C0BA782DC395B818FC5AE1F1BD938"
                                             "2D4BDB4CB2D43397650436F9C2D63668F3550877B7968370F321B07639E408"
                                             "AAA48D"))
            .value();
    auto certificate = GpCertificate::parse(bytes).value();
    EXPECT_TRUE(certificate.verify(ca));
    EXPECT_EQ(to_hex(certificate.serial_number()), "01020304");
    EXPECT_EQ(to_hex(certificate.ca_identifier()), "A000000151000000");
    EXPECT_EQ(to_hex(certificate.subject_identifier()), "A000000151535041");
    EXPECT_EQ(certificate.usage(), GpKeyUsage::kKeyAgreement);
    EXPECT_TRUE(certificate.is_valid_on(2026y / 1 / 1).value());
    EXPECT_FALSE(certificate.is_valid_on(2025y / 12 / 31).value());
    EXPECT_TRUE(certificate.is_valid_on(2036y / 12 / 31).value());
    EXPECT_FALSE(certificate.is_valid_on(2037y / 1 / 1).value());
    std::vector<GpCertificate> chain{certificate};
    EXPECT_TRUE(verify_chain(chain, ca, kToday).value() == certificate.key());
}

TEST(GpCertificate, IsWhatWasSigned) {
    for (auto curve : {Curve::kP256, Curve::kP384, Curve::kP521, Curve::kBrainpoolP256r1}) {
        auto ca = PrivateKey::generate(curve);
        auto key = PrivateKey::generate(curve).public_key();
        auto made = fields();
        made.discretionary_data = encode_tlv(0x53, Bytes{0x0D});
        made.authorizations = from_hex("E300");
        auto certificate = GpCertificate::sign(made, key, ca).value();
        auto read = GpCertificate::parse(certificate.encoded()).value();
        EXPECT_TRUE(read.verify(ca.public_key()));
        EXPECT_FALSE(read.verify(key));
        EXPECT_EQ(read.serial_number(), made.serial_number);
        EXPECT_EQ(read.ca_identifier(), made.ca_identifier);
        EXPECT_EQ(read.subject_identifier(), made.subject_identifier);
        EXPECT_EQ(read.authorizations(), made.authorizations);
        EXPECT_TRUE(read.key() == key);
        EXPECT_NE(to_hex(read.encoded()).find("5F2504202601315F240420301209"), std::string::npos);
        EXPECT_TRUE(read.is_valid_on(2026y / 1 / 31).value());
        EXPECT_TRUE(read.is_valid_on(2030y / 12 / 9).value());
        EXPECT_FALSE(read.is_valid_on(2026y / 1 / 30).value());
        EXPECT_FALSE(read.is_valid_on(2030y / 12 / 10).value());
    }
}

TEST(GpCertificate, DoesNotVerifyWithAnyByteChanged) {
    auto ca = PrivateKey::generate(Curve::kP256);
    auto good = GpCertificate::sign(fields(), ca.public_key(), ca)->encoded();
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] ^= 0x01;
        auto read = GpCertificate::parse(bad);
        EXPECT_FALSE(read && read->verify(ca.public_key())) << i;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(GpCertificate::parse(BytesView(good).first(size)));
    }
    EXPECT_FALSE(GpCertificate::parse(concat(good, Bytes{0})));
}

TEST(GpCertificate, RefusesMissingAndRepeatedFields) {
    auto ca = PrivateKey::generate(Curve::kP256);
    auto good = GpCertificate::sign(fields(), ca.public_key(), ca)->encoded();
    ByteReader reader(good, "test");
    auto objects = read_all_tlv(read_tlv(reader)->value, "test").value();
    auto made_of = [](const std::vector<Tlv>& parts) {
        Bytes content;
        for (const auto& part : parts) append(content, encode_tlv(part.tag, part.value));
        return encode_tlv(0x7F21, content);
    };
    EXPECT_EQ(made_of(objects), good);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        auto without = objects;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        bool optional = objects[i].tag == 0x5F25;
        EXPECT_EQ(GpCertificate::parse(made_of(without)).has_value(), optional) << std::hex << objects[i].tag;
        auto twice = objects;
        twice.insert(twice.begin(), objects[i]);
        EXPECT_EQ(GpCertificate::parse(made_of(twice)).error().code, "certificate.invalid");
    }
    auto unknown = objects;
    unknown.insert(unknown.begin(), Tlv{0x45, {}});
    EXPECT_FALSE(GpCertificate::parse(made_of(unknown))->verify(ca.public_key())) << "it was not signed";
    unknown = objects;
    unknown.push_back(Tlv{0x45, {}});
    EXPECT_EQ(GpCertificate::parse(made_of(unknown)).error().code, "certificate.invalid");
    auto two_forms = objects;
    two_forms.insert(two_forms.begin(), {Tlv{0x53, {}}, Tlv{0x73, {}}});
    EXPECT_EQ(GpCertificate::parse(made_of(two_forms)).error().code, "certificate.invalid");
    EXPECT_EQ(GpCertificate::parse(encode_tlv(0x7F22, {})).error().code, "certificate.invalid");
    EXPECT_EQ(GpCertificate::parse(encode_tlv(0x7F21, {})).error().code, "certificate.invalid");
}

TEST(GpCertificate, RefusesToSignWhatItCannotHold) {
    auto ca = PrivateKey::generate(Curve::kP256);
    auto rsa = PrivateKey::generate_rsa(1024).value();
    EXPECT_EQ(GpCertificate::sign(fields(), rsa.public_key(), ca).error().code, "key.invalid");
    EXPECT_EQ(GpCertificate::sign(fields(), ca.public_key(), rsa).error().code, "key.invalid");
    auto unnamed = fields();
    unnamed.serial_number.clear();
    EXPECT_EQ(GpCertificate::sign(unnamed, ca.public_key(), ca).error().code, "certificate.invalid");
}

class GpChain : public testing::Test {
  protected:
    static GpCertificate certificate(GpKeyUsage usage, const PrivateKey& key, const PrivateKey& issuer) {
        return GpCertificate::sign(fields(usage), key.public_key(), issuer).value();
    }
    std::string code(const std::vector<GpCertificate>& chain, std::chrono::year_month_day day = kToday) {
        auto key = verify_chain(chain, ca_.public_key(), day);
        return key ? "trusted" : key.error().code;
    }
    PrivateKey ca_ = PrivateKey::generate(Curve::kP256);
    PrivateKey ka_ = PrivateKey::generate(Curve::kP256);
    PrivateKey end_ = PrivateKey::generate(Curve::kP256);
};

TEST_F(GpChain, LeadsFromTheAuthorityToTheLastKey) {
    auto intermediate = certificate(GpKeyUsage::kVerification, ka_, ca_);
    auto last = certificate(GpKeyUsage::kKeyAgreement, end_, ka_);
    auto chain = GpCertificate::parse_all(concat(intermediate.encoded(), last.encoded())).value();
    ASSERT_EQ(chain.size(), 2U);
    EXPECT_TRUE(verify_chain(chain, ca_.public_key(), kToday).value() == end_.public_key());
    EXPECT_EQ(code(chain, 2031y / 1 / 1), "certificate.expired");
    EXPECT_EQ(code({GpCertificate::parse(last.encoded()).value()}), "certificate.untrusted");
    EXPECT_EQ(code({intermediate}), "certificate.untrusted") << "no key agreement at the end";
    EXPECT_EQ(code({last, intermediate}), "certificate.untrusted");
    EXPECT_EQ(code({}), "certificate.untrusted");
}

TEST_F(GpChain, DoesNotLetAnEndCertify) {
    auto end = certificate(GpKeyUsage::kKeyAgreement, ka_, ca_);
    EXPECT_EQ(code({end, certificate(GpKeyUsage::kKeyAgreement, end_, ka_)}), "certificate.untrusted");
    EXPECT_EQ(code({end}), "trusted");
}

TEST_F(GpChain, IsBoundedAndNotEmpty) {
    Bytes many;
    for (int n = 0; n < 9; ++n) append(many, certificate(GpKeyUsage::kVerification, ka_, ka_).encoded());
    EXPECT_EQ(GpCertificate::parse_all(many).error().code, "certificate.invalid");
    EXPECT_EQ(GpCertificate::parse_all({}).error().code, "certificate.invalid");
}

}  // namespace
}  // namespace oti::crypto
