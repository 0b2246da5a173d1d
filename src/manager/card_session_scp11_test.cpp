// SPDX-License-Identifier: Apache-2.0
// SCP11 as a session opens it, against the card's role of the protocol.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/tlv.h"
#include "crypto/random.h"
#include "globalplatform/commands.h"
#include "manager/card_session.h"
#include "scp/scp11_card.h"

namespace oti::manager {
namespace {

using namespace std::chrono_literals;
using crypto::Curve;
using crypto::GpCertificate;
using crypto::PrivateKey;
using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;
using scp::Scp11Variant;

const Aid kDomain = Aid::constant("A000000151000000");
constexpr std::chrono::year_month_day kToday = 2026y / 11 / 25;

GpCertificate certificate(const PrivateKey& key, const PrivateKey& issuer,
                          std::chrono::year_month_day until = 2040y / 1 / 1) {
    return GpCertificate::sign({.serial_number = {0x01},
                                .ca_identifier = {0xCA, 0x01},
                                .subject_identifier = {0x50, 0x01},
                                .expires = until},
                               key.public_key(), issuer)
        .value();
}

/// A domain that knows SCP11 and nothing else.
class Scp11Domain final : public iso7816::CardChannel {
  public:
    explicit Scp11Domain(std::uint8_t i) : i_(i) { store = certificate(key, card_authority).encoded(); }

    Result<Bytes> transmit(BytesView bytes) override {
        OTI_TRY(auto command, CommandApdu::parse(bytes));
        instructions.push_back(command.ins);
        if (session_) {
            auto plain = session_->unwrap(command);
            if (!plain) return ResponseApdu{{}, plain.error()}.encode();
            received.push_back(*plain);
            return session_->wrap(ResponseApdu{from_hex("0102")});
        }
        return answer(command).encode();
    }
    Status reset() override { return {}; }

    PrivateKey host_authority = PrivateKey::generate(Curve::kP256),
               card_authority = PrivateKey::generate(Curve::kP256), key = PrivateKey::generate(Curve::kP256);
    Bytes store;
    std::vector<std::uint8_t> instructions;
    std::vector<CommandApdu> received;  ///< in the session, unwrapped

  private:
    static ResponseApdu data(const Bytes& bytes) { return {bytes}; }

    ResponseApdu answer(const CommandApdu& command) {
        auto options = scp::Scp11Options::from_i(i_);
        if (command.ins == 0xA4) return data(encode_tlv(0x6F, encode_tlv(0x84, kDomain.bytes())));
        if (command.ins == 0xCA && command.p2 == 0x66) {
            // {globalPlatform 4 11 i}, in tag 64 of Card Recognition Data (H.2).
            auto oid = concat(from_hex("2A864886FC6B0411"), Bytes{i_});
            return data(encode_tlv(0x66, encode_tlv(0x73, encode_tlv(0x64, encode_tlv(0x06, oid)))));
        }
        if (command.ins == 0xCA && command.p2 == 0xE0) {
            return data(from_hex("E018 C0041103 B120 C0041303 B120 C0041503 B120 C0041003 B040"));
        }
        if (command.ins == 0xCA && command.p1 == 0xBF) return data(encode_tlv(0xBF21, store));
        if (command.ins == 0x2A) {
            auto find = [&](scp::Scp11KeyReference, BytesView) {
                return std::optional(scp::Scp11Authority{host_authority.public_key()});
            };
            return {{}, certificates_.perform_security_operation(options, command, find)};
        }
        if (command.ins == 0x82 || command.ins == 0x88) {
            auto read = scp::Scp11Card::read(options, command);
            if (!read) return {{}, read.error()};
            auto opening =
                read->open({.sk_sd = key}, certificates_.oce() ? &*certificates_.oce() : nullptr, random_);
            if (!opening) return {{}, opening.error()};
            session_.emplace(std::move(opening->session));
            return data(opening->response);
        }
        return {{}, StatusWord::kReferencedDataNotFound};
    }

