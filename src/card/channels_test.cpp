// SPDX-License-Identifier: Apache-2.0
// The secure channels beside SCP03: SCP02 and SCP11, each with the host's role of this project at the other
// end.
#include <gmock/gmock.h>

#include "card/secure_element_fixture.h"
#include "scp/host_session.h"
#include "scp/scp11_host.h"

namespace oti::card {
namespace {

using namespace std::chrono_literals;
using crypto::GpCertificate;
using crypto::GpKeyUsage;
using crypto::PrivateKey;
using scp::Scp11Variant;
using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;
using ::testing::Not;

class Scp02Test : public ::testing::Test {
  protected:
    crypto::SystemRandom random_;
    std::shared_ptr<MemoryMedium> medium_ = std::make_shared<MemoryMedium>();
    SecureElement se_ = make();

    SecureElement make() {
        Personalization personalization{keys_of(kTestKey), 0x20, Personalization::identity_for("old"),
                                        KeyType::kTripleDes};
        return must(SecureElement::create(std::make_unique<MemoryNvmFile>(medium_),
                                          must(load_profile("legacy-scp02")), personalization, random_));
    }
    ResponseApdu plain(BytesView command) {
        Exchange exchange;
        return must(ResponseApdu::parse(se_.process(command, exchange)));
    }
    ResponseApdu plain(std::string_view hex) { return plain(from_hex(hex)); }
    StatusWord begin(std::uint8_t version, std::string_view key = kTestKey) {
        Bytes challenge(8, 0x5A);
        auto response = plain(scp::initialize_update(scp::KeyVersion(version), challenge).encode());
        if (response.sw != StatusWord::kOk) return response.sw;
        session_ = must(scp::open_host_session(keys_of(key), challenge, response.data, std::nullopt, 0x15));
        return StatusWord::kOk;
    }
    StatusWord open(std::uint8_t version = 0) {
        auto sw = begin(version);
        return sw == StatusWord::kOk ? plain(session_.external_authenticate).sw : sw;
    }
    ResponseApdu send(const CommandApdu& command) {
        return must(session_.channel->unwrap(plain(must(session_.channel->wrap(command))).encode()));
    }
    std::uint32_t counter() { return se_.keys().sequence_counter(se_.registry().issuer(), 0x20); }

