// SPDX-License-Identifier: Apache-2.0
// Both roles of SCP11: the host against recorded sessions of others, and each against the other.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/hex.h"
#include "base/tlv.h"
#include "scp/scp11_card.h"
#include "scp/scp11_host.h"

namespace oti::scp {
namespace {

using namespace std::chrono_literals;
using crypto::Curve;
using crypto::GpCertificate;
using crypto::GpKeyUsage;
using crypto::PrivateKey;
using crypto::PublicKey;
using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

using Session = std::map<std::string, std::string>;

std::map<std::string, Session> recorded_sessions() {
    std::ifstream file(OTI_SOURCE_DIR "/src/scp/testdata/scp11_samsung.txt");
    std::map<std::string, Session> sessions;
    std::string name;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('[')) name = line.substr(1, line.size() - 2);
        auto equals = line.find(" = ");
        if (equals != std::string::npos && !line.starts_with('#')) {
            sessions[name][line.substr(0, equals)] = line.substr(equals + 3);
        }
    }
    return sessions;
}

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

CommandApdu command(BytesView bytes) {
    return CommandApdu::parse(bytes).value();
}

class Scp11Sessions : public testing::TestWithParam<std::string> {};

TEST_P(Scp11Sessions, TheHostDoesTheSame) {
    auto all = recorded_sessions();
    ASSERT_TRUE(all.contains(GetParam()));
    auto& session = all[GetParam()];
    auto curve = crypto::curve_of_name(session["curve"]).value();
    auto mutual_authenticate = command(from_hex(session["mutual_authenticate"]));
    bool c = GetParam().starts_with('c');
    auto host = Scp11Host::begin_with({.variant = c ? Scp11Variant::kC : Scp11Variant::kA,
                                       .key_version = KeyVersion(mutual_authenticate.p1),
                                       .key_size = mutual_authenticate.data[14],
                                       .s16 = session["mac_size"] == "16"},
                                      PublicKey::ec(curve, from_hex(session["pk_sd"])).value(),
                                      PrivateKey::ec(curve, secret(session["sk_oce"])).value(),
                                      PrivateKey::ec(curve, secret(session["esk_oce"])).value())
                    .value();
    EXPECT_EQ(host.authenticate(), mutual_authenticate);
    auto response = ResponseApdu::parse(from_hex(session["response"])).value();
    auto channel = host.finish(response.data).value();
    EXPECT_EQ(to_hex(channel.wrap({0x80, 0xF2, 0x20, 0x00, {0x4F, 0x00}}).value()),
              to_hex(from_hex(session["get_status"])));
    EXPECT_EQ(to_hex(channel.unwrap(from_hex(session["get_status_response"]))->encode()),
              to_hex(from_hex(session["plain_response"])));
    EXPECT_EQ(host.finish_ahead().has_value(), c);
    if (c) {
        EXPECT_EQ(host.expected_response().value(), response.data);
        auto ahead = host.finish_ahead().value();
        EXPECT_EQ(to_hex(ahead.wrap({0x80, 0xF2, 0x20, 0x00, {0x4F, 0x00}}).value()),
                  to_hex(from_hex(session["get_status"])));
    }
    for (std::size_t i = 0; i < response.data.size(); ++i) {
        auto bad = response.data;
        bad[i] ^= 0x01;
        EXPECT_FALSE(host.finish(bad)) << i;
        EXPECT_FALSE(host.finish(BytesView(response.data).first(i)));
    }
}

INSTANTIATE_TEST_SUITE_P(Samsung, Scp11Sessions,
                         testing::Values("a_p256_aes128_s8", "a_p256_aes192_s8", "a_p256_aes256_s8",
                                         "a_p256_aes128_s16", "a_p384_aes128_s8", "a_bp256_aes128_s8",
                                         "c_p256_aes128_s8"),
                         [](const auto& info) { return info.param; });

