// SPDX-License-Identifier: Apache-2.0
// Power fails at every write of a script of all forms of content management: what the registry, the keys and
// the counters say together is what they said before the command, or what they say after it.
#include <gtest/gtest.h>

#include "base/tlv.h"
#include "card/power_cut_fixture.h"
#include "card/signature.h"
#include "crypto/digest.h"

namespace oti::card::power {
namespace {

constexpr std::string_view kDelegate = "F04F544907", kBelow = "F04F544908", kHello = "F04F544901",
                           kHelloModule = "F04F54490101", kMacKey = "101112131415161718191A1B1C1D1E1F";

/// Keys that tokens and receipts need are there from the start.
void give_mac_keys(const Medium& medium) {
    auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium)));
    for (auto place : {kTokenKey, kReceiptKey}) {
        StoredKey key{place, {}};
        key.components.push_back({KeyType::kAes, crypto::SecretBytes::copy_of(from_hex(kMacKey))});
        KeyStore(nvm).put(Aid::constant(kIssuer), key);
    }
    ASSERT_TRUE(nvm.commit());
}

CommandApdu install(unsigned p1, std::initializer_list<std::string_view> fields,
                    std::string_view parameters = "", unsigned p2 = 0) {
    ByteWriter data;
    for (auto field : fields) data.lv(from_hex(field));
    data.lv(from_hex(parameters)).u8(0);
    return {0x80, 0xE6, static_cast<std::uint8_t>(p1), static_cast<std::uint8_t>(p2), data.take(), 256};
}

Bytes token_over(BytesView message) {
    auto mac = crypto::cmac(crypto::SecretBytes::copy_of(from_hex(kMacKey)), message);
    return to_bytes(must(std::move(mac)));
}

/// The same with its token (C.4).
CommandApdu allowed(CommandApdu command) {
    command.data.pop_back();
    ByteWriter message;
    message.u8(command.p1).u8(command.p2).lv(command.data);
    append(command.data, Bytes{0x10});
    append(command.data, token_over(message.view()));
    return command;
}

Step send(const CommandApdu& command) {
    return [command](Terminal& terminal) { return ok(terminal.send(command)); };
}

Bytes block() {
    return must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/hello.cap")).load_file_data_block();
}

/// From INSTALL [for load], or the combined form, to the end; only the last command changes something.
Step load(const CommandApdu& first, std::optional<CommandApdu> last = std::nullopt) {
    return [=](Terminal& terminal) {
        auto file = cap::load_file(block());
        BytesView view = file;
        if (!ok(terminal.send(first)) ||
            !ok(terminal.send({0x80, 0xE8, 0x00, 0x00, to_bytes(view.first(200)), 256})) ||
            !ok(terminal.send({0x80, 0xE8, 0x80, 0x01, to_bytes(view.subspan(200)), 256}))) {
            return false;
        }
        return !last || ok(terminal.send(*last));
    };
}

Step put_keys(std::string_view dek) {
    return [dek](Terminal& terminal) { return ok(terminal.send(put_key_command(dek, kOwnKey))); };
}

CommandApdu create_domain(std::string_view aid, std::string_view privileges) {
    return install(0x0C, {"A0000001515350", "A000000151535041", aid, privileges}, "C90481020370");
}

Step delete_by_token(std::string_view aid) {
    auto data = encode_tlv(0x4F, from_hex(aid));
    ByteWriter message;
    message.u8(0).u8(0x80).lv(data);
    append(data, encode_tlv(0x9E, token_over(message.view())));
    return send({0x80, 0xE4, 0x00, 0x80, data, 256});
}

