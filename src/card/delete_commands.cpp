// SPDX-License-Identifier: Apache-2.0
#include "card/delete_commands.h"

#include <algorithm>

#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kRelatedToo = 0x80;

/// Whether something else on the card cannot do without this load file.
bool is_imported(const Environment& environment, const Aid& load_file) {
    auto files = environment.registry.load_files();
    return std::ranges::any_of(files, [&](const LoadFile& file) {
        return file.aid != load_file &&
               std::ranges::any_of(file.imports, [&](const auto& i) { return i.aid == load_file; });
    });
}

std::vector<Application> instances_of(const Environment& environment, const Aid& load_file) {
    auto all = environment.registry.applications();
    std::erase_if(all, [&](const Application& entry) { return entry.load_file != load_file; });
    return all;
}

std::expected<void, StatusWord> delete_application(Environment& environment, const Application& entry,
                                                   bool related);

std::expected<void, StatusWord> delete_load_file(Environment& environment, const LoadFile& file,
                                                 bool related) {
    auto instances = instances_of(environment, file.aid);
    if (file.preloaded || is_imported(environment, file.aid) || (!instances.empty() && !related)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    for (const auto& instance : instances) OTI_CHECK(delete_application(environment, instance, true));
    environment.registry.erase_load_file(file.aid);
    return {};
}

/// All load files that are associated with a domain: those first that no other one imports.
std::expected<void, StatusWord> delete_load_files_of(Environment& environment, const Aid& domain,
                                                     bool related) {
    for (;;) {
        auto files = environment.registry.load_files();
        std::erase_if(files, [&](const LoadFile& file) { return file.security_domain != domain; });
        if (files.empty()) return {};
        auto unused = std::ranges::find_if(
            files, [&](const LoadFile& file) { return !is_imported(environment, file.aid); });
        if (!related || unused == files.end()) return refuse(StatusWord::kConditionsNotSatisfied);
        OTI_CHECK(delete_load_file(environment, *unused, true));
    }
}

std::expected<void, StatusWord> delete_application(Environment& environment, const Application& entry,
                                                   bool related) {
    if (entry.is_issuer_domain()) return refuse(StatusWord::kConditionsNotSatisfied);
    environment.registry.erase_application(entry.aid);
    if (!entry.is_security_domain()) return {};
    // A domain goes with its keys and with all that is associated with it, or not at all.
    for (const auto& below : environment.registry.applications()) {
        if (below.security_domain != entry.aid) continue;
        if (!related) return refuse(StatusWord::kConditionsNotSatisfied);
        OTI_CHECK(delete_application(environment, below, true));
    }
    OTI_CHECK(delete_load_files_of(environment, entry.aid, related));
    environment.keys.erase_all(entry.aid);
    environment.registry.erase_data_objects(entry.aid);
    return {};
}

}  // namespace

Answer delete_command(Environment& environment, Channel& /*channel*/, const Application& domain,
                      const CommandApdu& command) {
    if (command.p1 != 0 || (command.p2 & ~kRelatedToo) != 0) return refuse(StatusWord::kIncorrectP1P2);
    auto objects = read_all_tlv(command.data, "DELETE");
    if (!objects || objects->size() != 1 || objects->front().tag != 0x4F)
        return refuse(StatusWord::kWrongData);
    auto aid = Aid::create(objects->front().value);
    if (!aid) return refuse(StatusWord::kWrongData);

    auto application = environment.registry.application(*aid);
    auto file = environment.registry.load_file(*aid);
    if (!application && !file) return refuse(StatusWord::kReferencedDataNotFound);
    bool global = domain.is_issuer_domain() || domain.privileges.has(Privilege::kGlobalDelete);
    bool own = domain.may_manage_content() && environment.registry.is_below(*aid, domain.aid);
    // A domain cannot saw off the branch that it sits on.
    if ((!global && !own) || *aid == domain.aid) return refuse(StatusWord::kConditionsNotSatisfied);
    bool related = (command.p2 & kRelatedToo) != 0;
    if (application) OTI_CHECK(delete_application(environment, *application, related));
    if (file) OTI_CHECK(delete_load_file(environment, *file, related));
    return confirmation();
}

}  // namespace oti::card