TEST(Scp11Host, ReadsAStoreAndPresentsACertificateAsOthersDo) {
    auto session = recorded_sessions()["gp_certificates"];
    auto store = parse_certificate_store(from_hex(session["store"])).value();
    ASSERT_EQ(store.size(), 1U);
    EXPECT_EQ(to_hex(store[0].key().point()),
              to_hex(from_hex(recorded_sessions()["a_p256_aes128_s8"]["pk_sd"])));
    auto expected = command(from_hex(session["perform_security_operation"]));
    std::vector<GpCertificate> chain;
    chain.push_back(GpCertificate::parse(expected.data).value());
    EXPECT_EQ(perform_security_operation(chain, KeyVersion(0x03)), std::vector{expected});
    EXPECT_EQ(to_hex(get_certificate_store(0x11, KeyVersion(0x03)).encode()), "80CABF2106A6048302110300");
    EXPECT_FALSE(parse_certificate_store(from_hex("BF2100")));
    EXPECT_FALSE(parse_certificate_store(from_hex("7F2100")));
    EXPECT_FALSE(parse_certificate_store({}));
}

/// Both sides with their authorities.
class Scp11 : public testing::Test {
  protected:
    static constexpr std::uint8_t kAll = 0x7B;  ///< every option of the first byte but b3 and b8

    GpCertificate certificate(const PublicKey& key, const PrivateKey& issuer,
                              GpKeyUsage usage = GpKeyUsage::kKeyAgreement,
                              std::optional<Bytes> rules = std::nullopt) {
        return GpCertificate::sign({.serial_number = {++serial_},
                                    .ca_identifier = {0xCA, 0x01},
                                    .subject_identifier = {0x50, 0x01},
                                    .usage = usage,
                                    .expires = 2040y / 1 / 1,
                                    .authorizations = std::move(rules)},
                                   key, issuer)
            .value();
    }

    StatusWord present(const std::vector<GpCertificate>& chain,
                       Scp11Options options = Scp11Options::from_i(kAll)) {
        for (const auto& part : perform_security_operation(chain, KeyVersion(0x03))) {
            auto sw = certificates_.perform_security_operation(options, part, find_);
            if (sw != StatusWord::kOk) return sw;
        }
        return StatusWord::kOk;
    }

    Scp11DomainKeys domain() const {
        return {.sk_sd = sd_, .sin = sin_, .sdin = sdin_, .card_group_id = group_, .owner = owner_};
    }

    PrivateKey ca_ = PrivateKey::generate(Curve::kP256);
    PrivateKey ka_ = PrivateKey::generate(Curve::kP256);
    PrivateKey oce_ = PrivateKey::generate(Curve::kP256);
    PrivateKey sd_ = PrivateKey::generate(Curve::kP256);
    Bytes sin_{0x42}, sdin_{0x45, 0x01}, group_{0x60}, owner_{0x50, 0x01};
    std::uint8_t serial_ = 0;
    std::optional<std::vector<Bytes>> allowlist_;
    Scp11Certificates certificates_;
    crypto::SystemRandom random_;
    Scp11Certificates::FindAuthority find_ = [this](Scp11KeyReference reference, BytesView ca) {
        bool named = reference.identifier == 0x10 && reference.version == 0x03;
        bool inferred = reference.version == 0 && same(ca, Bytes{0xCA, 0x01});
        return named || inferred ? std::optional(Scp11Authority{ca_.public_key(), allowlist_}) : std::nullopt;
    };
};

TEST_F(Scp11, BothSidesAgreeInEveryVariantLevelAndLength) {
    Bytes key(16, 0x77);
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    for (auto variant : {Scp11Variant::kA, Scp11Variant::kB, Scp11Variant::kC}) {
        for (auto level : {SecurityLevel::kCMacRMac, SecurityLevel::kFull, SecurityLevel::kCMacCDecryption,
                           SecurityLevel::kCMacCDecryptionRMac}) {
            for (std::size_t size : {16U, 24U, 32U}) {
                for (bool s16 : {false, true}) {
                    for (bool identities : {false, true}) {
                        Scp11Request request{.variant = variant,
                                             .key_version = KeyVersion(0x03),
                                             .level = level,
                                             .key_size = size,
                                             .s16 = s16};
                        if (identities) request.identities = {Bytes(3, 0x84), sin_, sdin_, group_};
                        std::optional<PrivateKey> oce;
                        if (variant != Scp11Variant::kB) oce = oce_.clone();
                        auto host = Scp11Host::begin(request, sd_.public_key(), std::move(oce));
                        bool scripts_only = level == SecurityLevel::kCMacCDecryption ||
                                            level == SecurityLevel::kCMacCDecryptionRMac;
                        ASSERT_EQ(host.has_value(), !scripts_only || variant == Scp11Variant::kC);
                        if (!host) continue;
                        auto options = Scp11Options::from_i(s16 ? kAll : kAll & ~0x40);
                        auto card = Scp11Card::read(options, host->authenticate());
                        ASSERT_TRUE(card);
                        EXPECT_EQ(card->variant(), variant);
                        EXPECT_EQ(card->key().version, 0x03);
                        EXPECT_EQ(card->key().identifier, scp11_key_identifier(variant));
                        auto opening = card->open(domain(), &*certificates_.oce(), random_);
                        ASSERT_TRUE(opening);
                        EXPECT_EQ(opening->session.level().authenticated, variant != Scp11Variant::kB);
                        EXPECT_FALSE(opening->session.level().any_authenticated);
                        auto channel = host->finish(opening->response).value();
                        for (int n = 0; n < 3; ++n) {
                            CommandApdu store_data{0x80, 0xE2, 0x80, 0x00, Bytes(17, 0x01), 256};
                            auto plain = opening->session.unwrap(command(channel.wrap(store_data).value()));
                            ASSERT_TRUE(plain);
                            EXPECT_EQ(*plain, store_data);
                            EXPECT_EQ(channel.unwrap(opening->session.wrap({Bytes(9, 0x02)}))->data,
                                      Bytes(9, 0x02));
                        }
                        auto encrypted = channel.encrypt_sensitive(key).value();
                        EXPECT_TRUE(opening->session.decrypt_sensitive(encrypted)->equals(key));
                    }
                }
            }
        }
    }
}

