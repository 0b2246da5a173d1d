// SPDX-License-Identifier: Apache-2.0
#include "card/card_data.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "card/channel_options.h"
#include "card/memory.h"
#include "crypto/curve.h"

namespace oti::card {
namespace {

/// A template E0 of that size fits into a protected response in S8 and in S16 mode.
constexpr std::size_t kMaxKeyInformation = 228;

Bytes oid(std::string_view hex) {
    return encode_tlv(0x06, from_hex(hex));
}

Bytes protocol_object(std::uint8_t protocol, std::uint8_t i) {
    auto scp = from_hex("2A864886FC6B04");
    append(scp, Bytes{protocol, i});
    return encode_tlv(0x64, encode_tlv(0x06, scp));
}

/// SCP information (table H-6).
Bytes scp_information(std::uint8_t protocol, BytesView options, BytesView keys) {
    auto content = concat(encode_tlv(0x80, Bytes{protocol}), encode_tlv(0x81, options));
    if (!keys.empty()) append(content, encode_tlv(0x82, keys));
    return encode_tlv(0xA0, content);
}

/// The length that key information gives for a component; 0 for 256 and more.
std::size_t told_length(const KeyComponent& component) {
    // Of a point without the byte that says "uncompressed".
    return component.value.size() - (component.type == KeyType::kEcPublic ? 1 : 0);
}

/// Key Information Data: basic, or extended if PUT KEY was (tables 11-28, 11-29).
Bytes describe(const StoredKey& key) {
    bool extended = !key.usage.empty() || key.access;
    ByteWriter entry;
    entry.u8(key.place.id).u8(key.place.version);
    for (const auto& component : key.components) {
        if (extended) entry.u8(0xFF);
        entry.u8(static_cast<unsigned>(component.type));
        if (component.type == KeyType::kEcParameters) {
            // In the place of a length, its value (11.3.3.1.1).
            entry.put(component.value.view(crypto::SecretAccess::granted()));
            continue;
        }
        auto length = static_cast<unsigned>(told_length(component));
        if (extended) {
            entry.u16(length);
        } else {
            entry.u8(length > 0xFF ? 0 : length);
        }
    }
    // The structure has room for the first byte of the usage only.
    if (extended) {
        entry.lv(BytesView(key.usage).first(std::min<std::size_t>(key.usage.size(), 1)));
        entry.lv(key.access ? Bytes{*key.access} : Bytes{});
    }
    return encode_tlv(0xC0, entry.view());
}

}  // namespace

Bytes number_of(const Environment& environment, const Aid& domain, Tag tag) {
    auto own = environment.registry.data_object(domain, tag);
    if (own) return to_bytes(*own);
    return tag == 0x42 ? environment.identity.iin : environment.identity.cin;
}

Bytes key_diversification_data(const Environment& environment, const Aid& domain) {
    auto own = environment.registry.data_object(domain, 0xCF);
    return own ? to_bytes(*own) : environment.identity.key_diversification_data;
}

Bytes card_recognition_data(const Environment& environment, const Application& domain) {
    auto version = environment.profile.is_old() ? "2A864886FC6B02020201" : "2A864886FC6B02020301";
    auto options = channel_options(environment.profile, domain);
    auto content = concat(oid("2A864886FC6B01"), encode_tlv(0x60, oid(version)),
                          encode_tlv(0x63, oid("2A864886FC6B03")));
    if (options.scp02_i) append(content, protocol_object(kScp02, *options.scp02_i));
    if (options.scp03_i) append(content, protocol_object(kScp03, *options.scp03_i));
    if (options.scp11_i && has_agreement_key(environment, domain))
        append(content, protocol_object(kScp11, *options.scp11_i));
    return encode_tlv(0x73, content);
}

Bytes card_capability_information(const Profile& profile) {
    Bytes scp03;
    bool s16 = (profile.scp03_i & 0x01) != 0;
    for (auto i : {0x00, 0x10, 0x20, 0x30, 0x60, 0x70}) {
        scp03.push_back(static_cast<std::uint8_t>(i));
        if (s16) scp03.push_back(static_cast<std::uint8_t>(i | 0x01));
    }
    constexpr std::uint8_t kAllAesKeys = 0x07;
    Bytes content;
    if (profile.scp02_i) append(content, scp_information(kScp02, from_hex("1555"), {}));
    append(content, scp_information(kScp03, scp03, Bytes{kAllAesKeys}));
    if (profile.scp11_i) append(content, scp_information(kScp11, Bytes{*profile.scp11_i}, {}));
    // Privileges of domains and of applications (table 6-1).
    append(content, encode_tlv(0x81, from_hex("FFFFF0")));
    append(content, encode_tlv(0x82, from_hex("1E0F30")));
    append(content, encode_tlv(0x83, from_hex("01020304")));
    // Ciphers and signatures: all of tables H-8 to H-10, but no receipts with RSA.
    append(content, encode_tlv(0x84, from_hex("8F")));
    append(content, encode_tlv(0x85, from_hex("FF03")));
    append(content, encode_tlv(0x86, from_hex("FC03")));
    append(content, encode_tlv(0x87, from_hex("FF03")));
    Bytes curves;
    for (unsigned reference = 0; reference <= 0x07; ++reference) {
        auto byte = static_cast<std::uint8_t>(reference);
        if (crypto::curve_of_reference(byte)) curves.push_back(byte);
    }
    append(content, encode_tlv(0x88, curves));
    return content;
}

Bytes card_resources(const Environment& environment) {
    auto all = environment.registry.applications();
    // The issuer's domain was never installed.
    auto installed = ByteWriter().u16(static_cast<unsigned>(all.size() - 1)).take();
    auto nonvolatile =
        ByteWriter().u32(static_cast<std::uint32_t>(free_nonvolatile_memory(environment))).take();
    auto volatile_memory =
        ByteWriter().u32(static_cast<std::uint32_t>(free_volatile_memory(environment))).take();
    return concat(encode_tlv(0x81, installed), encode_tlv(0x82, nonvolatile),
                  encode_tlv(0x83, volatile_memory));
}

Bytes list_of_applications(const Environment& environment, const Application& domain) {
    const auto& registry = environment.registry;
    bool sees_all = domain.privileges.has(Privilege::kGlobalRegistry);
    Bytes list;
    for (const auto& entry : registry.applications()) {
        if (!sees_all && entry.security_domain != domain.aid) continue;
        append(list, encode_tlv(0x61, encode_tlv(0x4F, entry.aid.bytes())));
    }
    return list;
}

std::optional<Bytes> key_information(const KeyStore& keys, const Aid& domain, std::size_t page) {
    std::vector<Bytes> pages(1);
    for (auto place : keys.places(domain)) {
        auto entry = describe(*keys.find(domain, place));
        if (pages.back().size() + entry.size() > kMaxKeyInformation) pages.emplace_back();
        append(pages.back(), entry);
    }
    if (page >= pages.size()) return std::nullopt;
    return std::move(pages[page]);
}

}  // namespace oti::card
