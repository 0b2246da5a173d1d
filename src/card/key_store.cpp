// SPDX-License-Identifier: Apache-2.0
#include "card/key_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

std::string packet_counter_name(const Aid& domain, std::uint8_t version) {
    return fmt::format("packets/{}/{:02X}", domain.hex(), version);
}

std::string_view kind_of(KeyAttachment what) {
    switch (what) {
        case KeyAttachment::kCertificates:
            return "certificates";
        case KeyAttachment::kAuthority:
            return "authority";
        case KeyAttachment::kAllowlist:
            return "allowlist";
        case KeyAttachment::kMacSize:
            return "mac-size";
        default:
            return "allowlist-counter";
    }
}

constexpr std::array kAttachments{KeyAttachment::kCertificates, KeyAttachment::kAuthority,
                                  KeyAttachment::kAllowlist, KeyAttachment::kAllowlistCounter,
                                  KeyAttachment::kMacSize};

std::string attachment_name(const Aid& domain, KeyPlace place, KeyAttachment what) {
    return fmt::format("{}/{}/{:02X}{:02X}", kind_of(what), domain.hex(), place.version, place.id);
}

/// The beginnings of the names of all records that a domain has here.
std::vector<std::string> prefixes(const Aid& domain) {
    std::vector<std::string> all{keys_prefix(domain), "counter/" + domain.hex() + "/",
                                 "packets/" + domain.hex() + "/"};
    for (auto what : kAttachments) all.push_back(fmt::format("{}/{}/", kind_of(what), domain.hex()));
    return all;
}

/// The records that begin with a prefix: what follows it, and the value.
std::vector<std::pair<std::string, Bytes>> records(const Nvm& nvm, std::string_view prefix) {
    std::vector<std::pair<std::string, Bytes>> found;
    nvm.for_each(prefix, [&](std::string_view name, BytesView value) {
        found.emplace_back(name.substr(prefix.size()), to_bytes(value));
    });
    return found;
}

}  // namespace

bool StoredKey::may_open_channel_of(bool own_domain) const {
    return access.value_or(kForAll) != (own_domain ? kForApplicationsOnly : kForDomainOnly);
}

const KeyComponent* StoredKey::component(KeyType type) const {
    auto found = std::ranges::find(components, type, &KeyComponent::type);
    return found == components.end() ? nullptr : &*found;
}

std::optional<crypto::Curve> StoredKey::curve() const {
    const auto* reference = component(KeyType::kEcParameters);
    if (reference == nullptr || reference->value.size() != 1) return std::nullopt;
    return crypto::curve_of_reference(reference->value.view(SecretAccess::granted()).front());
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
    key.usage = to_bytes(reader.take_lv().value());
    auto access = reader.take_lv().value();
    if (!access.empty()) key.access = access.front();
    if (auto size = attachment(domain, place, KeyAttachment::kMacSize)) key.mac_size = size->front();
    while (!reader.empty()) {
        auto type = static_cast<KeyType>(reader.u8().value());
        auto size = reader.u16().value();
        key.components.push_back({type, SecretBytes::copy_of(reader.take(size).value())});
    }
    return key;
}

void KeyStore::put(const Aid& domain, const StoredKey& key) {
    ByteWriter writer;
    writer.lv(key.usage).lv(key.access ? Bytes{*key.access} : Bytes{});
    for (const auto& [type, value] : key.components) {
        writer.u8(static_cast<unsigned>(type)).u16(static_cast<unsigned>(value.size()));
        writer.put(value.view(SecretAccess::granted()));
    }
    detach(domain, key.place, KeyAttachment::kCertificates);
    detach(domain, key.place, KeyAttachment::kAuthority);
    detach(domain, key.place, KeyAttachment::kMacSize);
    nvm_->put(key_name(domain, key.place), writer.take());
    if (key.mac_size) attach(domain, key.place, KeyAttachment::kMacSize, Bytes{*key.mac_size});
}