TEST_F(Scp11, AStaticDekIsUsedWhereTheDomainHasOne) {
    auto dek = secret("000102030405060708090A0B0C0D0E0F");
    auto keys = domain();
    keys.key_dek = &dek;
    auto host = Scp11Host::begin({.variant = Scp11Variant::kB, .key_version = KeyVersion(1)},
                                 sd_.public_key(), std::nullopt)
                    .value();
    auto opening =
        Scp11Card::read(Scp11Options::from_i(0x02), host.authenticate())->open(keys, nullptr, random_);
    auto channel = host.finish(opening->response, &dek).value();
    auto encrypted = channel.encrypt_sensitive(Bytes(16, 0x11)).value();
    EXPECT_TRUE(opening->session.decrypt_sensitive(encrypted)->equals(Bytes(16, 0x11)));
    auto without = host.finish(opening->response)->encrypt_sensitive(Bytes(16, 0x11)).value();
    EXPECT_NE(encrypted, without);
}

TEST_F(Scp11, StrangersAreAuthenticatedAsAnybody) {
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    owner_ = {0x77};
    auto host = Scp11Host::begin({.key_version = KeyVersion(1)}, sd_.public_key(), oce_.clone()).value();
    auto card = Scp11Card::read(Scp11Options::from_i(0x01), host.authenticate()).value();
    auto opening = card.open(domain(), &*certificates_.oce(), random_).value();
    EXPECT_FALSE(opening.session.level().authenticated);
    EXPECT_TRUE(opening.session.level().any_authenticated);
    owner_.clear();
    EXPECT_FALSE(card.open(domain(), &*certificates_.oce(), random_)->session.level().authenticated);
}

TEST_F(Scp11, ACardWithoutTheCertifiedKeyMakesNoReceipt) {
    auto other = PrivateKey::generate(Curve::kP256);
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    for (auto variant : {Scp11Variant::kA, Scp11Variant::kB, Scp11Variant::kC}) {
        std::optional<PrivateKey> oce;
        if (variant != Scp11Variant::kB) oce = oce_.clone();
        auto host = Scp11Host::begin({.variant = variant, .key_version = KeyVersion(1)}, sd_.public_key(),
                                     std::move(oce))
                        .value();
        Scp11DomainKeys keys{.sk_sd = other};
        auto opening = Scp11Card::read(Scp11Options::from_i(kAll), host.authenticate())
                           ->open(keys, &*certificates_.oce(), random_);
        EXPECT_EQ(host.finish(opening->response).error().code, "scp.receipt");
    }
}

TEST_F(Scp11, AHostWithoutTheCertifiedKeyGetsAChannelThatRefusesIt) {
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    auto thief = PrivateKey::generate(Curve::kP256);
    auto host = Scp11Host::begin({.key_version = KeyVersion(1)}, sd_.public_key(), thief.clone()).value();
    auto opening = Scp11Card::read(Scp11Options::from_i(kAll), host.authenticate())
                       ->open(domain(), &*certificates_.oce(), random_);
    EXPECT_EQ(host.finish(opening->response).error().code, "scp.receipt");
    EXPECT_FALSE(opening->session.unwrap({0x84, 0xF2, 0x40, 0x02, Bytes(16), 256}));
    EXPECT_TRUE(opening->session.is_aborted());
}

