// SPDX-License-Identifier: Apache-2.0
#include "card/key_commands.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/tlv.h"
#include "crypto/aes.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::uint8_t kAesKeyType = 0x88;
constexpr std::uint8_t kMultipleKeysFrom1 = 0x81;

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
std::expected<SecretBytes, StatusWord> read_key(ByteReader& reader, const scp::CardSession& session) {
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

}  // namespace

Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    auto replaced = command.p1;
    if (replaced > kMaxKeyVersion || command.p2 != kMultipleKeysFrom1)
        return refuse(StatusWord::kIncorrectP1P2);
    ByteReader reader(command.data, "PUT KEY");
    auto version = reader.u8();
    if (!version || *version == 0 || *version > kMaxKeyVersion) return refuse(StatusWord::kWrongData);
    auto versions = environment.keys.versions(domain.aid);
    auto has = [&](std::uint8_t which) { return std::ranges::find(versions, which) != versions.end(); };
    if (replaced != 0 && !has(replaced)) {
        return refuse(StatusWord::kReferencedDataNotFound);
    }
    if (*version != replaced && has(*version)) return refuse(StatusWord::kWrongData);
    if (replaced == 0 && environment.keys.places(domain.aid).size() + 3 > kMaxKeys)
        return refuse(StatusWord::kNoSpace);

    scp::KeySet keys;
    Bytes response{*version};
    for (auto* key : {&keys.enc, &keys.mac, &keys.dek}) {
        OTI_TRY(*key, read_key(reader, *channel.session));
        append(response, key_check_value(*key));
    }
    bool one_length = keys.enc.size() == keys.mac.size() && keys.enc.size() == keys.dek.size();
    if (!reader.empty() || !one_length) return refuse(StatusWord::kWrongData);

    for (auto place : environment.keys.places(domain.aid)) {
        if (place.version == replaced) environment.keys.erase(domain.aid, place);
    }
    environment.keys.put_set(domain.aid, *version, keys);
    if (domain.life_cycle < static_cast<std::uint8_t>(LifeCycle::kPersonalized) &&
        !domain.is_issuer_domain()) {
        auto personalized = domain;
        personalized.life_cycle = static_cast<std::uint8_t>(LifeCycle::kPersonalized);
        environment.registry.put(personalized);
    }
    return ResponseApdu{std::move(response)};
}

}  // namespace oti::card