    scp::HostSession session_;
};

TEST_F(Scp02Test, OpensAndManages) {
    EXPECT_THAT(to_hex(plain("80CA006600").data), HasSubstr("2A864886FC6B040215"));
    ASSERT_EQ(open(), StatusWord::kOk);
    EXPECT_THAT(to_hex(send({0x80, 0xF2, 0x80, 0x02, {0x4F, 0x00}, 256}).data), HasSubstr("9F70010F"));
    EXPECT_EQ(to_hex(send({0x80, 0xCA, 0x00, 0xE0, {}, 256}).data),
              "E012C00401208010C00402208010C00403208010");
}

TEST_F(Scp02Test, CountsSessionsThatWereAuthenticatedOnly) {
    EXPECT_EQ(to_hex(plain("80CA00C100").data), "C1020000");
    ASSERT_EQ(begin(0), StatusWord::kOk);
    auto forged = session_.external_authenticate;
    forged.back() ^= 1;
    EXPECT_NE(plain(forged).sw, StatusWord::kOk);
    EXPECT_EQ(plain(session_.external_authenticate).sw, StatusWord::kSecurityStatus) << "it is aborted";
    EXPECT_EQ(counter(), 0U);
    ASSERT_EQ(open(), StatusWord::kOk);
    EXPECT_EQ(counter(), 1U);
    EXPECT_NE(plain(session_.external_authenticate).sw, StatusWord::kOk) << "again";
    EXPECT_EQ(counter(), 1U);
    // Power fails while the counter is written: the session was not opened.
    ASSERT_EQ(begin(0), StatusWord::kOk);
    medium_->writes_until_cut = 0;
    EXPECT_EQ(plain(session_.external_authenticate).sw, StatusWord::kMemoryFailure);
    se_ = testing::reopen(random_, medium_);
    EXPECT_LE(counter(), 2U);
    EXPECT_EQ(open(), StatusWord::kOk);
}

TEST_F(Scp02Test, TakesKeysUnderItsOwnDek) {
    ASSERT_EQ(open(), StatusWord::kOk);
    auto des = [&](std::string_view check_value) {
        auto key = must(session_.channel->encrypt_sensitive(from_hex(kTestKey)));
        return concat(from_hex("8010"), key, from_hex("03"), from_hex(check_value));
    };
    auto aes = concat(from_hex("881110"), must(session_.channel->encrypt_sensitive(from_hex(kOwnKey))),
                      from_hex("03C35280"));
    auto put = [&](std::uint8_t version, BytesView field) {
        return send({0x80, 0xD8, 0x00, 0x81, concat(Bytes{version}, field, field, field), 256});
    };
    EXPECT_EQ(to_hex(put(0x21, des("8BAF47")).encode()), "218BAF478BAF478BAF479000");
    EXPECT_EQ(to_hex(put(0x30, aes).encode()), "30C35280C35280C352809000");
    EXPECT_EQ(open(0x21), StatusWord::kOk);
    testing::Terminal terminal(se_);
    EXPECT_EQ(terminal.authenticate(keys_of(kOwnKey), scp::SecurityLevel::kCMacCDecryption, 0x30),
              StatusWord::kOk)
        << "and SCP03 with the AES keys";
}

TEST_F(Scp02Test, IsNotThereUnlessTheProfileSaysSo) {
    Personalization personalization{keys_of(kTestKey), 0x20, Personalization::identity_for("new"),
                                    KeyType::kTripleDes};
    auto refused = SecureElement::create(std::make_unique<MemoryNvmFile>(), must(load_profile("uicc-2024")),
                                         personalization, random_);
    EXPECT_EQ(refused.error().code, "se.personalization");
    auto modern = testing::make_se(random_);
    testing::Terminal terminal(modern);
    ASSERT_EQ(terminal.authenticate(keys_of(kTestKey)), StatusWord::kOk);
    // Well-known check value of 40…4F.
    auto key = must(terminal.host_->encrypt_sensitive(from_hex(kTestKey)));
    auto field = concat(from_hex("8010"), key, from_hex("038BAF47"));
    ASSERT_EQ(terminal.send({0x80, 0xD8, 0, 0x81, concat(Bytes{0x20}, field, field, field), 256}).sw,
              StatusWord::kOk);
    EXPECT_EQ(terminal.plain("8050200008010203040506070800").sw, StatusWord::kReferencedDataNotFound);
}

class Scp11Test : public SecureElementTest {
  protected:
    PrivateKey ca_kloc_ = PrivateKey::generate(crypto::Curve::kP256),
               ca_klcc_ = PrivateKey::generate(crypto::Curve::kP256),
               oce_ = PrivateKey::generate(crypto::Curve::kP256),
               sd_ = PrivateKey::generate(crypto::Curve::kP256);
    std::uint8_t serial_ = 0;

    GpCertificate certificate(const crypto::PublicKey& key, const PrivateKey& issuer,
                              std::string_view subject, GpKeyUsage usage = GpKeyUsage::kKeyAgreement) {
        return must(GpCertificate::sign({.serial_number = {++serial_},
                                         .ca_identifier = from_hex("CA01"),
                                         .subject_identifier = from_hex(subject),
                                         .usage = usage,
                                         .expires = 2040y / 1 / 1},
                                        key, issuer));
    }
    GpCertificate oce_certificate_ = certificate(oce_.public_key(), ca_kloc_, "50564401"),
                  sd_certificate_ = certificate(sd_.public_key(), ca_klcc_, "5344");

