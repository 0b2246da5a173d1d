// SPDX-License-Identifier: Apache-2.0
// For tests: a secure element with a terminal at its issuer's or a provider's domain.
#pragma once

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"

namespace oti::card {

inline constexpr std::string_view kIssuer = "A000000151000000";
inline constexpr std::string_view kDomain = "F04F544900";
inline constexpr std::string_view kOwnKey = "000102030405060708090A0B0C0D0E0F";

class SecureElementTest : public ::testing::Test {
  protected:
    crypto::SystemRandom random_;
    std::shared_ptr<MemoryMedium> medium_ = std::make_shared<MemoryMedium>();
    SecureElement se_ = testing::make_se(random_, "uicc-2024", medium_);
    testing::Terminal terminal_{se_};

    void open_issuer() {
        ASSERT_EQ(terminal_.open(kIssuer, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
    }

    /// INSTALL [for install and make selectable] of a provider's domain.
    StatusWord create_domain(std::string_view c9 = "81020370", std::string_view aid = kDomain,
                             std::string_view privileges = "80C000") {
        auto parameters = encode_tlv(0xC9, from_hex(c9));
        ByteWriter data;
        data.lv(from_hex("A0000001515350")).lv(from_hex("A000000151535041")).lv(from_hex(aid));
        data.lv(from_hex(privileges)).lv(parameters).u8(0);
        return terminal_.send(CommandApdu{0x80, 0xE6, 0x0C, 0x00, data.take(), 256}).sw;
    }
    /// PUT KEY of three equal keys, encrypted under the DEK of the session's keys.
    ResponseApdu put_keys(std::string_view dek, std::uint8_t replaced, std::uint8_t version,
                          std::string_view key, bool inner_length = true) {
        auto aes = testing::must(crypto::Aes::create(crypto::SecretBytes::copy_of(from_hex(dek))));
        auto value = from_hex(key);
        auto size = static_cast<std::uint8_t>(value.size());
        auto kcv_aes = testing::must(crypto::Aes::create(crypto::SecretBytes::copy_of(value)));
        Bytes check(16, 0x01);
        kcv_aes.ecb_encrypt(check, check);
        check.resize(3);
        value.resize((value.size() + 15) / 16 * 16);
        aes.cbc_encrypt({}, value, value);
        ByteWriter data;
        data.u8(version);
        for (int n = 0; n < 3; ++n) {
            data.u8(0x88).u8(static_cast<unsigned>(value.size()) + (inner_length ? 1 : 0));
            if (inner_length) data.u8(size);
            data.put(value).lv(check);
        }
        return terminal_.send(CommandApdu{0x80, 0xD8, replaced, 0x81, data.take(), 256});
    }
    void create_personalized_domain() {
        open_issuer();
        ASSERT_EQ(create_domain(), StatusWord::kOk);
        ASSERT_EQ(terminal_.open(kDomain, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
        ASSERT_EQ(put_keys(testing::kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
        ASSERT_EQ(terminal_.open(kDomain, testing::keys_of(kOwnKey)), StatusWord::kOk);
    }

    Bytes load_file(const std::string& name) {
        return cap::load_file(
            testing::must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/" + name)).load_file_data_block());
    }
    StatusWord announce(std::string_view load_file_aid, std::string_view parameters = "") {
        ByteWriter data;
        data.lv(from_hex(load_file_aid)).u8(0).u8(0).lv(from_hex(parameters)).u8(0);
        return terminal_.send(CommandApdu{0x80, 0xE6, 0x02, 0x00, data.take(), 256}).sw;
    }
    StatusWord load_blocks(BytesView file, std::size_t size = 200) {
        unsigned number = 0;
        for (std::size_t at = 0; at < file.size(); at += size, ++number) {
            auto block = file.subspan(at, std::min(size, file.size() - at));
            bool last = at + block.size() == file.size();
            auto sw = terminal_
                          .send(CommandApdu{0x80, 0xE8, static_cast<std::uint8_t>(last ? 0x80 : 0),
                                            static_cast<std::uint8_t>(number), to_bytes(block), 256})
                          .sw;
            if (sw != StatusWord::kOk) return sw;
        }
        return StatusWord::kOk;
    }
    StatusWord install_hello() {
        return terminal_.sw("80E60C001A 05F04F544901 06F04F54490101 06F04F54490101 0100 02C900 00");
    }
    void load_hello() {
        ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
        ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
        ASSERT_EQ(install_hello(), StatusWord::kOk);
    }
    std::string list(std::string_view p1) {
        auto response = terminal_.send("80F2" + std::string(p1) + "02024F00");
        auto all = response.data;
        while (response.sw == StatusWord::kMoreData) {
            response = terminal_.send("80F2" + std::string(p1) + "03024F00");
            append(all, response.data);
        }
        return response.sw == StatusWord::kOk ? to_hex(all) : "";
    }
};

}  // namespace oti::card
