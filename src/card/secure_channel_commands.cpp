// SPDX-License-Identifier: Apache-2.0
#include "card/secure_channel_commands.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "crypto/aes.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::uint8_t kScp03 = 0x03, kAesKeyType = 0x88;
constexpr std::uint8_t kMultipleKeysFrom1 = 0x81;
constexpr std::uint8_t kMaxKeyVersion = 0x7F;

/// The domain that has the keys with which `domain` is opened: itself, or the nearest one above with keys.
Aid key_holder(const Environment& environment, const Application& domain) {
    auto at = domain;
    while (environment.keys.versions(at.aid).empty() && at.security_domain != at.aid) {
        auto above = environment.registry.application(at.security_domain);
        if (!above) break;
        at = *above;
    }
    return at.aid;
}

/// GPCS 2.3.1, B.6: the first 3 bytes of the key over 16 bytes of 01.
Bytes key_check_value(const SecretBytes& key) {
    auto aes = crypto::Aes::create(key);
    crypto::AesBlock block;
    block.fill(0x01);
    aes.value().ecb_encrypt(block, block);
    return {block.begin(), block.begin() + 3};
}

/// One key of PUT KEY: `88`, length, the encrypted key (with its own length before it, or without), length,
/// KCV.
std::expected<SecretBytes, StatusWord> read_key(ByteReader& reader, const scp::Scp03Card& session) {
    auto type = reader.u8();
    auto size = type ? read_length(reader) : std::unexpected(type.error());
    auto field = size ? reader.take(*size) : std::unexpected(size.error());
    auto check = field ? reader.take_lv() : field;
    if (!check || *type != kAesKeyType) return refuse(StatusWord::kWrongData);
    std::size_t key_size = field->size();
    if (field->size() % crypto::kAesBlock == 1) {
        key_size = field->front();
        field = field->subspan(1);
        // AES-192 is padded to two blocks.
        if (field->size() != (key_size + crypto::kAesBlock - 1) / crypto::kAesBlock * crypto::kAesBlock) {
            return refuse(StatusWord::kWrongData);
        }
    }
    if (key_size != 16 && key_size != 24 && key_size != 32) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto decrypted, session.decrypt_sensitive(*field));
    auto key = SecretBytes::copy_of(decrypted.view(SecretAccess::granted()).first(key_size));
    if (!check->empty() && !same(*check, key_check_value(key))) return refuse(StatusWord::kWrongData);
    return key;
}

/// Card Recognition Data (GPCS 2.3.1, H.2): object identifiers below 1.2.840.114283.
Bytes card_recognition_data(const Environment& environment, std::uint8_t i) {
    auto oid = [](std::string_view hex) { return encode_tlv(0x06, from_hex(hex)); };
    bool old = environment.profile.gp_version == "2.2.1";
    auto scp = from_hex("2A864886FC6B04");
    scp.push_back(kScp03);
    scp.push_back(i);
    auto content = concat(oid("2A864886FC6B01"),
                          encode_tlv(0x60, oid(old ? "2A864886FC6B02020201" : "2A864886FC6B02020301")),
                          encode_tlv(0x63, oid("2A864886FC6B03")), encode_tlv(0x64, encode_tlv(0x06, scp)));
    return encode_tlv(0x66, encode_tlv(0x73, content));
}

