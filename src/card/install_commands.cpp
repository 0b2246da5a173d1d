// SPDX-License-Identifier: Apache-2.0
#include "card/install_commands.h"

#include <algorithm>
#include <array>

#include "base/byte_writer.h"
#include "card/applets.h"
#include "card/authorization.h"
#include "card/domain_options.h"
#include "card/install_fields.h"
#include "card/load_commands.h"
#include "card/memory.h"
#include "card/privileges.h"
#include "card/registry_update.h"

namespace oti::card {
namespace {

// P1 of INSTALL (table 11-41).
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08,
                       kForInstallAndMakeSelectable = 0x0C, kForLoadInstallAndMakeSelectable = 0x0E,
                       kForExtradition = 0x10, kForPersonalization = 0x20, kForRegistryUpdate = 0x40;
// P2: the first and the last INSTALL of a combined process.
constexpr std::uint8_t kCombinedFirst = 0x01, kCombinedLast = 0x03;
constexpr std::string_view kSecurityDomainModule = "A000000151535041";

/// The domain that a load file shall be associated with (9.3.5, load request).
std::expected<Aid, StatusWord> load_target(const Environment& environment, const Application& domain,
                                           BytesView field) {
    if (field.empty()) return domain.aid;
    auto aid = Aid::create(field);
    auto entry = aid ? environment.registry.application(*aid) : std::nullopt;
    if (!entry || !entry->is_security_domain()) return refuse(StatusWord::kWrongData);
    if (entry->aid == domain.aid) return entry->aid;
    // It equates to an extradition of the load file.
    bool reachable = domain.is_issuer_domain() || environment.registry.is_below(entry->aid, domain.aid);
    if (!reachable || !accepts_extradition_to(*entry, Content::kLoadFile))
        return refuse(StatusWord::kConditionsNotSatisfied);
    return entry->aid;
}

std::expected<void, StatusWord> check_free_memory(const Environment& environment,
                                                  const ContentParameters& parameters) {
    // Code and data are in the same memory.
    auto needed =
        std::uint64_t{parameters.code_minimum.value_or(0)} + parameters.nonvolatile_quota.value_or(0);
    if (needed > free_nonvolatile_memory(environment) ||
        parameters.volatile_quota.value_or(0) > free_volatile_memory(environment)) {
        return refuse(StatusWord::kNoSpace);
    }
    return {};
}

Answer install_for_load(Environment& environment, Channel& channel, const Application& domain,
                        const CommandApdu& command, bool combined) {
    OTI_TRY(auto fields, InstallFields::parse(command, 3));
    OTI_TRY(auto load_file, aid_of(fields.lv[0]));
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    auto hash = fields.lv[2];
    constexpr std::array<std::size_t, 5> kHashSizes{0, 20, 32, 48, 64};
    if (std::ranges::find(kHashSizes, hash.size()) == kHashSizes.end()) return refuse(StatusWord::kWrongData);

    Authorization authorization{domain.aid, false, std::nullopt, 0};
    if (combined) {
        // Its token comes with the last command.
        OTI_CHECK(may_begin(domain));
        if (!fields.token.empty()) return refuse(StatusWord::kWrongData);
    } else {
        OTI_TRY(authorization,
                authorize(environment, domain, fields.signed_data, fields.token, parameters.reference));
        if (hash.size() < authorization.least_hash_size) return refuse(StatusWord::kWrongData);
    }
    OTI_TRY(auto target, load_target(environment, domain, fields.lv[1]));
    if (environment.registry.contains(load_file)) return refuse(StatusWord::kConditionsNotSatisfied);
    OTI_CHECK(check_free_memory(environment, parameters));
    channel.loading = Loading{load_file,
                              target,
                              to_bytes(hash),
                              std::move(authorization),
                              to_bytes(parameters.reference.provider.value_or(BytesView())),
                              free_nonvolatile_memory(environment),
                              combined,
                              std::move(fields.signed_data)};
    return confirmation();
}

struct Installed {
    Aid load_file;
    Aid instance;
};

/// Makes an instance of a module (9.3.6). `load_file` is the one that the process is about, if the field may
/// be empty.
std::expected<Installed, StatusWord> make_instance(Environment& environment, const Application& domain,
                                                   const InstallFields& fields,
                                                   const ContentParameters& parameters, bool by_token,
                                                   std::optional<Aid> load_file, bool make_selectable) {
    OTI_TRY(auto file_aid, fields.lv[0].empty() && load_file ? *load_file : aid_of(fields.lv[0]));
    if (load_file && file_aid != *load_file) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto module, aid_of(fields.lv[1]));
    OTI_TRY(auto instance, fields.lv[2].empty() ? module : aid_of(fields.lv[2]));
    OTI_TRY(auto privileges, parse_privileges(fields.lv[3]));

