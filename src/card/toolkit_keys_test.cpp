// SPDX-License-Identifier: Apache-2.0
// PUT KEY in secured packets (TS 102 226, 8.2.1.5), and the keys that packets have afterwards.
#include "card/key_data.h"
#include "card/toolkit_fixture.h"

namespace oti::card {
namespace {

constexpr std::string_view kNewKic = "300102030405060708090A0B0C0D0E0F",
                           kNewKid = "301102030405060708090A0B0C0D0E0F",
                           kNewDek = "302102030405060708090A0B0C0D0E0F";
constexpr std::uint8_t kNewVersion = 3;

class ToolkitKeysTest : public ToolkitTest {
  protected:
    /// 8.2.1.5.1: the length of the key, the key under the static DEK, and for a KID the length of its MACs.
    static Bytes component(std::string_view dek, std::string_view key, const Bytes& mac_size = {}) {
        auto value = from_hex(key), check = Bytes(16, 0x01);
        testing::must(crypto::Aes::create(secret(key))).ecb_encrypt(check, check);
        testing::must(crypto::Aes::create(secret(dek))).cbc_encrypt({}, value, value);
        auto block = concat(Bytes{static_cast<std::uint8_t>(value.size())}, value, mac_size);
        return ByteWriter().u8(0x88).lv(block).lv(BytesView(check).first(3)).take();
    }
    static Bytes put_key(std::uint8_t replaced, std::uint8_t version, std::uint8_t p2, BytesView components) {
        ByteWriter command;
        command.u8(0x80).u8(0xD8).u8(replaced).u8(p2);
        return command.lv(concat(Bytes{version}, components)).take();
    }
    static Bytes new_set(std::string_view dek, const Bytes& mac_size) {
        return concat(component(dek, kNewKic), component(dek, kNewKid, mac_size), component(dek, kNewDek));
    }
    scp::Scp80Host with_new_keys(std::uint8_t version, std::size_t mac_size) {
        return host(kCompact, "1619", version, kNewKic, kNewKid, mac_size);
    }
    std::optional<std::uint8_t> mac_size_of(std::uint8_t version) {
        auto kid = se_.keys().find(Aid::constant(kIssuer), {version, kKeyMac});
        return kid ? kid->mac_size : std::nullopt;
    }
};

TEST_F(ToolkitKeysTest, TheLengthOfMacsComesWithTheKid) {
    for (std::uint8_t size : Bytes{4, 8}) {
        auto version = static_cast<std::uint8_t>(kNewVersion + size);
        auto put = put_key(0, version, 0x81, new_set(kDek, {size}));
        EXPECT_EQ(run(host(), put).substr(0, 6), "0:0161") << "there is a response";
        EXPECT_EQ(mac_size_of(version), size);
        counter_ = 0;
        EXPECT_EQ(run(with_new_keys(version, size), "80CA004200"), "0:0190004204F04F5449");
        EXPECT_EQ(run(with_new_keys(version, 12U - size), "80CA004200"), "6:") << "of the other length";
        counter_ = 100U + size;
    }
}

TEST_F(ToolkitKeysTest, OtherLengthsAreRefused) {
    for (const auto& size : {Bytes{5}, Bytes{0}, Bytes{16}, Bytes{4, 4}}) {
        auto put = put_key(0, kNewVersion, 0x81, new_set(kDek, size));
        EXPECT_EQ(run(host(), put), "0:016A80") << to_hex(size);
    }
    // A KIc has none, nor has a key of a secure channel.
    auto other =
        concat(component(kDek, kNewKic, {8}), component(kDek, kNewKid, {8}), component(kDek, kNewDek));
    EXPECT_EQ(run(host(), put_key(0, kNewVersion, 0x81, other)), "0:016A80");
    EXPECT_EQ(run(host(), put_key(0, 0x31, 0x81, new_set(kDek, {8}))), "0:016A80");
    EXPECT_FALSE(se_.keys().find(Aid::constant(kIssuer), {kNewVersion, kKeyEnc}));
    EXPECT_EQ(run(with_new_keys(kNewVersion, 8), "80CA004200"), "6:");
}

TEST_F(ToolkitKeysTest, TheResponseListsVersionAndCheckValues) {
    auto answer =
        run(host(), concat(put_key(0, kNewVersion, 0x81, new_set(kDek, {8})), from_hex("00C0000000")));
    // OpenSSL: 01…01 enciphered by each key, the first three bytes.
    EXPECT_EQ(answer,
              "0:02900003"
              "445214"
              "7DF723"
              "48B6A1");
}

TEST_F(ToolkitKeysTest, AReplacedSetAnswersUnderTheKeysThatThePacketCameWith) {
    // 8.2.1.5.0. The DEK is that of the replaced keys.
    EXPECT_EQ(run(host(), put_key(kVersion, kVersion, 0x81, new_set(kDek, {4}))).substr(0, 6), "0:0161");
    EXPECT_EQ(run(host(), "80CA004200"), "6:") << "checksums have four bytes now";
    // The counter begins anew with the keys (TS 102 225, A.1).
    counter_ = 0;
    EXPECT_EQ(run(with_new_keys(kVersion, 4), "80CA004200"), "0:0190004204F04F5449");
}

TEST_F(ToolkitKeysTest, KeysUnderAnotherDekAreRefused) {
    EXPECT_EQ(run(host(), put_key(0, kNewVersion, 0x81, new_set(kNewDek, {8}))), "0:016982");
    ASSERT_EQ(run(host(), put_key(0, kNewVersion, 0x81, new_set(kDek, {8}))).substr(0, 6), "0:0161");
    // Of version 3, although the packet is of version 2.
    auto one = component(kDek, kKid, {8});
    EXPECT_EQ(run(host(), put_key(kNewVersion, kNewVersion, kKeyMac, one)), "0:016982");
    one = component(kNewDek, kKid, {8});
    EXPECT_EQ(run(host(), put_key(kNewVersion, kNewVersion, kKeyMac, one)).substr(0, 6), "0:0161");
}

}  // namespace
}  // namespace oti::card
