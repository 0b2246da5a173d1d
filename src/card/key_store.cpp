// SPDX-License-Identifier: Apache-2.0
#include "card/key_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::Aid;

// The counter has its own record, so that opening a channel does not write the keys again.
std::string keys_prefix(const Aid& domain) {
    return "keys/" + domain.hex() + "/";
}

std::string key_name(const Aid& domain, KeyPlace place) {
    return keys_prefix(domain) + fmt::format("{:02X}{:02X}", place.version, place.id);
}

std::string counter_name(const Aid& domain, std::uint8_t version) {
    return fmt::format("counter/{}/{:02X}", domain.hex(), version);
}

bool is_symmetric(KeyType type) {
    return type == KeyType::kAes || type == KeyType::kTripleDes || type == KeyType::kTripleDesCbc;
}

}  // namespace

const KeyComponent* StoredKey::component(KeyType type) const {
    auto found = std::ranges::find(components, type, &KeyComponent::type);
    return found == components.end() ? nullptr : &*found;
}

std::vector<KeyPlace> KeyStore::places(const Aid& domain) const {
    std::vector<KeyPlace> places;
    auto prefix = keys_prefix(domain);
    nvm_->for_each(prefix, [&](std::string_view name, BytesView) {
        auto bytes = from_hex(name.substr(prefix.size()));
        places.push_back({bytes.at(0), bytes.at(1)});
    });
    return places;
}

std::vector<std::uint8_t> KeyStore::versions(const Aid& domain) const {
    std::vector<std::uint8_t> versions;
    for (auto place : places(domain)) {
        if (versions.empty() || versions.back() != place.version) versions.push_back(place.version);
    }
    return versions;
}

bool KeyStore::contains(const Aid& domain, KeyPlace place) const {
    return nvm_->contains(key_name(domain, place));
}

std::optional<StoredKey> KeyStore::find(const Aid& domain, KeyPlace place) const {
    auto bytes = nvm_->get(key_name(domain, place));
    if (!bytes) return std::nullopt;
    ByteReader reader(*bytes, "key");
    StoredKey key{place, {}};
    while (!reader.empty()) {
        auto type = static_cast<KeyType>(reader.u8().value());
        auto size = reader.u16().value();
        key.components.push_back({type, SecretBytes::copy_of(reader.take(size).value())});
    }
    return key;
}

void KeyStore::put(const Aid& domain, const StoredKey& key) {
    ByteWriter writer;
    for (const auto& [type, value] : key.components) {
        writer.u8(static_cast<unsigned>(type)).u16(static_cast<unsigned>(value.size()));
        writer.put(value.view(SecretAccess::granted()));
    }
    nvm_->put(key_name(domain, key.place), writer.take());
}

void KeyStore::erase(const Aid& domain, KeyPlace place) {
    nvm_->erase(key_name(domain, place));
    auto left = versions(domain);
    if (std::ranges::find(left, place.version) == left.end()) {
        nvm_->erase(counter_name(domain, place.version));
    }
}

void KeyStore::erase_all(const Aid& domain) {
    for (auto place : places(domain)) erase(domain, place);
}

std::optional<StoredKeySet> KeyStore::find_set(const Aid& domain, std::uint8_t version) const {
    if (version == 0) {
        for (auto candidate : versions(domain)) {
            if (auto set = find_set(domain, candidate)) return set;
        }
        return std::nullopt;
    }
    StoredKeySet set{version, KeyType::kAes, {}, sequence_counter(domain, version)};
    auto take = [&](std::uint8_t id) {
        auto key = find(domain, {version, id});
        if (!key || key->components.size() != 1 || !is_symmetric(key->components.front().type)) {
            return SecretBytes();
        }
        set.type = key->components.front().type;
        return std::move(key->components.front().value);
    };
    auto type = [&](std::uint8_t id) { return find(domain, {version, id})->components.front().type; };
    set.keys = {take(kKeyEnc), take(kKeyMac), take(kKeyDek)};
    auto size = set.keys.enc.size();
    if (size == 0 || set.keys.mac.size() != size || set.keys.dek.size() != size) return std::nullopt;
    if (type(kKeyEnc) != set.type || type(kKeyMac) != set.type) return std::nullopt;
    return set;
}

void KeyStore::put_set(const Aid& domain, std::uint8_t version, const scp::KeySet& keys) {
    auto put_key = [&](std::uint8_t id, const SecretBytes& value) {
        StoredKey key{{version, id}, {}};
        key.components.push_back({KeyType::kAes, value.clone()});
        put(domain, key);
    };
    put_key(kKeyEnc, keys.enc);
    put_key(kKeyMac, keys.mac);
    put_key(kKeyDek, keys.dek);
    set_sequence_counter(domain, version, 0);
}

std::uint32_t KeyStore::sequence_counter(const Aid& domain, std::uint8_t version) const {
    auto bytes = nvm_->get(counter_name(domain, version));
    return bytes ? ByteReader(*bytes, "counter").u32().value() : 0;
}

void KeyStore::set_sequence_counter(const Aid& domain, std::uint8_t version, std::uint32_t counter) {
    nvm_->put(counter_name(domain, version), ByteWriter().u32(counter).take());
}

}  // namespace oti::card