    StatusWord put(std::uint8_t id, BytesView component) {
        return terminal_
            .send({0x80, 0xD8, 0x00, id, concat(Bytes{0x03}, component, from_hex("F0010000")), 256})
            .sw;
    }
    StatusWord store(BytesView data) {
        StatusWord sw = StatusWord::kOk;
        for (std::size_t at = 0, block = 0; at < data.size() && sw == StatusWord::kOk; at += 200, ++block) {
            auto part = data.subspan(at, std::min<std::size_t>(200, data.size() - at));
            auto p1 = static_cast<std::uint8_t>(at + part.size() == data.size() ? 0x90 : 0x10);
            sw = terminal_.send({0x80, 0xE2, p1, static_cast<std::uint8_t>(block), to_bytes(part), 0}).sw;
        }
        return sw;
    }
    static Bytes key_reference(std::uint8_t id) {
        return encode_tlv(0xA6, encode_tlv(0x83, Bytes{id, 0x03}));
    }
    /// A provider's domain with the keys for all three variants.
    void SetUp() override {
        open_issuer();
        // INSTALL with the Application Provider Identifier of the off-card entity (5F20 in B6).
        ASSERT_EQ(terminal_.sw("80E60C0030 07A0000001515350 08A000000151535041 05F04F544900 0380C000"
                               "13 C90881020370 8102111B B6075F200450564401 00"),
                  StatusWord::kOk);
        ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
        ASSERT_EQ(put_keys(kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
        ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
        auto number = sd_.number();
        auto secret = must(terminal_.host_->encrypt_sensitive(number.view(crypto::SecretAccess::granted())));
        for (auto id : std::initializer_list<std::uint8_t>{0x11, 0x13, 0x15}) {
            ASSERT_EQ(put(id, concat(from_hex("B120"), secret)), StatusWord::kOk);
            ASSERT_EQ(store(concat(key_reference(id), encode_tlv(0xBF21, sd_certificate_.encoded()))),
                      StatusWord::kOk);
        }
        ASSERT_EQ(put(0x10, concat(from_hex("B041"), ca_kloc_.public_key().point())), StatusWord::kOk);
        ASSERT_EQ(store(from_hex("A608 4202CA01 83021003")), StatusWord::kOk);
        ASSERT_EQ(store(from_hex("A60B 800101 4202CC01 83021103")), StatusWord::kOk);
        terminal_.plain("00A4040005F04F544900");
    }
    StatusWord present(const std::vector<GpCertificate>& chain, std::uint8_t version = 0x03) {
        for (const auto& command : scp::perform_security_operation(chain, scp::KeyVersion(version))) {
            auto sw = terminal_.plain(command.encode()).sw;
            if (sw != StatusWord::kOk) return sw;
        }
        return StatusWord::kOk;
    }
    StatusWord agree(scp::Scp11Request request) {
        request.key_version = scp::KeyVersion(0x03);
        bool b = request.variant == Scp11Variant::kB;
        auto host = must(
            scp::Scp11Host::begin(request, sd_.public_key(), b ? std::nullopt : std::optional(oce_.clone())));
        auto response = terminal_.plain(host.authenticate().encode());
        if (response.sw == StatusWord::kOk) terminal_.host_ = must(host.finish(response.data));
        return response.sw;
    }
    StatusWord open_with(Scp11Variant variant) {
        // A session that is open would ask for its protection.
        terminal_.plain("00A4040005F04F544900");
        if (variant != Scp11Variant::kB) EXPECT_EQ(present({oce_certificate_}), StatusWord::kOk);
        return agree({.variant = variant});
    }
};

TEST_F(Scp11Test, GivesItsCertificates) {
    auto response = terminal_.plain(scp::get_certificate_store(0x11, scp::KeyVersion(0x03)).encode());
    auto store = must(scp::parse_certificate_store(response.data));
    EXPECT_EQ(store.front().encoded(), sd_certificate_.encoded());
    EXPECT_EQ(terminal_.plain("80CABF2106 A6044202CC01 00").data, response.data) << "by the authority";
    EXPECT_EQ(terminal_.plain("80CABF2106 A60483021203 00").sw, StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(terminal_.plain("80CABF2100").sw, StatusWord::kWrongData);
    EXPECT_EQ(to_hex(terminal_.plain("80CAFF3300").data), "FF33084202CA0183021003");
    EXPECT_EQ(to_hex(terminal_.plain("80CAFF3400").data), "FF34084202CC0183021103");
    EXPECT_EQ(to_hex(terminal_.plain("80CA008306 A6044202CA01 00").data), "83021003");
    EXPECT_THAT(to_hex(terminal_.plain("80CA006600").data), HasSubstr("2A864886FC6B040370"));
}

TEST_F(Scp11Test, TheOwnerManagesTheDomainInVariantA) {
    ASSERT_EQ(open_with(Scp11Variant::kA), StatusWord::kOk);
    EXPECT_THAT(list("40"), HasSubstr("4F05F04F544900"));
    EXPECT_EQ(to_hex(terminal_.send("80CA00D300").data), "D301B3");
    auto key = must(terminal_.host_->encrypt_sensitive(from_hex(kOwnKey)));
    EXPECT_EQ(
        terminal_.send({0x80, 0xD8, 0x00, 0x01, concat(from_hex("718810"), key, from_hex("03C35280")), 256})
            .sw,
        StatusWord::kOk);
    EXPECT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kConditionsNotSatisfied)
        << "a certificate is good for one session";
}

TEST_F(Scp11Test, VariantBProvesTheCardOnly) {
    ASSERT_EQ(open_with(Scp11Variant::kB), StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.send("80CA00D300").data), "D30133");
    EXPECT_EQ(terminal_.sw("80F24002024F00"), StatusWord::kSecurityStatus);
}

TEST_F(Scp11Test, SessionsThatCanBeReplayedChangeNoKeysAndStates) {
    ASSERT_EQ(open_with(Scp11Variant::kC), StatusWord::kOk);
    EXPECT_THAT(list("40"), HasSubstr("4F05F04F544900"));
    EXPECT_EQ(terminal_.sw("80E4000003 D20103"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80D8000102 7188"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80F0408005F04F544900"), StatusWord::kConditionsNotSatisfied);
    // An allowlist comes with a counter that only goes up (7.9).
    auto allow = [&](std::string_view counter) {
        return store(concat(key_reference(0x10), from_hex(counter), from_hex("7003930101")));
    };
    EXPECT_EQ(allow(""), StatusWord::kWrongData);
    EXPECT_EQ(allow("92020005"), StatusWord::kOk);
    EXPECT_EQ(allow("92020005"), StatusWord::kWrongData);
    EXPECT_EQ(allow("92028000"), StatusWord::kWrongData);
    EXPECT_EQ(allow("92020006"), StatusWord::kOk);
    ASSERT_EQ(open_with(Scp11Variant::kA), StatusWord::kOk);
    EXPECT_EQ(allow("92020007"), StatusWord::kWrongData) << "elsewhere there is none";
    EXPECT_EQ(allow(""), StatusWord::kOk);
}

TEST_F(Scp11Test, AStrangerWithACertificateReadsNothing) {
    auto stranger = PrivateKey::generate(crypto::Curve::kP256);
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_kloc_, "99999999")}), StatusWord::kOk);
    ASSERT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kOk);
    EXPECT_EQ(to_hex(terminal_.send("80CA00D300").data), "D30173") << "any authenticated";
    EXPECT_EQ(terminal_.sw("80F24002024F00"), StatusWord::kSecurityStatus);
    EXPECT_EQ(present({certificate(oce_.public_key(), stranger, "50564401")}), StatusWord(0x6982))
        << "a plain command ends a session";
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(present({certificate(oce_.public_key(), stranger, "50564401")}), StatusWord(0x6600));
    EXPECT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(present({oce_certificate_}, 0x04), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(present({oce_certificate_}, 0x00), StatusWord::kOk) << "by the name of the authority";
}

