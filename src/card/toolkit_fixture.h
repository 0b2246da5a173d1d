// SPDX-License-Identifier: Apache-2.0
// For tests: a UICC whose issuer has keys for secured packets, a phone that delivers short messages to it,
// and a sender of packets.
#pragma once

#include "card/content_fixture.h"
#include "scp/scp80_host.h"

namespace oti::card {

inline constexpr std::string_view kKic = "200102030405060708090A0B0C0D0E0F",
                                  kKid = "201102030405060708090A0B0C0D0E0F",
                                  kDek = "202102030405060708090A0B0C0D0E0F";
inline constexpr std::uint8_t kVersion = 2;
inline constexpr scp::Tar kCompact{0, 0, 0}, kExpanded{0xB2, 0x01, 0x00};

inline crypto::SecretBytes secret(std::string_view hex) {
    return crypto::SecretBytes::take(from_hex(hex));
}

class ToolkitTest : public ContentFixture {
  protected:
    ToolkitTest() {
        medium_ = std::make_shared<MemoryMedium>();
        Personalization personalization{testing::keys_of(testing::kTestKey), 0x30,
                                        Personalization::identity_for("89001012012341234012345678901224")};
        personalization.remote =
            RemoteManagementKeys{kVersion, {secret(kKic), secret(kKid), secret(kDek)}, KeyType::kAes, 8};
        se_ = testing::must(SecureElement::create(std::make_unique<MemoryNvmFile>(medium_),
                                                  testing::must(load_profile("uicc-2024")), personalization,
                                                  random_));
    }

    scp::Scp80Host host(scp::Tar tar = kCompact, std::string_view spi = "1619",
                        std::uint8_t version = kVersion, std::string_view kid = kKid) {
        return host(tar, spi, version, kKic, kid, 8);
    }
    scp::Scp80Host host(scp::Tar tar, std::string_view spi, std::uint8_t version, std::string_view kic,
                        std::string_view kid, std::size_t mac_size) {
        scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, secret(kic), secret(kid), mac_size};
        auto bytes = from_hex(spi);
        return testing::must(
            scp::Scp80Host::create(keys, version, testing::must(scp::Spi::parse(bytes[0], bytes[1])), tar));
    }
    /// ENVELOPE with an SMS-DELIVER of pySim's sender, whose user data is this.
    ResponseApdu envelope(BytesView user_data) {
        auto tpdu = concat(from_hex("400881214365877FF622705200000000"),
                           Bytes{static_cast<std::uint8_t>(user_data.size())}, user_data);
        auto content = concat(from_hex("82028381"), from_hex("8607912143658709F1"), encode_tlv(0x8B, tpdu));
        auto download = encode_tlv(0xD1, content);
        return terminal_.plain(CommandApdu{0x80, 0xC2, 0, 0, download, 256}.encode());
    }
    ResponseApdu deliver(BytesView packet) {
        if (packet.size() <= 137) return envelope(concat(from_hex("027000"), packet));
        ResponseApdu last;
        auto parts = static_cast<std::uint8_t>(1 + (packet.size() - 132 + 133) / 134);
        ++reference_;
        for (std::uint8_t n = 1; n <= parts; ++n) {
            auto chunk = packet.first(std::min<std::size_t>(packet.size(), n == 1 ? 132 : 134));
            packet = packet.subspan(chunk.size());
            auto header = concat(n == 1 ? from_hex("07") : from_hex("05"), Bytes{0, 3, reference_, parts, n},
                                 n == 1 ? from_hex("7000") : Bytes{});
            last = envelope(concat(header, chunk));
        }
        return last;
    }
    std::string run(const scp::Scp80Host& host, std::string_view script) {
        return run(host, from_hex(script));
    }
    /// The proof of receipt: status, and the data.
    std::string run(const scp::Scp80Host& host, BytesView script) {
        auto response = deliver(testing::must(host.command(++counter_, script)));
        if (response.data.size() < 3) return "nothing";
        auto proof = host.response(counter_, BytesView(response.data).subspan(3));
        if (!proof) return proof.error().code;
        // What the phone makes an error of (TS 23.048, 8.3).
        bool refused = proof->status != scp::ResponseStatus::kOk;
        EXPECT_EQ(response.sw, refused ? StatusWord{0x6200} : StatusWord::kOk);
        return std::to_string(static_cast<int>(proof->status)) + ":" + to_hex(proof->data);
    }

    std::uint64_t counter_ = 0;
    std::uint8_t reference_ = 0;
};

}  // namespace oti::card