    std::uint8_t i_;
    scp::Scp11Certificates certificates_;
    crypto::SystemRandom random_;
    std::optional<scp::Scp03Card> session_;
};

class Scp11SessionTest : public testing::Test {
  protected:
    Scp11Access access(Scp11Variant variant) {
        Scp11Access made{.variant = variant, .card_authority = domain_.card_authority.public_key()};
        if (variant == Scp11Variant::kB) return made;
        made.key = own_.clone();
        made.chain.push_back(certificate(own_, domain_.host_authority));
        return made;
    }
    Status open(const Scp11Access& access, std::optional<scp::SecurityLevel> level = {}) {
        session_.emplace(CardSession::select(domain_, kDomain).value());
        return session_->authenticate(access, level, kToday);
    }
    std::string error(const Scp11Access& access) {
        auto done = open(access);
        return done ? "none" : done.error().code;
    }
    bool sent(std::uint8_t ins) const {
        return std::ranges::find(domain_.instructions, ins) != domain_.instructions.end();
    }

    Scp11Domain domain_{0x1B};  ///< a, b, c and chains
    PrivateKey own_ = PrivateKey::generate(Curve::kP256);
    std::optional<CardSession> session_;
};

TEST_F(Scp11SessionTest, OpensAllVariantsAndTheSessionWorks) {
    for (auto variant : {Scp11Variant::kA, Scp11Variant::kB, Scp11Variant::kC}) {
        Scp11Domain fresh(0x1B);
        std::swap(domain_, fresh);
        auto opened = open(access(variant));
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(session_->channel().level(), scp::SecurityLevel::kFull);
        EXPECT_EQ(to_hex(session_->execute(globalplatform::get_data(0x42)).value()), "0102");
        EXPECT_EQ(domain_.received.back().p2, 0x42);
        EXPECT_EQ(sent(0x2A), variant != Scp11Variant::kB) << "certificates are for a and c";
    }
}

TEST_F(Scp11SessionTest, SessionKeysAndLevelAsWanted) {
    auto wanted = access(Scp11Variant::kA);
    wanted.key_size = 32;
    ASSERT_TRUE(open(wanted, scp::SecurityLevel::kCMacRMac));
    EXPECT_EQ(session_->channel().level(), scp::SecurityLevel::kCMacRMac);
    EXPECT_TRUE(session_->execute(globalplatform::get_data(0x42)));
    EXPECT_EQ(session_->offer().protocol, 0x11);
    EXPECT_EQ(session_->offer().key_version, 0x03) << "as the domain told it";
}

TEST_F(Scp11SessionTest, S16AsTheCardSays) {
    domain_ = Scp11Domain(0x5B);
    ASSERT_TRUE(open(access(Scp11Variant::kA)));
    EXPECT_TRUE(session_->execute(globalplatform::get_data(0x42)));
}

TEST_F(Scp11SessionTest, ACardOfAnotherAuthorityLearnsNothing) {
    auto wanted = access(Scp11Variant::kA);
    wanted.card_authority = PrivateKey::generate(Curve::kP256).public_key();
    EXPECT_EQ(error(wanted), "certificate.untrusted");
    EXPECT_FALSE(sent(0x2A)) << "not even our certificate";
    domain_.store = certificate(domain_.key, domain_.card_authority, 2026y / 11 / 24).encoded();
    EXPECT_EQ(error(access(Scp11Variant::kA)), "certificate.expired");
}

TEST_F(Scp11SessionTest, ACardWithoutTheCertifiedKeyIsFoundOut) {
    domain_.key = PrivateKey::generate(Curve::kP256);
    auto done = open(access(Scp11Variant::kA));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "scp.receipt");
    EXPECT_EQ(done.error().kind, ErrorKind::kAuthentication);
    EXPECT_FALSE(session_->is_authenticated());
}

TEST_F(Scp11SessionTest, OurCertificateByAnotherAuthorityIsRefusedByTheCard) {
    auto wanted = access(Scp11Variant::kC);
    wanted.chain.clear();
    wanted.chain.push_back(certificate(own_, own_));
    auto done = open(wanted);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "scp.refused");
    EXPECT_THAT(done.error().message, testing::HasSubstr("certificate of the off-card entity"));
    EXPECT_TRUE(done.error().sw);
}

TEST_F(Scp11SessionTest, AVariantThatTheCardLacksIsRefused) {
    domain_ = Scp11Domain(0x02);
    EXPECT_EQ(error(access(Scp11Variant::kA)), "scp.refused");
    domain_ = Scp11Domain(0x02);
    EXPECT_EQ(error(access(Scp11Variant::kB)), "none");
}

}  // namespace
}  // namespace oti::manager