Life management() {
    Life life{{}, give_mac_keys};
    auto hash = to_hex(crypto::sha256(block()));
    auto installed = install(0x0E, {"", kHelloModule, kHelloModule, "00"}, "C900", 0x03);
    life.steps = {
        // The issuer makes a domain with authorized management, and it one below it.
        open_session(kIssuer, kTestKey), send(create_domain(kDomain, "80C000")),
        send(create_domain(kDelegate, "A08000")), open_session(kDomain, kTestKey), put_keys(kTestKey),
        open_session(kDomain, kOwnKey), send(create_domain(kBelow, "808000")), open_session(kBelow, kOwnKey),
        put_keys(kOwnKey),
        // An application in one go; it changes, moves, and goes.
        open_session(kDomain, kOwnKey), load(install(0x0E, {kHello, "", ""}, "", 0x01), installed),
        send(install(0x40, {"", "", kHelloModule, "008000"}, "EF03CF0141B6055F2002ABCD")),
        send(install(0x10, {kBelow, "", kHelloModule, ""})), send(install(0x10, {kBelow, "", kHello, ""})),
        send(install(0x40, {kDomain, "", kHelloModule, "000000"})), command("80F0608005F04F544908"),
        command("80F0600005F04F544908"), command("80E40080074F05F04F544908"),
        // Card Reset goes to an application and returns when that is deleted.
        open_session(kIssuer, kTestKey), load(install(0x02, {kHello, "", ""})),
        send(install(0x04, {kHello, kHelloModule, "F04F54490102", "00"}, "C900")),
        send(install(0x08, {"", "", "F04F54490102", "04"})), command("80E40080074F05F04F544901"),
        // Delegated, with receipts that are counted.
        open_session(kDelegate, kTestKey), put_keys(kTestKey), open_session(kDelegate, kOwnKey),
        load(allowed(install(0x02, {kHello, "", hash}))),
        send(allowed(install(0x0C, {kHello, kHelloModule, kHelloModule, "00"}, "C900"))),
        send(allowed(install(0x40, {"", "", kHelloModule, "020000"}))), delete_by_token(kHello),
        command("80F0408005F04F544907"),
        // The end: functions off, a domain with content deleted, the card locked and terminated.
        open_session(kIssuer, kTestKey), send(install(0x40, {"", "", kDomain, ""}, "EF03D90102")),
        send(install(0x40, {"", "", kIssuer, "9EDE80"})), command("80E40080074F05F04F544900"),
        send(install(0x40, {"", "", "", ""}, "EF03D90140")), command("80F0807F00"), command("80F0800F00"),
        command("80F080FF00")};
    return life;
}

/// Whether what is recorded belongs together.
void expect_consistent(const std::map<std::string, Bytes>& state) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = must(Nvm::open(std::make_unique<MemoryNvmFile>(medium)));
    for (const auto& [key, value] : state) nvm.put(key, value);
    Registry registry(nvm);
    int resets = 0;
    for (const auto& entry : registry.applications()) {
        auto domain = registry.application(entry.security_domain);
        EXPECT_TRUE(domain && domain->is_security_domain()) << entry.aid.hex();
        EXPECT_TRUE(registry.load_file(entry.load_file)) << entry.aid.hex();
        resets += entry.privileges.has(Privilege::kCardReset) ? 1 : 0;
    }
    EXPECT_EQ(resets, 1);
    for (const auto& file : registry.load_files()) {
        EXPECT_TRUE(registry.application(file.security_domain)) << file.aid.hex();
        EXPECT_EQ(nvm.contains("code/" + file.aid.hex()), !file.preloaded);
    }
    for (const auto& [key, value] : state) {
        bool of_domain = key.starts_with("keys/") || key.starts_with("counter/") || key.starts_with("data/");
        if (!of_domain) continue;
        auto aid = key.substr(key.find('/') + 1);
        aid = aid.substr(0, aid.find('/'));
        EXPECT_TRUE(registry.application(Aid::constant(aid))) << key;
    }
}

TEST(ContentPower, ACutAtAnyWriteOfAnyManagementLeavesTheStateBeforeOrAfter) {
    auto life = management();
    auto whole = live_whole(life);
    if (::testing::Test::HasFailure()) return;
    for (const auto& state : whole.states) expect_consistent(state);
    cut_at_every_write(life, whole);
}

}  // namespace
}  // namespace oti::card::power
