// SPDX-License-Identifier: Apache-2.0
#include "scp/host_session.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "scp/scp02_card.h"
#include "scp/scp03_card.h"
#include "scp/scp03_host.h"

namespace oti::scp {
namespace {

using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::StatusWord;

KeySet keys() {
    auto key = [](std::uint8_t byte) { return SecretBytes::take(Bytes(16, byte)); };
    return {key(0x40), key(0x52), key(0x64)};
}

template <typename Card>
void expect_understanding(HostSession& host, Card& card) {
    ASSERT_EQ(card.external_authenticate(CommandApdu::parse(host.external_authenticate).value()),
              StatusWord::kOk);
    CommandApdu get_status{0x80, 0xF2, 0x40, 0x02, {0x4F, 0x00}, 256};
    auto plain = card.unwrap(CommandApdu::parse(host.channel->wrap(get_status).value()).value());
    ASSERT_TRUE(plain);
    EXPECT_EQ(*plain, get_status);
    EXPECT_TRUE(host.channel->unwrap(card.wrap({Bytes(3)})));
}

TEST(HostSession, SpeaksTheProtocolInWhichTheCardAnswered) {
    for (std::uint8_t i : Bytes{0x15, 0x55, 0x75}) {
        auto card = Scp02Card::initialize(i, keys(), 7, Bytes(8, 1), Bytes(6, 2)).value();
        auto response = concat(from_hex("00000000000000000000"
                                        "2002"
                                        "0007"),
                               Bytes(6, 2), card.card_cryptogram());
        EXPECT_EQ(protocol_of(response).value(), 0x02);
        auto host = open_host_session(keys(), Bytes(8, 1), response, std::nullopt, i).value();
        EXPECT_EQ(host.channel->level(), strongest_level(0x02, i).value());
        expect_understanding(host, card);
    }
    for (std::uint8_t i : Bytes{0x00, 0x20, 0x60, 0x61}) {
        auto size = Scp03Card::mac_size(i);
        auto card = Scp03Card::initialize(i, keys(), Bytes(size, 1), Bytes(size, 2)).value();
        auto response = concat(from_hex("00000000000000000000"
                                        "3003"),
                               Bytes{i}, Bytes(size, 2), card.card_cryptogram());
        EXPECT_EQ(protocol_of(response).value(), 0x03);
        auto host = open_host_session(keys(), Bytes(size, 1), response).value();
        EXPECT_EQ(host.channel->level(), strongest_level(0x03, i).value());
        expect_understanding(host, card);
        EXPECT_EQ(open_host_session(keys(), Bytes(size, 1), response, SecurityLevel::kCMac)->channel->level(),
                  SecurityLevel::kCMac);
    }
}

TEST(HostSession, ChoosesTheStrongestLevelOnOffer) {
    EXPECT_EQ(strongest_level(0x03, 0x70), SecurityLevel::kFull);
    EXPECT_EQ(strongest_level(0x03, 0x30), SecurityLevel::kCMacCDecryptionRMac);
    EXPECT_EQ(strongest_level(0x03, 0x10), SecurityLevel::kCMacCDecryption);
    EXPECT_EQ(strongest_level(0x02, 0x55), SecurityLevel::kCMacCDecryption);
    EXPECT_EQ(strongest_level(0x02, 0x75), SecurityLevel::kCMacCDecryptionRMac);
    EXPECT_EQ(strongest_level(0x02, 0x1A).error().code, "scp.unsupported");
    EXPECT_EQ(strongest_level(0x01, 0x05).error().code, "scp.unsupported");
}

TEST(HostSession, RefusesOtherProtocolsAndShortResponses) {
    EXPECT_EQ(open_host_session(keys(), Bytes(8),
                                from_hex("00000000000000000000"
                                         "0101"
                                         "0000000000000000"
                                         "0000000000000000"))
                  .error()
                  .code,
              "scp.unsupported");
    EXPECT_FALSE(open_host_session(keys(), Bytes(8), Bytes(11)));
    EXPECT_FALSE(open_host_session(keys(), Bytes(8), {}));
}

Scp03SessionKeys session_keys() {
    auto key = [](std::uint8_t byte) { return SecretBytes::take(Bytes(16, byte)); };
    return {key(1), key(2), key(3), key(4)};
}

TEST(Scp03SessionKeys, OpenSessionsOnBothSidesWithoutExternalAuthenticate) {
    crypto::AesBlock receipt;
    receipt.fill(0x5A);
    CurrentSecurityLevel full{
        .authenticated = true, .c_mac = true, .c_decryption = true, .r_mac = true, .r_encryption = true};
    for (bool s16 : {false, true}) {
        auto host = Scp03Host::from_session_keys(session_keys(), SecurityLevel::kFull, s16, receipt).value();
        auto card = Scp03Card::from_session_keys(session_keys(), full, s16, receipt).value();
        EXPECT_EQ(card.level(), full);
        for (std::uint8_t cla : Bytes{0x80, 0x83, 0xC0, 0xCF, 0x00, 0x40}) {
            CommandApdu command{cla, 0xE2, 0x80, 0x00, Bytes(20, cla), 256};
            auto plain = card.unwrap(CommandApdu::parse(host.wrap(command).value()).value());
            ASSERT_TRUE(plain) << +cla;
            EXPECT_EQ(*plain, command);
            EXPECT_EQ(host.unwrap(card.wrap({Bytes(5)}))->data, Bytes(5));
        }
        auto key = Bytes(16, 0x77);
        EXPECT_TRUE(card.decrypt_sensitive(host.encrypt_sensitive(key).value())->equals(key));
        // What was not answered is taken back up to the beginning.
        auto first = Scp03Host::from_session_keys(session_keys(), SecurityLevel::kFull, s16, receipt).value();
        auto wrapped = first.wrap({0x80, 0xF2, 0x40, 0x02}).value();
        first.rewind();
        EXPECT_EQ(first.wrap({0x80, 0xF2, 0x40, 0x02}).value(), wrapped);
    }
    auto other = receipt;
    other[0] ^= 1;
    auto host = Scp03Host::from_session_keys(session_keys(), SecurityLevel::kFull, false, other).value();
    auto card = Scp03Card::from_session_keys(session_keys(), full, false, receipt).value();
    EXPECT_FALSE(card.unwrap(CommandApdu::parse(host.wrap({0x80, 0xF2, 0x40, 0x02}).value()).value()));
    auto short_key = session_keys();
    short_key.s_mac = SecretBytes(15);
    EXPECT_EQ(Scp03Host::from_session_keys(short_key, SecurityLevel::kFull, false, {}).error().code,
              "key.length");
    EXPECT_EQ(Scp03Card::from_session_keys(short_key, full, false, {}).error().code, "key.length");
}

TEST(Scp03Host, MarksSecureMessagingInB6OnChannelsFrom4) {
    auto wrapped_cla = [](std::uint8_t cla) {
        auto host = Scp03Host::from_session_keys(session_keys(), SecurityLevel::kCMac, false, {}).value();
        auto bytes = host.wrap({cla, 0xF2, 0x40, 0x02}).value();
        return std::pair{bytes[0], Bytes(bytes.end() - 8, bytes.end())};
    };
    EXPECT_EQ(wrapped_cla(0x80).first, 0x84);
    EXPECT_EQ(wrapped_cla(0x83).first, 0x87);
    EXPECT_EQ(wrapped_cla(0xC0).first, 0xE0);
    EXPECT_EQ(wrapped_cla(0xCF).first, 0xEF);
    EXPECT_EQ(wrapped_cla(0xC5).second, wrapped_cla(0x80).second) << "the MAC does not know the channel";
}

}  // namespace
}  // namespace oti::scp
