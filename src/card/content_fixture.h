// SPDX-License-Identifier: Apache-2.0
// For tests of content management: INSTALL commands by their fields, keys and states that a card was given
// before, packages of the tests' own.
#pragma once

#include <functional>
#include <initializer_list>

#include "card/secure_element_fixture.h"
#include "card/signature.h"

namespace oti::card {

class ContentFixture : public SecureElementTest {
  protected:
    static constexpr std::string_view kHello = "F04F544901", kHelloModule = "F04F54490101";

    /// Power off and on, with something changed in between that a card gets at its maker's or in another way.
    void restart(const std::function<void(Registry&, KeyStore&)>& change) {
        {
            auto nvm = testing::must(Nvm::open(std::make_unique<MemoryNvmFile>(medium_)));
            Registry registry(nvm);
            KeyStore keys(nvm);
            change(registry, keys);
            ASSERT_TRUE(nvm.commit());
        }
        se_ = testing::reopen(random_, medium_);
    }
    void put_key(std::string_view domain, KeyPlace place,
                 std::initializer_list<std::pair<KeyType, std::string_view>> components) {
        restart([&](Registry&, KeyStore& keys) {
            StoredKey key{place, {}};
            for (const auto& [type, value] : components)
                key.components.push_back({type, crypto::SecretBytes::copy_of(from_hex(value))});
            keys.put(Aid::constant(domain), key);
        });
    }
    /// A card of another profile.
    void make(std::string_view profile) {
        medium_ = std::make_shared<MemoryMedium>();
        se_ = testing::make_se(random_, profile, medium_);
    }

    /// A domain with keys of its own.
    void add_domain(std::string_view aid, std::string_view privileges, std::string_view c9 = "81020370") {
        open_issuer();
        ASSERT_EQ(create_domain(c9, aid, privileges), StatusWord::kOk);
        ASSERT_EQ(terminal_.open(aid, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
        ASSERT_EQ(put_keys(testing::kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    }
    void open_domain(std::string_view aid) {
        ASSERT_EQ(terminal_.open(aid, testing::keys_of(kOwnKey)), StatusWord::kOk);
    }

    /// INSTALL of this form; fields and parameters in hex, no token.
    static CommandApdu install(unsigned p1, std::initializer_list<std::string_view> fields,
                               std::string_view parameters = "", unsigned p2 = 0) {
        ByteWriter data;
        for (auto field : fields) data.lv(from_hex(field));
        auto value = from_hex(parameters);
        data.put(encode_length(value.size())).put(value).u8(0);
        return {0x80, 0xE6, static_cast<std::uint8_t>(p1), static_cast<std::uint8_t>(p2), data.take(), 256};
    }
    static CommandApdu install_hello(unsigned p1 = 0x0C, std::string_view privileges = "00",
                                     std::string_view parameters = "C900",
                                     std::string_view instance = kHelloModule) {
        return install(p1, {kHello, kHelloModule, instance, privileges}, parameters);
    }
    StatusWord sw(const CommandApdu& command) { return send(command).sw; }
    StatusWord sw(std::string_view hex) { return terminal_.sw(hex); }
    /// In parts where it is too long for one APDU.
    ResponseApdu send(const CommandApdu& command) {
        constexpr std::size_t kMaxPlain = 239, kPart = 255;
        return command.data.size() <= kMaxPlain ? terminal_.send(command) : send_in_parts(command, kPart);
    }
    ResponseApdu send_in_parts(const CommandApdu& command, std::size_t part) {
        auto wrapped = testing::must(CommandApdu::parse(testing::must(terminal_.host_->wrap(command))));
        BytesView rest = wrapped.data;
        while (rest.size() > part) {
            auto p1 = static_cast<std::uint8_t>(wrapped.p1 | 0x80);
            auto first = CommandApdu{wrapped.cla, wrapped.ins, p1, wrapped.p2, to_bytes(rest.first(part)), 0};
            EXPECT_EQ(to_hex(terminal_.plain(first.encode()).encode()), "9000");
            rest = rest.subspan(part);
        }
        auto last = CommandApdu{wrapped.cla, wrapped.ins, wrapped.p1, wrapped.p2, to_bytes(rest), 256};
        auto response = terminal_.plain(last.encode());
        auto plain = terminal_.host_->unwrap(response.encode());
        return is_success_or_warning(response.sw) ? testing::must(std::move(plain)) : response;
    }
    /// Another logical channel of the same card, seen as a card of its own with channel 0.
    ResponseApdu on_channel(std::uint8_t channel, std::string_view hex) {
        auto command = from_hex(hex);
        command[0] = iso7816::with_channel(command[0], channel);
        return terminal_.plain(command);
    }
    /// A session with the issuer's domain on channel 1, which is opened for it.
    scp::Scp03Host open_on_channel_1() {
        EXPECT_EQ(terminal_.plain("0070000001").sw, StatusWord::kOk);
        Bytes challenge(8, 0x5A);
        auto response = on_channel(1, to_hex(scp::initialize_update(scp::KeyVersion(0), challenge).encode()));
        auto host = testing::must(scp::Scp03Host::open(
            testing::keys_of(testing::kTestKey), challenge,
            testing::must(scp::InitializeUpdateResponse::parse(response.data)), scp::SecurityLevel::kFull));
        EXPECT_EQ(on_channel(1, to_hex(host.external_authenticate())).sw, StatusWord::kOk);
        return host;
    }

    static Bytes hello_block() {
        return testing::must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/hello.cap")).load_file_data_block();
    }
    StatusWord load_cap(std::string_view aid, const std::string& name) {
        auto announced = announce(aid);
        return announced == StatusWord::kOk ? load_blocks(load_file(name)) : announced;
    }
    std::optional<Application> application(std::string_view aid) const {
        return se_.registry().application(Aid::constant(aid));
    }
    bool exists(std::string_view aid) const { return se_.registry().contains(Aid::constant(aid)); }
};

}  // namespace oti::card
