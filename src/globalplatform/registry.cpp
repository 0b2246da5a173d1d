// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/registry.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;

// Tags of GET STATUS (GPCS 2.3.1, table 11-36).
constexpr Tag kEntry = 0xE3, kAid = 0x4F, kLifeCycle = 0x9F70, kPrivileges = 0xC5, kLoadFile = 0xC4,
              kVersion = 0xCE, kModule = 0x84, kSecurityDomain = 0xCC, kImplicitSelection = 0xCF;

Result<std::optional<Aid>> optional_aid(const std::vector<Tlv>& fields, Tag tag) {
    auto value = find(fields, tag);
    // Some cards give a zero-length AID for "none".
    if (!value || value->empty()) return std::nullopt;
    OTI_TRY(auto aid, Aid::create(*value));
    return aid;
}

Result<std::uint8_t> life_cycle(const std::vector<Tlv>& fields) {
    auto value = find(fields, kLifeCycle);
    if (!value || value->empty()) {
        return fail(ErrorKind::kCard, "parse.invalid",
                    "an entry of GET STATUS has no life cycle state (9F70)");
    }
    return value->front();
}

Result<Aid> entry_aid(const std::vector<Tlv>& fields) {
    auto value = find(fields, kAid);
    if (!value) return fail(ErrorKind::kCard, "parse.invalid", "an entry of GET STATUS has no AID (4F)");
    return Aid::create(*value);
}

Result<ApplicationEntry> application_entry(const std::vector<Tlv>& fields) {
    OTI_TRY(auto aid, entry_aid(fields));
    ApplicationEntry entry{aid};
    OTI_TRY(entry.life_cycle, life_cycle(fields));
    if (auto privileges = find(fields, kPrivileges)) {
        std::copy_n(privileges->begin(), std::min<std::size_t>(privileges->size(), 3),
                    entry.privileges.begin());
    }
    OTI_TRY(entry.load_file, optional_aid(fields, kLoadFile));
    OTI_TRY(entry.security_domain, optional_aid(fields, kSecurityDomain));
    for (const auto& field : fields) {
        if (field.tag == kImplicitSelection && field.value.size() == 1)
            entry.implicit_selection.push_back(field.value.front());
    }
    return entry;
}

Result<LoadFileEntry> load_file_entry(const std::vector<Tlv>& fields) {
    OTI_TRY(auto aid, entry_aid(fields));
    LoadFileEntry entry{aid};
    OTI_TRY(entry.life_cycle, life_cycle(fields));
    if (auto version = find(fields, kVersion); version && version->size() >= 2) {
        entry.version = PackageVersion{(*version)[0], (*version)[1]};
    }
    for (const auto& field : fields) {
        if (field.tag != kModule) continue;
        OTI_TRY(auto module, Aid::create(field.value));
        entry.modules.push_back(module);
    }
    OTI_TRY(entry.security_domain, optional_aid(fields, kSecurityDomain));
    return entry;
}

bool is_load_file(Element element) {
    return element == Element::kLoadFiles || element == Element::kLoadFilesAndModules;
}

void add_application(Registry& registry, Element element, ApplicationEntry entry) {
    if (element == Element::kIssuerSecurityDomain) {
        registry.issuer_domain = std::move(entry);
    } else {
        registry.applications.push_back(std::move(entry));
    }
}

Status parse_tlv_form(const RegistryRead& read, Registry& registry) {
    OTI_TRY(auto entries, read_all_tlv(read.response.data, "response to GET STATUS"));
    for (const auto& entry : entries) {
        if (entry.tag != kEntry)
            return fail(ErrorKind::kCard, "parse.invalid", "GET STATUS gave no E3 entry");
        OTI_TRY(auto fields, read_all_tlv(entry.value, "entry of GET STATUS"));
        if (is_load_file(read.element)) {
            OTI_TRY(auto load_file, load_file_entry(fields));
            registry.load_files.push_back(std::move(load_file));
        } else {
            OTI_TRY(auto application, application_entry(fields));
            add_application(registry, read.element, std::move(application));
        }
    }
    return {};
}

/// AID with its length, life cycle, first byte of the privileges; of load files with modules their number and
/// AIDs.
Status parse_old_form(const RegistryRead& read, Registry& registry) {
    ByteReader reader(read.response.data, "response to GET STATUS");
    while (!reader.empty()) {
        OTI_TRY(auto aid_bytes, reader.take_lv());
        OTI_TRY(auto aid, Aid::create(aid_bytes));
        OTI_TRY(auto life_cycle, reader.u8());
        OTI_TRY(auto privileges, reader.u8());
        if (!is_load_file(read.element)) {
            add_application(registry, read.element, {aid, life_cycle, {privileges}});
            continue;
        }
        LoadFileEntry entry{aid, life_cycle};
        if (read.element == Element::kLoadFilesAndModules) {
            OTI_TRY(auto count, reader.u8());
            for (unsigned n = 0; n < count; ++n) {
                OTI_TRY(auto module_bytes, reader.take_lv());
                OTI_TRY(auto module, Aid::create(module_bytes));
                entry.modules.push_back(module);
            }
        }
        registry.load_files.push_back(std::move(entry));
    }
    return {};
}

template <typename Entries>
auto find_entry(const Entries& entries, const Aid& aid) {
    auto found = std::ranges::find_if(entries, [&](const auto& entry) { return entry.aid == aid; });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const ApplicationEntry* Registry::application(const Aid& aid) const {
    return find_entry(applications, aid);
}

const LoadFileEntry* Registry::load_file(const Aid& aid) const {
    return find_entry(load_files, aid);
}

iso7816::CommandApdu get_status(Element element, bool next, bool tlv) {
    constexpr unsigned kNext = 0x01, kTlv = 0x02;
    return {0x80,
            value(iso7816::Ins::kGetStatus),
            static_cast<std::uint8_t>(element),
            static_cast<std::uint8_t>((next ? kNext : 0U) | (tlv ? kTlv : 0U)),
            Bytes{kAid, 0x00},
            iso7816::kMaxShortNe};
}

Result<Registry> parse_registry(const std::vector<RegistryRead>& reads) {
    Registry registry;
    for (const auto& read : reads) {
        if (read.response.sw == iso7816::StatusWord::kReferencedDataNotFound) continue;
        OTI_CHECK(read.tlv ? parse_tlv_form(read, registry) : parse_old_form(read, registry));
    }
    return registry;
}

}  // namespace oti::globalplatform
