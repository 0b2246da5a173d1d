// SPDX-License-Identifier: Apache-2.0
#include "manager/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cap/well_known.h"
#include "globalplatform/names.h"

namespace oti::manager {
namespace {

using globalplatform::Registry;
using iso7816::Aid;

/// javacard.framework: every Java Card has it, so a list without it is no list of what the card came with.
const Aid kFramework = Aid::constant("A0000000620101");

/// All that is below a domain, however deep.
void add_content(const Aid& domain, const Registry& registry, std::set<Aid>& seen,
                 std::vector<std::string>& related) {
    if (!seen.insert(domain).second) return;
    for (const auto& file : registry.load_files) {
        if (file.security_domain == domain) related.push_back("package " + file.aid.hex());
    }
    for (const auto& entry : registry.applications) {
        if (entry.security_domain != domain || entry.aid == domain) continue;
        related.push_back((entry.is_security_domain() ? "domain " : "applet ") + entry.aid.hex());
        if (entry.is_security_domain()) add_content(entry.aid, registry, seen, related);
    }
}

}  // namespace

Status check_imports(const std::vector<cap::Import>& imports, const Registry& card) {
    if (card.load_file(kFramework) == nullptr) return {};
    std::vector<cap::AvailablePackage> available;
    for (const auto& file : card.load_files) {
        auto import = std::ranges::find(imports, file.aid, &cap::Import::aid);
        if (file.version) {
            available.push_back({file.aid, {file.version->major, file.version->minor}});
        } else if (import != imports.end()) {
            // The card does not say which version it has; it may be the right one.
            available.push_back({file.aid, import->version});
        }
    }
    return cap::require_imports(imports, available);
}

Status check_memory(std::size_t load_file_size, const CardState& card) {
    if (!card.resources || card.resources->free_non_volatile >= load_file_size) return {};
    return fail(ErrorKind::kPolicy, "card.no_space",
                fmt::format("the load file needs {} bytes, and the card has {} left", load_file_size,
                            card.resources->free_non_volatile),
                "delete something first");
}

Status check_aids(const globalplatform::DesiredApplication& wanted, const CardState& card) {
    const auto& registry = card.registry;
    const auto* instance = registry.application(wanted.instance);
    if (instance != nullptr && instance->load_file && *instance->load_file != wanted.load_file) {
        return fail(ErrorKind::kPolicy, "card.aid_in_use",
                    fmt::format("the AID {} is that of an application of the package {}",
                                wanted.instance.hex(), instance->load_file->hex()),
                    "give the new one another AID, or replace the old one with --force");
    }
    if (registry.load_file(wanted.instance) != nullptr) {
        return fail(ErrorKind::kPolicy, "card.aid_in_use",
                    "the AID " + wanted.instance.hex() + " is that of a package on the card",
                    "give the application another AID");
    }
    bool is_domain = registry.issuer_domain && registry.issuer_domain->aid == wanted.instance;
    if (is_domain || registry.application(wanted.load_file) != nullptr) {
        return fail(ErrorKind::kPolicy, "card.aid_in_use", "the AID is that of an application on the card");
    }
    return {};
}

Victim victim_of(const Aid& aid, const Registry& registry) {
    Victim victim;
    std::set<Aid> seen;
    if (const auto* application = registry.application(aid)) {
        victim.exists = true;
        victim.is_domain = application->is_security_domain();
        if (victim.is_domain) add_content(aid, registry, seen, victim.related);
    }
    victim.is_load_file = registry.load_file(aid) != nullptr;
    victim.exists = victim.exists || victim.is_load_file;
    for (const auto& entry : registry.applications) {
        if (entry.load_file != aid) continue;
        // Instances tell of a package even where the list of packages does not.
        victim.exists = victim.is_load_file = true;
        victim.related.push_back((entry.is_security_domain() ? "domain " : "applet ") + entry.aid.hex());
        if (entry.is_security_domain()) add_content(entry.aid, registry, seen, victim.related);
    }
    return victim;
}

}  // namespace oti::manager