void KeyStore::replace(const Aid& domain, KeyPlace old, const StoredKey& key) {
    if (old != key.place) {
        for (auto what : {KeyAttachment::kAllowlist, KeyAttachment::kAllowlistCounter}) {
            auto value = attachment(domain, old, what);
            if (value) attach(domain, key.place, what, to_bytes(*value));
        }
        erase(domain, old);
        detach(domain, old, KeyAttachment::kAllowlistCounter);
    }
    put(domain, key);
}

void KeyStore::erase(const Aid& domain, KeyPlace place) {
    nvm_->erase(key_name(domain, place));
    for (auto what : {KeyAttachment::kCertificates, KeyAttachment::kAuthority, KeyAttachment::kAllowlist,
                      KeyAttachment::kMacSize}) {
        detach(domain, place, what);
    }
    auto left = versions(domain);
    if (std::ranges::find(left, place.version) == left.end()) {
        nvm_->erase(counter_name(domain, place.version));
        nvm_->erase(packet_counter_name(domain, place.version));
    }
}

void KeyStore::erase_all(const Aid& domain) {
    for (const auto& prefix : prefixes(domain)) {
        for (const auto& [rest, value] : records(*nvm_, prefix)) nvm_->erase(prefix + rest);
    }
}

void KeyStore::rename(const Aid& domain, const Aid& name) {
    auto from = prefixes(domain), to = prefixes(name);
    for (std::size_t n = 0; n < from.size(); ++n) {
        for (auto& [rest, value] : records(*nvm_, from[n])) {
            nvm_->erase(from[n] + rest);
            nvm_->put(to[n] + rest, std::move(value));
        }
    }
}

std::optional<StoredKeySet> KeyStore::find_set(const Aid& domain, std::uint8_t version) const {
    if (version == 0) {
        for (auto candidate : versions(domain)) {
            if (auto set = find_set(domain, candidate)) return set;
        }
        return std::nullopt;
    }
    StoredKeySet set{version, KeyType::kAes, {}, sequence_counter(domain, version)};
    std::optional<KeyType> type;
    for (auto [id, value] :
         {std::pair{kKeyEnc, &set.keys.enc}, {kKeyMac, &set.keys.mac}, {kKeyDek, &set.keys.dek}}) {
        auto key = find(domain, {version, id});
        if (!key || key->components.size() != 1) return std::nullopt;
        auto& component = key->components.front();
        if (!is_symmetric(component.type) || component.type != type.value_or(component.type))
            return std::nullopt;
        type = component.type;
        *value = std::move(component.value);
        if (value->size() != set.keys.enc.size()) return std::nullopt;
        set.for_own_domain = set.for_own_domain && key->may_open_channel_of(true);
        set.for_other_domains = set.for_other_domains && key->may_open_channel_of(false);
    }
    set.type = *type;
    return set;
}

void KeyStore::put_set(const Aid& domain, std::uint8_t version, const scp::KeySet& keys, KeyType type) {
    auto put_key = [&](std::uint8_t id, const SecretBytes& value) {
        StoredKey key{{version, id}, {}};
        key.components.push_back({type, value.clone()});
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

std::uint64_t KeyStore::packet_counter(const Aid& domain, std::uint8_t version) const {
    auto bytes = nvm_->get(packet_counter_name(domain, version));
    std::uint64_t counter = 0;
    if (bytes) {
        for (auto byte : *bytes) counter = counter << 8 | byte;
    }
    return counter;
}

void KeyStore::set_packet_counter(const Aid& domain, std::uint8_t version, std::uint64_t counter) {
    ByteWriter writer;
    writer.u8(static_cast<unsigned>(counter >> 32)).u32(static_cast<std::uint32_t>(counter));
    nvm_->put(packet_counter_name(domain, version), writer.take());
}

std::optional<BytesView> KeyStore::attachment(const Aid& domain, KeyPlace place, KeyAttachment what) const {
    return nvm_->get(attachment_name(domain, place, what));
}

void KeyStore::attach(const Aid& domain, KeyPlace place, KeyAttachment what, BytesView value) {
    nvm_->put(attachment_name(domain, place, what), to_bytes(value));
}

void KeyStore::detach(const Aid& domain, KeyPlace place, KeyAttachment what) {
    nvm_->erase(attachment_name(domain, place, what));
}

}  // namespace oti::card
