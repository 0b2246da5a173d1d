// SPDX-License-Identifier: Apache-2.0
#include "card/key_store.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

// The counter has its own record, so that opening a channel does not write the keys again.
std::string keys_prefix(const iso7816::Aid& domain) {
    return "keys/" + domain.hex() + "/";
}

std::string keys_name(const iso7816::Aid& domain, std::uint8_t version) {
    return keys_prefix(domain) + fmt::format("{:02X}", version);
}

std::string counter_name(const iso7816::Aid& domain, std::uint8_t version) {
    return fmt::format("counter/{}/{:02X}", domain.hex(), version);
}

}  // namespace

std::vector<std::uint8_t> KeyStore::versions(const iso7816::Aid& domain) const {
    std::vector<std::uint8_t> versions;
    auto prefix = keys_prefix(domain);
    nvm_->for_each(prefix, [&](std::string_view name, BytesView) {
        versions.push_back(from_hex(name.substr(prefix.size())).front());
    });
    return versions;
}

bool KeyStore::contains(const iso7816::Aid& domain, std::uint8_t version) const {
    return nvm_->contains(keys_name(domain, version));
}

std::optional<StoredKeySet> KeyStore::find(const iso7816::Aid& domain, std::uint8_t version) const {
    if (version == 0) {
        auto all = versions(domain);
        if (all.empty()) return std::nullopt;
        version = all.front();
    }
    auto bytes = nvm_->get(keys_name(domain, version));
    auto counter = nvm_->get(counter_name(domain, version));
    if (!bytes || !counter) return std::nullopt;
    ByteReader reader(*bytes, "key set");
    StoredKeySet set{version, {}, ByteReader(*counter, "counter").u32().value()};
    for (auto* key : {&set.keys.enc, &set.keys.mac, &set.keys.dek}) {
        *key = SecretBytes::copy_of(reader.take_lv().value());
    }
    return set;
}

void KeyStore::put(const iso7816::Aid& domain, std::uint8_t version, const scp::KeySet& keys) {
    ByteWriter writer;
    for (const auto* key : {&keys.enc, &keys.mac, &keys.dek}) writer.lv(key->view(SecretAccess::granted()));
    nvm_->put(keys_name(domain, version), writer.take());
    set_sequence_counter(domain, version, 0);
}

void KeyStore::set_sequence_counter(const iso7816::Aid& domain, std::uint8_t version, std::uint32_t counter) {
    nvm_->put(counter_name(domain, version), ByteWriter().u32(counter).take());
}

void KeyStore::erase(const iso7816::Aid& domain, std::uint8_t version) {
    nvm_->erase(keys_name(domain, version));
    nvm_->erase(counter_name(domain, version));
}

void KeyStore::erase_all(const iso7816::Aid& domain) {
    for (auto version : versions(domain)) erase(domain, version);
}

}  // namespace oti::card
