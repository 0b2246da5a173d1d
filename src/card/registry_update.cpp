// SPDX-License-Identifier: Apache-2.0
#include "card/registry_update.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "card/authorization.h"
#include "card/domain_options.h"
#include "card/install_fields.h"
#include "card/memory.h"
#include "card/privileges.h"

namespace oti::card {
namespace {

/// As many as GET STATUS can list for one application.
constexpr std::size_t kMaxImplicitSelections = 20;
constexpr std::uint8_t kLastChannel = 19;
/// All functions; the bit that is reserved is ignored (table 11-53).
constexpr std::uint8_t kAllRestrictions = 0x7F;

/// The domain of a field, which takes the content.
std::expected<Application, StatusWord> new_domain(const Environment& environment, BytesView field,
                                                  Content content) {
    OTI_TRY(auto aid, aid_of(field));
    auto entry = environment.registry.application(aid);
    if (!entry) return refuse(StatusWord::kReferencedDataNotFound);
    if (!entry->is_security_domain()) return refuse(StatusWord::kWrongData);
    // With the DAP privilege it would have had to see the load file's DAP (9.4.1).
    bool wants_dap = content == Content::kLoadFile && entry->privileges.has(Privilege::kDapVerification);
    if (wants_dap || !accepts_extradition_to(*entry, content))
        return refuse(StatusWord::kConditionsNotSatisfied);
    return *entry;
}

/// Whether `domain` may extradite what is associated with `from`.
bool may_extradite(const Environment& environment, const Application& domain, const Aid& from,
                   Content content) {
    if (from == domain.aid) return true;
    auto associated = environment.registry.application(from);
    bool above = domain.is_issuer_domain() || environment.registry.is_below(from, domain.aid);
    return above && associated && accepts_extradition_from(*associated, content);
}

/// Changes the domain of an application. A domain may be its own: then it begins a hierarchy (7.2).
std::expected<void, StatusWord> move_application(const Environment& environment, const Application& domain,
                                                 Application& entry, BytesView target_field) {
    OTI_TRY(auto target, new_domain(environment, target_field, Content::kApplication));
    bool is_own = target.aid == entry.aid;
    bool below_itself = !is_own && environment.registry.is_below(target.aid, entry.aid);
    bool root_without_management = is_own && !entry.privileges.has(Privilege::kAuthorizedManagement);
    if (entry.is_issuer_domain() || below_itself || root_without_management ||
        target.aid == entry.security_domain ||
        !may_extradite(environment, domain, entry.security_domain, Content::kApplication)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    entry.security_domain = target.aid;
    return {};
}

std::expected<void, StatusWord> restrict_functions(Environment& environment, const Application& domain,
                                                   Application* entry, std::uint8_t bits) {
    bits &= kAllRestrictions;
    if (entry) {
        if (!entry->is_security_domain()) return refuse(StatusWord::kWrongData);
        entry->restrictions |= bits;
        return {};
    }
    // Of the OPEN: for good, and for all domains (9.4.2.1).
    if (!domain.privileges.has(Privilege::kGlobalLock)) return refuse(StatusWord::kConditionsNotSatisfied);
    environment.registry.set_restrictions(environment.registry.restrictions() | bits);
    return {};
}

/// All that the command changes of one application.
std::expected<void, StatusWord> update(Environment& environment, const Application& domain, bool by_token,
                                       Application& entry, const InstallFields& fields,
                                       const ContentParameters& parameters) {
    if (!fields.lv[3].empty()) {
        OTI_TRY(auto privileges, parse_privileges(fields.lv[3]));
        if (privileges.has(Privilege::kSecurityDomain) != entry.is_security_domain())
            return refuse(StatusWord::kWrongData);
        OTI_CHECK(assign_privileges(environment, domain, by_token, entry, privileges));
        if (!privileges.has(Privilege::kGlobalService)) entry.services.clear();
    }
    if (parameters.services) {
        if (!entry.privileges.has(Privilege::kGlobalService)) return refuse(StatusWord::kWrongData);
        entry.services = to_bytes(*parameters.services);
    }
    if (parameters.reference.provider) entry.provider = to_bytes(*parameters.reference.provider);
    OTI_CHECK(add_implicit_selections(environment, entry, parameters.implicit_selections));
    if (parameters.restrictions)
        OTI_CHECK(restrict_functions(environment, domain, &entry, *parameters.restrictions));
    if (!fields.lv[0].empty()) OTI_CHECK(move_application(environment, domain, entry, fields.lv[0]));
    environment.registry.put(entry);
    // The new domain's quota holds what it gets, though the card holds no more than before.
    if (!fields.lv[0].empty() && !fits_in_memory(environment)) return refuse(StatusWord::kNoSpace);
    return {};
}

}  // namespace

std::expected<Application, StatusWord> managed_instance(const Environment& environment,
                                                        const Application& domain, BytesView field) {
    OTI_TRY(auto aid, aid_of(field));
    auto entry = environment.registry.application(aid);
    if (!entry) return refuse(StatusWord::kReferencedDataNotFound);
    if (!domain.is_issuer_domain() && !environment.registry.is_below(aid, domain.aid))
        return refuse(StatusWord::kConditionsNotSatisfied);
    return *entry;
}

std::expected<void, StatusWord> add_implicit_selections(const Environment& environment, Application& entry,
                                                        BytesView selections) {
    auto all = environment.registry.applications();
    for (auto selection : selections) {
        auto interfaces = selection & (kContactInterface | kContactlessInterface);
        auto channel = selection & kChannelNumber;
        // Without an interface it means "only explicitly", whatever the channel (11.1.7).
        if (interfaces == 0) continue;
        if (channel > kLastChannel) return refuse(StatusWord::kWrongData);
        bool taken = std::ranges::any_of(all, [&](const Application& other) {
            return other.aid != entry.aid &&
                   std::ranges::any_of(other.implicit_selections, [&](std::uint8_t theirs) {
                       return (theirs & interfaces) != 0 && (theirs & kChannelNumber) == channel;
                   });
        });
        if (taken) return refuse(StatusWord::kConditionsNotSatisfied);
        if (std::ranges::find(entry.implicit_selections, selection) == entry.implicit_selections.end())
            entry.implicit_selections.push_back(selection);
    }
    if (entry.implicit_selections.size() > kMaxImplicitSelections) return refuse(StatusWord::kWrongData);
    return {};
}

Answer extradite(Environment& environment, const Application& domain, const CommandApdu& command) {
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    if (!fields.lv[1].empty() || !fields.lv[3].empty()) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    OTI_TRY(auto authorization,
            authorize(environment, domain, fields.signed_data, fields.token, parameters.reference));
    OTI_TRY(auto aid, aid_of(fields.lv[2]));
    auto& registry = environment.registry;
    auto entry = registry.application(aid);
    auto file = registry.load_file(aid);
    if (!entry && !file) return refuse(StatusWord::kReferencedDataNotFound);
    auto old_domain = entry ? entry->security_domain : file->security_domain;
    if (entry) {
        OTI_CHECK(move_application(environment, domain, *entry, fields.lv[0]));
        registry.put(*entry);
    } else {
        OTI_TRY(auto target, new_domain(environment, fields.lv[0], Content::kLoadFile));
        if (file->preloaded || target.aid == old_domain ||
            !may_extradite(environment, domain, old_domain, Content::kLoadFile)) {
            return refuse(StatusWord::kConditionsNotSatisfied);
        }
        file->security_domain = target.aid;
        registry.put(*file);
    }
    if (!fits_in_memory(environment)) return refuse(StatusWord::kNoSpace);
    ByteWriter subject;
    subject.lv(old_domain.bytes()).lv(aid.bytes()).lv(fields.lv[0]);
    return confirm(environment, authorization, subject.view());
}

Answer update_registry(Environment& environment, const Application& domain, const CommandApdu& command) {
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    if (!fields.lv[1].empty()) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    OTI_TRY(auto authorization,
            authorize(environment, domain, fields.signed_data, fields.token, parameters.reference));
    Bytes old_domain;
    if (fields.lv[2].empty()) {
        bool only_restricts = fields.lv[0].empty() && fields.lv[3].empty() && parameters.restrictions;
        if (!only_restricts) return refuse(StatusWord::kWrongData);
        OTI_CHECK(restrict_functions(environment, domain, nullptr, *parameters.restrictions));
    } else {
        OTI_TRY(auto entry, managed_instance(environment, domain, fields.lv[2]));
        if (!fields.lv[0].empty()) old_domain = to_bytes(entry.security_domain.bytes());
        OTI_CHECK(update(environment, domain, authorization.by_token, entry, fields, parameters));
    }
    ByteWriter subject;
    subject.lv(old_domain).lv(fields.lv[2]).lv(fields.lv[0]).lv(fields.lv[3]);
    subject.put(encode_length(fields.parameters.size())).put(fields.parameters);
    return confirm(environment, authorization, subject.view());
}

}  // namespace oti::card