TEST_F(Scp11Test, CertificatesAreForgottenAtSelect) {
    ASSERT_EQ(present({oce_certificate_}), StatusWord::kOk);
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kConditionsNotSatisfied);
}

TEST_F(Scp11Test, TakesAChainAndAnAllowlist) {
    auto ka = PrivateKey::generate(crypto::Curve::kP256);
    auto middle = certificate(ka.public_key(), ca_kloc_, "4B41", GpKeyUsage::kVerification);
    auto end = certificate(oce_.public_key(), ka, "50564401");
    ASSERT_EQ(present({middle, end}), StatusWord::kOk);
    ASSERT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kOk);
    auto allowed = concat(key_reference(0x10), encode_tlv(0x70, encode_tlv(0x93, middle.serial_number())));
    ASSERT_EQ(store(allowed), StatusWord::kOk);
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(present({oce_certificate_}), StatusWord(0x6640)) << "not in the list";
    EXPECT_EQ(present({middle, end}), StatusWord::kOk);
    ASSERT_EQ(agree({.variant = Scp11Variant::kA}), StatusWord::kOk);
    EXPECT_EQ(store(concat(key_reference(0x10), from_hex("7000"))), StatusWord::kOk) << "removes it";
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(present({oce_certificate_}), StatusWord::kOk);
}