    auto& registry = environment.registry;
    auto file = registry.load_file(file_aid);
    if (!file || std::ranges::find(file->modules, module) == file->modules.end()) {
        return refuse(StatusWord::kReferencedDataNotFound);
    }
    // The modules of the card itself are everybody's.
    bool own = file->preloaded || registry.is_below(file_aid, domain.aid);
    if (!own && !domain.is_issuer_domain()) return refuse(StatusWord::kReferencedDataNotFound);
    auto associated = file->preloaded ? domain : registry.application(file->security_domain);
    // A locked domain takes nothing (5.3.2.4).
    if (registry.contains(instance) || !associated || !associated->is_personalized())
        return refuse(StatusWord::kConditionsNotSatisfied);
    bool is_domain = module.hex() == kSecurityDomainModule;
    if (is_domain != privileges.has(Privilege::kSecurityDomain)) return refuse(StatusWord::kWrongData);
    // 11.5.2.3.2
    if (privileges.has(Privilege::kCardReset) && !make_selectable) return refuse(StatusWord::kWrongData);
    if (!parameters.application) return refuse(StatusWord::kWrongData);

    Application entry{
        instance,
        static_cast<std::uint8_t>(make_selectable ? LifeCycle::kSelectable : LifeCycle::kInstalled),
        PrivilegeSet(),
        file_aid,
        module,
        associated->aid};
    if (is_domain) {
        OTI_TRY(entry.scp03_i, check_domain_parameters(environment, *parameters.application));
    }
    entry.parameters = to_bytes(*parameters.application);
    entry.provider = to_bytes(parameters.reference.provider.value_or(BytesView()));
    entry.services = to_bytes(parameters.services.value_or(BytesView()));
    entry.uicc_parameters = parameters.uicc_parameters;
    entry.memory = {parameters.volatile_reserved, parameters.volatile_quota, parameters.nonvolatile_reserved,
                    parameters.nonvolatile_quota};
    auto less = [](auto quota, auto reserved) { return quota && quota < reserved; };
    if (less(parameters.volatile_quota, parameters.volatile_reserved) ||
        less(parameters.nonvolatile_quota, parameters.nonvolatile_reserved)) {
        return refuse(StatusWord::kWrongData);
    }
    if (!entry.services.empty() && !privileges.has(Privilege::kGlobalService))
        return refuse(StatusWord::kWrongData);
    // 11.5.2.3.7, note on CF.
    if (!parameters.implicit_selections.empty() && !make_selectable) return refuse(StatusWord::kWrongData);
    OTI_CHECK(add_implicit_selections(environment, entry, parameters.implicit_selections));
    OTI_CHECK(assign_privileges(environment, domain, by_token, entry, privileges));
    registry.put(entry);
    if (!is_domain)
        OTI_CHECK(environment.applets.plan_installation(entry, fields.lv[3], *parameters.application));
    return Installed{file_aid, instance};
}

Answer install_instance(Environment& environment, const Application& domain, const CommandApdu& command,
                        bool make_selectable) {
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    OTI_TRY(auto authorization,
            authorize(environment, domain, fields.signed_data, fields.token, parameters.reference));
    OTI_TRY(auto installed, make_instance(environment, domain, fields, parameters, authorization.by_token,
                                          std::nullopt, make_selectable));
    ByteWriter subject;
    subject.lv(installed.load_file.bytes()).lv(installed.instance.bytes());
    return confirm(environment, authorization, subject.view());
}

/// The last command of the combined process, which registers the load file and makes the instance (9.3.8).
Answer complete_combined(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command) {
    auto loading = std::exchange(channel.loading, std::nullopt);
    if (!loading || !loading->complete || loading->authorization.domain != domain.aid)
        return refuse(StatusWord::kConditionsNotSatisfied);
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    OTI_TRY(auto authorization,
            authorize(environment, domain, concat(loading->signed_data, fields.signed_data), fields.token,
                      parameters.reference));
    if (loading->hash.size() < authorization.least_hash_size) return refuse(StatusWord::kWrongData);
    OTI_CHECK(register_load_file(environment, *loading));
    OTI_TRY(auto installed, make_instance(environment, domain, fields, parameters, authorization.by_token,
                                          loading->load_file, true));
    ByteWriter subject;
    subject.lv(installed.load_file.bytes()).lv(installed.instance.bytes());
    subject.lv(loading->security_domain.bytes());
    return confirm(environment, authorization, subject.view());
}

Answer make_selectable(Environment& environment, const Application& domain, const CommandApdu& command) {
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    OTI_TRY(auto parameters, ContentParameters::parse(fields.parameters));
    OTI_TRY(auto authorization,
            authorize(environment, domain, fields.signed_data, fields.token, parameters.reference));
    OTI_TRY(auto entry, managed_instance(environment, domain, fields.lv[2]));
    auto associated = environment.registry.application(entry.security_domain);
    if (entry.life_cycle != static_cast<std::uint8_t>(LifeCycle::kInstalled) || !associated ||
        !associated->is_personalized()) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    entry.life_cycle = static_cast<std::uint8_t>(LifeCycle::kSelectable);
    auto field = fields.lv[3];
    if (field.size() > 3) return refuse(StatusWord::kWrongData);
    // Only Card Reset is looked at here (11.5.2.3.3).
    constexpr auto kCardResetInByte1 = static_cast<std::uint32_t>(Privilege::kCardReset) >> 16;
    if (!field.empty() && (field.front() & kCardResetInByte1) != 0) {
        OTI_CHECK(assign_privileges(environment, domain, authorization.by_token, entry,
                                    entry.privileges.with(Privilege::kCardReset)));
    }
    if (parameters.reference.provider) entry.provider = to_bytes(*parameters.reference.provider);
    OTI_CHECK(add_implicit_selections(environment, entry, parameters.implicit_selections));
    environment.registry.put(entry);
    ByteWriter subject;
    subject.lv(entry.load_file.bytes()).lv(entry.aid.bytes());
    return confirm(environment, authorization, subject.view());
}

// 7.3.2; the domain hands STORE DATA over by the trusted framework (6.7).
Answer personalize(Environment& environment, Channel& channel, const Application& domain,
                   const CommandApdu& command) {
    OTI_TRY(auto fields, InstallFields::parse(command, 4));
    // All but the AID is empty (table 11-47).
    bool only_aid =
        fields.lv[0].empty() && fields.lv[1].empty() && fields.lv[3].empty() && fields.token.empty();
    if (!only_aid || !fields.parameters.empty()) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto aid, aid_of(fields.lv[2]));
    auto entry = environment.registry.application(aid);
    if (!entry) return refuse(StatusWord::kReferencedDataNotFound);
    if (!domain.privileges.has(Privilege::kTrustedPath) || entry->security_domain != domain.aid ||
        entry->is_locked() || !(entry->is_security_domain() || environment.applets.accepts_data(aid))) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    channel.personalized = entry->aid;
    channel.data_blocks = {};
    return confirmation();
}

}  // namespace

