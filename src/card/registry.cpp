// SPDX-License-Identifier: Apache-2.0
#include "card/registry.h"

#include <algorithm>
#include <stdexcept>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"

namespace oti::card {
namespace {

constexpr std::string_view kApplications = "app/", kLoadFiles = "file/", kCode = "code/", kData = "data/",
                           kIssuer = "issuer", kCardState = "card-state", kRestrictions = "restrictions",
                           kConfirmations = "confirmations/";

std::string key(std::string_view prefix, const Aid& aid) {
    return std::string(prefix) + aid.hex();
}

std::string data_key(const Aid& domain, Tag tag) {
    return key(kData, domain) + "/" + to_hex(encode_tag(tag));
}

/// The memory checks its records itself, so what cannot be read here was written by another program.
template <typename T>
T must(Result<T> value) {
    if (!value) throw std::runtime_error("the registry is inconsistent: " + value.error().message);
    return std::move(*value);
}

Aid read_aid(ByteReader& reader) {
    return must(Aid::create(must(reader.take_lv())));
}

void put_long(ByteWriter& writer, BytesView bytes) {
    writer.u16(static_cast<unsigned>(bytes.size())).put(bytes);
}

Bytes read_long(ByteReader& reader) {
    auto size = must(reader.u16());
    return to_bytes(must(reader.take(size)));
}

void put_limit(ByteWriter& writer, std::optional<std::uint32_t> limit) {
    writer.u8(limit ? 1 : 0).u32(limit.value_or(0));
}

std::optional<std::uint32_t> read_limit(ByteReader& reader) {
    bool given = must(reader.u8()) != 0;
    auto bytes = must(reader.u32());
    return given ? std::optional(bytes) : std::nullopt;
}

Application decode_application(BytesView bytes) {
    ByteReader reader(bytes, "application");
    auto life_cycle = must(reader.u8());
    PrivilegeSet privileges(must(reader.u32()));
    auto i = must(reader.u8());
    auto aid = read_aid(reader);
    auto load_file = read_aid(reader);
    auto module = read_aid(reader);
    Application entry{aid, life_cycle, privileges, load_file, module, read_aid(reader), i};
    for (auto* field : {&entry.parameters, &entry.provider, &entry.implicit_selections, &entry.services,
                        &entry.uicc_parameters, &entry.registered_services}) {
        *field = read_long(reader);
    }
    auto& memory = entry.memory;
    for (auto* limit : {&memory.volatile_reserved, &memory.volatile_quota, &memory.nonvolatile_reserved,
                        &memory.nonvolatile_quota}) {
        *limit = read_limit(reader);
    }
    entry.restrictions = must(reader.u8());
    return entry;
}

/// Implicit selection is registered when an application is made selectable (6.4.1).
bool has_been_selectable(const Application& entry) {
    constexpr auto kSelectable = static_cast<std::uint8_t>(LifeCycle::kSelectable);
    return entry.is_issuer || (entry.life_cycle & kSelectable) == kSelectable;
}

LoadFile decode_load_file(BytesView bytes) {
    ByteReader reader(bytes, "load file");
    bool preloaded = must(reader.u8()) != 0;
    cap::Version version{must(reader.u8()), must(reader.u8())};
    auto aid = read_aid(reader);
    LoadFile file{aid, version, read_aid(reader), {}, {}, preloaded};
    auto modules = must(reader.u8());
    for (unsigned n = 0; n < modules; ++n) file.modules.push_back(read_aid(reader));
    auto imports = must(reader.u8());
    for (unsigned n = 0; n < imports; ++n) {
        auto import_aid = read_aid(reader);
        cap::Version import_version{must(reader.u8()), must(reader.u8())};
        file.imports.push_back({import_aid, import_version});
    }
    file.provider = read_long(reader);
    return file;
}

}  // namespace

std::optional<Application> Registry::application(const Aid& aid) const {
    auto bytes = nvm_->get(key(kApplications, aid));
    if (!bytes) return std::nullopt;
    auto entry = decode_application(*bytes);
    entry.is_issuer = aid == issuer();
    return entry;
}

std::optional<LoadFile> Registry::load_file(const Aid& aid) const {
    auto bytes = nvm_->get(key(kLoadFiles, aid));
    if (!bytes) return std::nullopt;
    return decode_load_file(*bytes);
}

std::vector<Application> Registry::applications() const {
    std::vector<Application> all;
    nvm_->for_each(kApplications,
                   [&](std::string_view, BytesView value) { all.push_back(decode_application(value)); });
    auto first = std::ranges::find(all, issuer(), &Application::aid);
    if (first != all.end()) {
        first->is_issuer = true;
        std::rotate(all.begin(), first, first + 1);
    }
    return all;
}

std::vector<LoadFile> Registry::load_files() const {
    std::vector<LoadFile> all;
    nvm_->for_each(kLoadFiles,
                   [&](std::string_view, BytesView value) { all.push_back(decode_load_file(value)); });
    return all;
}

void Registry::put(const Application& entry) {
    ByteWriter writer;
    writer.u8(entry.life_cycle).u32(entry.privileges.bits()).u8(entry.scp03_i);
    writer.lv(entry.aid.bytes()).lv(entry.load_file.bytes()).lv(entry.module.bytes());
    writer.lv(entry.security_domain.bytes());
    for (const auto* field : {&entry.parameters, &entry.provider, &entry.implicit_selections, &entry.services,
                              &entry.uicc_parameters, &entry.registered_services}) {
        put_long(writer, *field);
    }
    const auto& memory = entry.memory;
    for (auto limit : {memory.volatile_reserved, memory.volatile_quota, memory.nonvolatile_reserved,
                       memory.nonvolatile_quota}) {
        put_limit(writer, limit);
    }
    writer.u8(entry.restrictions);
    nvm_->put(key(kApplications, entry.aid), writer.take());
}

void Registry::put(const LoadFile& entry) {
    ByteWriter writer;
    writer.u8(entry.preloaded ? 1 : 0).u8(entry.version.major).u8(entry.version.minor);
    writer.lv(entry.aid.bytes()).lv(entry.security_domain.bytes());
    writer.u8(static_cast<unsigned>(entry.modules.size()));
    for (const auto& module : entry.modules) writer.lv(module.bytes());
    writer.u8(static_cast<unsigned>(entry.imports.size()));
    for (const auto& import : entry.imports) {
        writer.lv(import.aid.bytes()).u8(import.version.major).u8(import.version.minor);
    }
    put_long(writer, entry.provider);
    nvm_->put(key(kLoadFiles, entry.aid), writer.take());
}

void Registry::put_code(const Aid& load_file, Bytes block) {
    nvm_->put(key(kCode, load_file), std::move(block));
}

std::optional<BytesView> Registry::code(const Aid& load_file) const {
    return nvm_->get(key(kCode, load_file));
}

void Registry::erase_application(const Aid& aid) {
    nvm_->erase(key(kConfirmations, aid));
    nvm_->erase(key(kApplications, aid));
}

void Registry::erase_load_file(const Aid& aid) {
    nvm_->erase(key(kLoadFiles, aid));
    nvm_->erase(key(kCode, aid));
}

std::optional<BytesView> Registry::data_object(const Aid& domain, Tag tag) const {
    return nvm_->get(data_key(domain, tag));
}

void Registry::put_data_object(const Aid& domain, Tag tag, BytesView value) {
    nvm_->put(data_key(domain, tag), to_bytes(value));
}

void Registry::erase_data_objects(const Aid& domain) {
    std::vector<std::string> keys;
    nvm_->for_each(key(kData, domain) + "/",
                   [&](std::string_view name, BytesView) { keys.emplace_back(name); });
    for (const auto& name : keys) nvm_->erase(name);
}

void Registry::move_data_objects(const Aid& from, const Aid& to) {
    auto old = key(kData, from) + "/";
    std::vector<std::pair<std::string, Bytes>> objects;
    nvm_->for_each(old, [&](std::string_view name, BytesView value) {
        objects.emplace_back(name.substr(old.size()), to_bytes(value));
    });
    erase_data_objects(from);
    for (auto& [tag, value] : objects) nvm_->put(key(kData, to) + "/" + tag, std::move(value));
}

Aid Registry::issuer() const {
    auto bytes = nvm_->get(kIssuer);
    if (!bytes) throw std::runtime_error("the registry has no issuer");
    return must(Aid::create(*bytes));
}

void Registry::set_issuer(const Aid& aid) {
    nvm_->put(kIssuer, to_bytes(aid.bytes()));
}

std::uint8_t Registry::card_state() const {
    auto bytes = nvm_->get(kCardState);
    return bytes && !bytes->empty() ? bytes->front() : kCardOpReady;
}

void Registry::set_card_state(std::uint8_t state) {
    nvm_->put(kCardState, {state});
}

std::uint8_t Registry::restrictions() const {
    auto bytes = nvm_->get(kRestrictions);
    return bytes && !bytes->empty() ? bytes->front() : 0;
}

void Registry::set_restrictions(std::uint8_t bits) {
    nvm_->put(kRestrictions, {bits});
}

std::uint16_t Registry::confirmation_counter(const Aid& domain) const {
    auto bytes = nvm_->get(key(kConfirmations, domain));
    return bytes ? must(ByteReader(*bytes, "confirmation counter").u16()) : std::uint16_t{0};
}

void Registry::set_confirmation_counter(const Aid& domain, std::uint16_t counter) {
    nvm_->put(key(kConfirmations, domain), ByteWriter().u16(counter).take());
}

Application Registry::holder_of(Privilege privilege) const {
    auto all = applications();
    auto holder =
        std::ranges::find_if(all, [&](const auto& entry) { return entry.privileges.has(privilege); });
    return holder == all.end() ? all.front() : *holder;
}

Aid Registry::default_selected() const {
    if (card_state() == kCardLocked || card_state() == kCardTerminated) {
        return holder_of(Privilege::kFinalApplication).aid;
    }
    auto holder = holder_of(Privilege::kCardReset);
    if (!has_been_selectable(holder)) return issuer();
    return holder.is_locked() ? holder_of(Privilege::kFinalApplication).aid : holder.aid;
}

Aid Registry::implicitly_selected(std::uint8_t channel) const {
    if (card_state() == kCardLocked || card_state() == kCardTerminated) return default_selected();
    for (const auto& entry : applications()) {
        bool given = std::ranges::any_of(entry.implicit_selections, [&](std::uint8_t selection) {
            return (selection & kContactInterface) != 0 && (selection & kChannelNumber) == channel;
        });
        if (!given || !has_been_selectable(entry)) continue;
        return entry.is_locked() ? holder_of(Privilege::kFinalApplication).aid : entry.aid;
    }
    return channel == 0 ? default_selected() : implicitly_selected(0);
}

bool Registry::is_below(const Aid& aid, const Aid& domain) const {
    auto at = aid;
    // Domains form a tree; its depth is bounded by their number.
    while (at != domain) {
        auto entry = application(at);
        auto file = entry ? std::nullopt : load_file(at);
        if (!entry && !file) return false;
        auto above = entry ? entry->security_domain : file->security_domain;
        if (above == at) return false;
        at = above;
    }
    return true;
}

}  // namespace oti::card