/// Key Information Template (GPCS 2.3.1, 11.3.3.1): key identifier, version, type, length.
Bytes key_information(const Environment& environment, const Aid& domain) {
    Bytes content;
    for (auto version : environment.keys.versions(domain)) {
        auto set = environment.keys.find(domain, version);
        for (std::uint8_t id = 1; id <= 3; ++id) {
            auto size = static_cast<std::uint8_t>(set->keys.enc.size());
            append(content, encode_tlv(0xC0, Bytes{id, version, kAesKeyType, size}));
        }
    }
    return encode_tlv(0xE0, content);
}

}  // namespace

Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command) {
    channel.session.reset();
    auto i = domain.scp03_i;
    if (command.cla >> 4 != 0x8) return refuse(StatusWord::kClaNotSupported);
    if (command.p2 != 0) return refuse(StatusWord::kIncorrectP1P2);
    if (command.data.size() != scp::Scp03Card::mac_size(i)) return refuse(StatusWord::kWrongLength);
    auto holder = key_holder(environment, domain);
    auto set = environment.keys.find(holder, command.p1);
    if (!set) return refuse(StatusWord::kReferencedDataNotFound);

    Bytes challenge, counter;
    if (scp::Scp03Card::is_pseudo_random(i)) {
        // Incremented before its use (Amendment D, 6.2.2.1), and durably so: a challenge never comes twice.
        if (set->sequence_counter >= kMaxSequenceCounter) return refuse(StatusWord::kConditionsNotSatisfied);
        auto next = set->sequence_counter + 1;
        environment.keys.set_sequence_counter(holder, set->version, next);
        auto computed = scp::Scp03Card::pseudo_random_challenge(set->keys, i, next, domain.aid.bytes());
        if (!computed) return refuse(StatusWord::kNoPreciseDiagnosis);
        challenge = std::move(*computed);
        auto four = ByteWriter().u32(next).take();
        counter.assign(four.begin() + 1, four.end());
    } else {
        challenge = environment.random.bytes(scp::Scp03Card::mac_size(i));
    }
    auto session = scp::Scp03Card::initialize(i, set->keys, command.data, challenge);
    if (!session) return refuse(StatusWord::kNoPreciseDiagnosis);
    auto response = concat(environment.identity.key_diversification_data, Bytes{set->version, kScp03, i},
                           challenge, session->card_cryptogram(), counter);
    channel.session = std::move(*session);
    return ResponseApdu{std::move(response)};
}

Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    auto replaced = command.p1;
    if (replaced > kMaxKeyVersion || command.p2 != kMultipleKeysFrom1)
        return refuse(StatusWord::kIncorrectP1P2);
    ByteReader reader(command.data, "PUT KEY");
    auto version = reader.u8();
    if (!version || *version == 0 || *version > kMaxKeyVersion) return refuse(StatusWord::kWrongData);
    if (replaced != 0 && !environment.keys.contains(domain.aid, replaced)) {
        return refuse(StatusWord::kReferencedDataNotFound);
    }
    if (*version != replaced && environment.keys.contains(domain.aid, *version))
        return refuse(StatusWord::kWrongData);

    scp::KeySet keys;
    Bytes response{*version};
    for (auto* key : {&keys.enc, &keys.mac, &keys.dek}) {
        OTI_TRY(*key, read_key(reader, *channel.session));
        append(response, key_check_value(*key));
    }
    bool one_length = keys.enc.size() == keys.mac.size() && keys.enc.size() == keys.dek.size();
    if (!reader.empty() || !one_length) return refuse(StatusWord::kWrongData);

    if (replaced != 0) environment.keys.erase(domain.aid, replaced);
    environment.keys.put(domain.aid, *version, keys);
    if (domain.life_cycle < static_cast<std::uint8_t>(LifeCycle::kPersonalized) &&
        domain.aid != domain.security_domain) {
        auto personalized = domain;
        personalized.life_cycle = static_cast<std::uint8_t>(LifeCycle::kPersonalized);
        environment.registry.put(personalized);
    }
    return ResponseApdu{std::move(response)};
}

Answer get_data(Environment& environment, const Application& domain, const CommandApdu& command) {
    const auto& identity = environment.identity;
    auto stored = [&](std::string_view name, const Bytes& original) {
        auto value = environment.nvm.get(name);
        return value ? to_bytes(*value) : original;
    };
    switch (command.p1 << 8 | command.p2) {
        case 0x0042:
            return ResponseApdu{encode_tlv(0x42, stored("data/42", identity.iin))};
        case 0x0045:
            return ResponseApdu{encode_tlv(0x45, stored("data/45", identity.cin))};
        case 0x0066:
            return ResponseApdu{card_recognition_data(environment, domain.scp03_i)};
        case 0x9F7F:
            return ResponseApdu{encode_tlv(0x9F7F, identity.cplc)};
        case 0x00CF:
            return ResponseApdu{encode_tlv(0xCF, identity.key_diversification_data)};
        case 0x00E0:
            return ResponseApdu{key_information(environment, domain.aid)};
        case 0x00C1: {
            auto set = environment.keys.find(domain.aid, 0);
            if (!set) return refuse(StatusWord::kReferencedDataNotFound);
            auto counter = ByteWriter().u32(set->sequence_counter).take();
            return ResponseApdu{encode_tlv(0xC1, BytesView(counter).subspan(1))};
        }
        default:
            return refuse(StatusWord::kReferencedDataNotFound);
    }
}

Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command) {
    // Somebody else is personalized: an application, which is not run.
    if (channel.personalized) return refuse(StatusWord::kConditionsNotSatisfied);
    if (domain.aid != domain.security_domain) return refuse(StatusWord::kConditionsNotSatisfied);
    auto objects = read_all_tlv(command.data, "STORE DATA");
    if (!objects || objects->empty()) return refuse(StatusWord::kWrongData);
    for (const auto& object : *objects) {
        if (object.tag != 0x42 && object.tag != 0x45) return refuse(StatusWord::kWrongData);
        environment.nvm.put(object.tag == 0x42 ? "data/42" : "data/45", to_bytes(object.value));
    }
    return ResponseApdu{};
}

}  // namespace oti::card