Answer install(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    bool combined = command.p1 == kForLoadInstallAndMakeSelectable &&
                    (command.p2 == kCombinedFirst || command.p2 == kCombinedLast);
    if ((command.p2 != 0) != combined) return refuse(StatusWord::kIncorrectP1P2);
    // The bits of the restrictions are those of P1 (tables 11-41 and 11-53).
    if (((environment.registry.restrictions() | domain.restrictions) & command.p1) != 0) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    switch (command.p1) {
        case kForLoad:
            return install_for_load(environment, channel, domain, command, false);
        case kForInstall:
            return install_instance(environment, domain, command, false);
        case kForInstallAndMakeSelectable:
            return install_instance(environment, domain, command, true);
        case kForMakeSelectable:
            return make_selectable(environment, domain, command);
        case kForLoadInstallAndMakeSelectable:
            if (command.p2 == kCombinedLast) return complete_combined(environment, channel, domain, command);
            if (!combined) return refuse(StatusWord::kIncorrectP1P2);
            return install_for_load(environment, channel, domain, command, true);
        case kForExtradition:
            return extradite(environment, domain, command);
        case kForRegistryUpdate:
            return update_registry(environment, domain, command);
        case kForPersonalization:
            return personalize(environment, channel, domain, command);
        default:
            return refuse(StatusWord::kIncorrectP1P2);
    }
}

}  // namespace oti::card
