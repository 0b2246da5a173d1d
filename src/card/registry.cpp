// SPDX-License-Identifier: Apache-2.0
#include "card/registry.h"

#include <algorithm>
#include <stdexcept>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::card {
namespace {

constexpr std::string_view kApplications = "app/", kLoadFiles = "file/", kCode = "code/", kIssuer = "issuer",
                           kCardState = "card-state";

std::string key(std::string_view prefix, const Aid& aid) {
    return std::string(prefix) + aid.hex();
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

Application decode_application(BytesView bytes) {
    ByteReader reader(bytes, "application");
    auto life_cycle = must(reader.u8());
    PrivilegeSet privileges(must(reader.u32()));
    auto i = must(reader.u8());
    auto aid = read_aid(reader);
    auto load_file = read_aid(reader);
    auto module = read_aid(reader);
    return {aid, life_cycle, privileges, load_file, module, read_aid(reader), i};
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
    return file;
}

}  // namespace

std::optional<Application> Registry::application(const Aid& aid) const {
    auto bytes = nvm_->get(key(kApplications, aid));
    if (!bytes) return std::nullopt;
    return decode_application(*bytes);
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
    if (first != all.end()) std::rotate(all.begin(), first, first + 1);
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
    nvm_->put(key(kLoadFiles, entry.aid), writer.take());
}

void Registry::put_code(const Aid& load_file, Bytes block) {
    nvm_->put(key(kCode, load_file), std::move(block));
}

void Registry::erase_application(const Aid& aid) {
    nvm_->erase(key(kApplications, aid));
}

void Registry::erase_load_file(const Aid& aid) {
    nvm_->erase(key(kLoadFiles, aid));
    nvm_->erase(key(kCode, aid));
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