TEST_F(Scp11, IdentitiesAreNeededOnBothSides) {
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    Scp11Request request{.key_version = KeyVersion(1)};
    request.identities = {Bytes{0x84}, sin_, sdin_, {}};
    auto host = Scp11Host::begin(request, sd_.public_key(), oce_.clone()).value();
    auto card = Scp11Card::read(Scp11Options::from_i(0x01), host.authenticate()).value();
    EXPECT_TRUE(host.finish(card.open(domain(), &*certificates_.oce(), random_)->response));
    sdin_ = {0x46};
    EXPECT_EQ(host.finish(card.open(domain(), &*certificates_.oce(), random_)->response).error().code,
              "scp.receipt");
    sdin_.clear();
    EXPECT_EQ(card.open(domain(), &*certificates_.oce(), random_).error(),
              StatusWord::kReferencedDataNotFound);
    request.identities->sdin.clear();
    EXPECT_EQ(Scp11Host::begin(request, sd_.public_key(), oce_.clone()).error().code, "scp.parameter");
}

TEST_F(Scp11, TheKeyCanBeNamedByItsAuthority) {
    ASSERT_EQ(present({certificate(oce_.public_key(), ca_)}), StatusWord::kOk);
    for (auto variant : {Scp11Variant::kA, Scp11Variant::kC}) {
        Scp11Request request{.variant = variant, .ca_klcc_identifier = Bytes{0xCA, 0x02}};
        auto host = Scp11Host::begin(request, sd_.public_key(), oce_.clone()).value();
        EXPECT_EQ(host.authenticate().p1, 0x00);
        auto card = Scp11Card::read(Scp11Options::from_i(kAll & ~0x40), host.authenticate()).value();
        EXPECT_EQ(card.key().version, 0x00);
        EXPECT_EQ(to_hex(card.ca_klcc_identifier()), "CA02");
        EXPECT_TRUE(host.finish(card.open(domain(), &*certificates_.oce(), random_)->response));
    }
}

TEST_F(Scp11, TheCardNeedsACertificateFirst) {
    auto host = Scp11Host::begin({.key_version = KeyVersion(1)}, sd_.public_key(), oce_.clone()).value();
    auto card = Scp11Card::read(Scp11Options::from_i(0x01), host.authenticate()).value();
    EXPECT_EQ(card.open(domain(), nullptr, random_).error(), StatusWord::kConditionsNotSatisfied);
    Scp11Oce other_curve{PrivateKey::generate(Curve::kP384).public_key(), {}};
    EXPECT_EQ(card.open(domain(), &other_curve, random_).error(), StatusWord::kWrongData);
    auto p384 = PrivateKey::generate(Curve::kP384);
    EXPECT_EQ(card.open({.sk_sd = p384}, &other_curve, random_).error(), StatusWord::kWrongData);
}

TEST_F(Scp11, ChainsAreFollowedAndAllowlistsKept) {
    auto intermediate = certificate(ka_.public_key(), ca_, GpKeyUsage::kVerification);
    auto last = certificate(oce_.public_key(), ka_);
    auto chain = [&] {
        return GpCertificate::parse_all(concat(intermediate.encoded(), last.encoded())).value();
    };
    EXPECT_EQ(present(chain()), StatusWord::kOk);
    EXPECT_TRUE(certificates_.oce()->key == oce_.public_key());
    EXPECT_EQ(present(chain(), Scp11Options::from_i(0x01)), StatusWord::kIncorrectP1P2);
    EXPECT_FALSE(certificates_.oce());

    // Only the certificate that the authority itself signed is looked up.
    allowlist_ = {{Bytes{0x01}}};
    EXPECT_EQ(present(chain()), StatusWord::kOk);
    allowlist_ = {{Bytes{0x02}}};
    EXPECT_EQ(present(chain()), StatusWord{0x6640});
    EXPECT_FALSE(certificates_.oce());
}