TEST_F(Scp11Test, ANewAllowlistVoidsACertificateThatWasPresentedBefore) {
    ASSERT_EQ(terminal_.plain("0070000001").sw, StatusWord::kOk);
    terminal_.plain("01A4040005F04F544900");
    for (auto command : scp::perform_security_operation({oce_certificate_}, scp::KeyVersion(0x03))) {
        command.cla = 0x81;
        ASSERT_EQ(terminal_.plain(command.encode()).sw, StatusWord::kOk);
    }
    ASSERT_EQ(open_with(Scp11Variant::kA), StatusWord::kOk);
    ASSERT_EQ(store(concat(key_reference(0x10), encode_tlv(0x70, encode_tlv(0x93, Bytes{0x77})))),
              StatusWord::kOk);
    auto host =
        must(scp::Scp11Host::begin({.key_version = scp::KeyVersion(0x03)}, sd_.public_key(), oce_.clone()));
    auto command = host.authenticate();
    command.cla = 0x81;
    EXPECT_EQ(terminal_.plain(command.encode()).sw, StatusWord::kConditionsNotSatisfied);
}

TEST_F(Scp11Test, ADomainNamesItOnceItHasAKeyForIt) {
    const auto* scp11 = "2A864886FC6B04111B";
    terminal_.plain("00A4040005F04F544900");
    EXPECT_THAT(to_hex(terminal_.plain("80CA006600").data), HasSubstr(scp11));
    terminal_.plain("00A4040000");
    EXPECT_THAT(to_hex(terminal_.plain("80CA006600").data), Not(HasSubstr(scp11)));
}

TEST_F(Scp11Test, WhatBelongsToAKeyGoesWithIt) {
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E4000006 D00111 D20103"), StatusWord::kOk);
    terminal_.plain("00A4040005F04F544900");
    EXPECT_EQ(terminal_.plain("80CABF2106 A60483021103 00").sw, StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(to_hex(terminal_.plain("80CAFF3400").data), "FF3400");
    EXPECT_EQ(open_with(Scp11Variant::kA), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(open_with(Scp11Variant::kC), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kOwnKey)), StatusWord::kOk);
    EXPECT_EQ(store(concat(key_reference(0x11), encode_tlv(0xBF21, sd_certificate_.encoded()))),
              StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(store(concat(key_reference(0x13), encode_tlv(0xBF21, oce_certificate_.encoded()))),
              StatusWord::kWrongData)
        << "of another key";
    EXPECT_EQ(store(encode_tlv(0xBF21, sd_certificate_.encoded())), StatusWord::kWrongData) << "of which?";
    EXPECT_EQ(store(key_reference(0x13)), StatusWord::kWrongData) << "and what?";
    EXPECT_EQ(store(from_hex("A608 4202CA01 83021103")), StatusWord::kReferencedDataNotFound);
}

TEST(Scp11OfOldCards, IsNotThere) {
    crypto::SystemRandom random;
    auto se = testing::make_se(random, "uicc-2014");
    testing::Terminal terminal(se);
    EXPECT_EQ(terminal.plain("802A031001AA00").sw, StatusWord::kInsNotSupported);
    EXPECT_EQ(terminal.plain("8088031301AA00").sw, StatusWord::kInsNotSupported);
    EXPECT_EQ(terminal.plain("8082031101AA00").sw, StatusWord::kConditionsNotSatisfied);
}

}  // namespace
}  // namespace oti::card