TEST_F(Scp11, CertificatesThatProveNothingAreRefused) {
    auto one = [](GpCertificate certificate) {
        std::vector<GpCertificate> chain;
        chain.push_back(std::move(certificate));
        return chain;
    };
    EXPECT_EQ(present(one(certificate(oce_.public_key(), ka_))), StatusWord{0x6600});
    EXPECT_EQ(present(one(certificate(oce_.public_key(), ca_, GpKeyUsage::kVerification))),
              StatusWord{0x6600});
    // An end that certifies another end.
    auto end = certificate(ka_.public_key(), ca_);
    EXPECT_EQ(
        present(GpCertificate::parse_all(concat(end.encoded(), certificate(oce_.public_key(), ka_).encoded()))
                    .value()),
        StatusWord{0x6600});
    auto with_rules = certificate(oce_.public_key(), ca_, GpKeyUsage::kKeyAgreement, from_hex("E300"));
    EXPECT_EQ(present(one(with_rules), Scp11Options::from_i(0x11)), StatusWord::kFunctionNotSupported);
    EXPECT_EQ(present(one(certificate(ka_.public_key(), ca_, GpKeyUsage::kVerification, from_hex("E300"))),
                      Scp11Options::from_i(kAll)),
              StatusWord{0x6600});

    auto block = [&](BytesView data, std::uint8_t p1 = 0x03, std::uint8_t p2 = 0x10) {
        return certificates_.perform_security_operation(Scp11Options::from_i(kAll),
                                                        {0x80, 0x2A, p1, p2, to_bytes(data)}, find_);
    };
    EXPECT_EQ(block({}), StatusWord::kWrongData);
    EXPECT_EQ(block(from_hex("3003020101")), StatusWord{0x6A87});
    auto good = certificate(oce_.public_key(), ca_).encoded();
    EXPECT_EQ(block(good, 0x04), StatusWord::kReferencedDataNotFound);
    EXPECT_EQ(block(good, 0x00), StatusWord::kOk) << "found by the CA identifier";
    EXPECT_TRUE(certificates_.oce());
    EXPECT_EQ(block(BytesView(good).first(50), 0x83), StatusWord::kOk);
    EXPECT_EQ(block(BytesView(good).subspan(50)), StatusWord::kOk);
    EXPECT_TRUE(certificates_.oce());
    EXPECT_EQ(block(BytesView(good).first(50), 0x83), StatusWord::kOk);
    EXPECT_EQ(block(BytesView(good).subspan(50), 0x04), StatusWord::kIncorrectP1P2);
    EXPECT_FALSE(certificates_.oce());
    for (int n = 0; n < 8; ++n) EXPECT_EQ(block(Bytes(255), 0x83), StatusWord::kOk);
    EXPECT_EQ(block(Bytes(255), 0x83), StatusWord::kWrongLength);
}

TEST_F(Scp11, RulesAreTakenOnlyWhereTheyAreEnforced) {
    auto rules = from_hex("E300");
    std::vector<GpCertificate> chain;
    chain.push_back(certificate(oce_.public_key(), ca_, GpKeyUsage::kKeyAgreement, rules));
    auto only_c = Scp11Options::from_i(0x31);
    ASSERT_EQ(present(chain, only_c), StatusWord::kOk);
    EXPECT_EQ(certificates_.oce()->authorizations, rules);
    auto open = [&](Scp11Variant variant, Scp11Options options) {
        auto host = Scp11Host::begin({.variant = variant, .key_version = KeyVersion(1)}, sd_.public_key(),
                                     oce_.clone())
                        .value();
        auto opening =
            Scp11Card::read(options, host.authenticate())->open(domain(), &*certificates_.oce(), random_);
        return opening ? StatusWord::kOk : opening.error();
    };
    EXPECT_EQ(open(Scp11Variant::kA, only_c), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(open(Scp11Variant::kC, only_c), StatusWord::kOk);
    EXPECT_EQ(open(Scp11Variant::kA, Scp11Options::from_i(0xB1, 0x01)), StatusWord::kOk);
}

TEST_F(Scp11, TheCardRefusesWhatItDoesNotOfferOrUnderstand) {
    auto point = PrivateKey::generate(Curve::kP256).public_key().point();
    auto all = Scp11Options::from_i(kAll);
    auto read = [&](std::uint8_t ins, std::string_view reference, std::uint8_t p1 = 0x01,
                    std::uint8_t p2 = 0x11) {
        auto data = concat(encode_tlv(0xA6, from_hex(reference)), encode_tlv(0x5F49, point));
        auto card = Scp11Card::read(all, {0x80, ins, p1, p2, data, 256});
        return card ? StatusWord::kOk : card.error();
    };
    constexpr auto kGood = "9002110195013C800188810110";
    EXPECT_EQ(read(0x82, kGood), StatusWord::kOk);
    EXPECT_EQ(read(0x88, "9002110095013C800188810110"), StatusWord::kOk);
    EXPECT_EQ(read(0x82, "9002110395011C800188810120"), StatusWord::kOk);
    EXPECT_EQ(read(0x82, "9002110195013C8001888101104203010203", 0x00), StatusWord::kOk);
    for (const auto* bad : {
             "9002100195013C800188810110",            // another protocol
             "9002110295013C800188810110",            // reserved variant
             "9002110095013C800188810110",            // SCP11b by MUTUAL AUTHENTICATE
             "9002110995013C800188810110",            // reserved bit
             "9002110595013C800188810110",            // identities without HostID
             "9002110195013C800188810110840101",      // HostID without identities
             "9002110595013C8001888101108400",        // empty HostID
             "90021101950100800188810110",            // no level
             "9002110195011C800188810110",            // a level of SCP11c
             "9002110195013C800180810110",            // DES
             "9002110195013C800188810111",            // no length of AES
             "95013C800188810110",                    // fields missing
             "900211018001888101109002110195013C",    // or twice
             "9002110195013C8001888101109900",        // or unknown
             "9002110195013C8001888101104203010203",  // CA-KLCC besides a version
             "9002110195013C8001888101",              // cut
         }) {
        EXPECT_EQ(read(0x82, bad), StatusWord::kWrongData) << bad;
    }
    EXPECT_EQ(read(0x88, kGood), StatusWord::kWrongData);
    EXPECT_EQ(read(0x82, kGood, 0x00), StatusWord::kWrongData);
    EXPECT_EQ(read(0x82, kGood, 0x81), StatusWord::kIncorrectP1P2);
    all = Scp11Options::from_i(0x12);
    EXPECT_EQ(read(0x82, kGood), StatusWord::kWrongData);

    CommandApdu apdu{0x80, 0x82, 0x01, 0x11, {}, 256};
    EXPECT_FALSE(Scp11Card::read(Scp11Options::from_i(kAll), apdu));
    apdu.data = concat(encode_tlv(0xA6, from_hex(kGood)), encode_tlv(0x5F49, Bytes(65, 0x04)));
    auto card = Scp11Card::read(Scp11Options::from_i(kAll), apdu).value();
    Scp11Oce oce{oce_.public_key(), {}};
    EXPECT_EQ(card.open(domain(), &oce, random_).error(), StatusWord::kWrongData) << "no point of the curve";
}

TEST_F(Scp11, TheHostRefusesRequestsThatMakeNoSense) {
    auto code = [](const Result<Scp11Host>& host) { return host ? "fine" : host.error().code; };
    EXPECT_EQ(code(Scp11Host::begin({.key_size = 15}, sd_.public_key(), oce_.clone())), "key.length");
    EXPECT_EQ(code(Scp11Host::begin({}, sd_.public_key(), std::nullopt)), "scp.parameter");
    EXPECT_EQ(code(Scp11Host::begin({.variant = Scp11Variant::kB}, sd_.public_key(), oce_.clone())),
              "scp.parameter");
    EXPECT_EQ(code(Scp11Host::begin({}, sd_.public_key(), PrivateKey::generate(Curve::kP384))),
              "scp.parameter");
    auto rsa = PrivateKey::generate_rsa(1024).value();
    EXPECT_EQ(code(Scp11Host::begin({}, rsa.public_key(), oce_.clone())), "scp.parameter");
    EXPECT_EQ(code(Scp11Host::begin({.variant = Scp11Variant::kB, .ca_klcc_identifier = Bytes{0xCA}},
                                    sd_.public_key(), std::nullopt)),
              "scp.parameter");
    EXPECT_EQ(code(Scp11Host::begin({.ca_klcc_identifier = Bytes{}}, sd_.public_key(), oce_.clone())),
              "scp.parameter");
    for (std::uint8_t version : Bytes{0x00, 0x80}) {
        EXPECT_EQ(
            code(Scp11Host::begin({.key_version = KeyVersion(version)}, sd_.public_key(), oce_.clone())),
            "scp.parameter");
    }
    EXPECT_EQ(code(Scp11Host::begin({.level = SecurityLevel::kCMac}, sd_.public_key(), oce_.clone())),
              "scp.level");
}

}  // namespace
}  // namespace oti::scp
