// SPDX-License-Identifier: Apache-2.0
// create-sd, delete-sd, and what changes an entry of the registry: move, set-privileges.
#include <fmt/format.h>

#include "base/hex.h"
#include "base/tlv.h"
#include "cli/card_commands.h"
#include "cli/card_delegation.h"
#include "cli/card_work.h"
#include "globalplatform/commands.h"
#include "globalplatform/names.h"
#include "manager/preflight.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using iso7816::Aid;

/// Packages and modules of which security domains are made, on cards that do not say (GPCS 2.3.1, H.1.3; then
/// as older cards have them).
struct DomainSource {
    std::string_view package, module;
};
constexpr std::array kSources{DomainSource{"A0000001515350", "A000000151535041"},
                              DomainSource{"A00000015153", "A000000151535041"},
                              DomainSource{"A0000000035350", "A000000003535041"}};

struct CreateOptions : CardOptions, TokenOptions {
    std::string aid, package, module, privileges = "security-domain,trusted-path,authorized-management";
    std::vector<std::string> channels;
    std::string parameters, owner;
    bool allow_to = false, allow_from = false;
};

DomainSource source_on(const gp::Registry& registry) {
    for (const auto& source : kSources) {
        const auto* file = registry.load_file(Aid::constant(source.package));
        if (file == nullptr) continue;
        auto module = Aid::constant(source.module);
        // Where the card tells no modules, the usual one is tried.
        if (file->modules.empty() || std::ranges::find(file->modules, module) != file->modules.end())
            return source;
    }
    return kSources.front();
}

Result<gp::DomainParameters> domain_parameters(const CreateOptions& options) {
    gp::DomainParameters parameters;
    for (const auto& text : options.channels) {
        auto bytes = parse_hex(text);
        if (!bytes || bytes->size() != 2) {
            return fail(ErrorKind::kUsage, "usage.scp", "'" + text + "' is no secure channel protocol",
                        "protocol and options are four hexadecimal digits, such as 0370");
        }
        parameters.channels.push_back(static_cast<std::uint16_t>(bytes->front() << 8 | bytes->back()));
    }
    parameters.accepts_extradition = options.allow_to;
    parameters.allows_extradition = options.allow_from;
    return parameters;
}

/// The owner as the domain learns it: Application Provider Identifier in the template B6 (11.5.2.3.7).
Result<Bytes> owner_object(const std::string& owner) {
    OTI_TRY(auto identifier, parse_hex(owner));
    if (identifier.empty()) return Bytes{};
    constexpr Tag kSignatureTemplate = 0xB6, kApplicationProvider = 0x5F20;
    return encode_tlv(kSignatureTemplate, encode_tlv(kApplicationProvider, identifier));
}

Result<json::object> create(const CreateOptions& options, Output& output) {
    OTI_TRY(auto aid, Aid::parse(options.aid));
    OTI_TRY(auto parameters, domain_parameters(options));
    OTI_TRY(auto privileges, gp::parse_privileges(options.privileges));
    OTI_TRY(auto more, parse_hex(options.parameters));
    OTI_TRY(auto owner, owner_object(options.owner));
    OTI_TRY(auto delegation, Delegation::of(options));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    auto source = source_on(registry);
    OTI_TRY(auto package,
            Aid::parse(options.package.empty() ? source.package : std::string_view(options.package)));
    OTI_TRY(auto module,
            Aid::parse(options.module.empty() ? source.module : std::string_view(options.module)));
    if (registry.application(aid) != nullptr || registry.load_file(aid) != nullptr) {
        return fail(ErrorKind::kPolicy, "card.aid_in_use", "the card has " + aid.hex() + " already",
                    "give the domain another AID, or delete the one that is there");
    }
    gp::InstanceOptions instance{privileges, concat(parameters.encode(), more), {}, owner};
    CardWork work;
    work.add(gp::install_and_make_selectable(package, module, aid, instance), "install " + aid.hex());
    OTI_CHECK(delegation.apply(work, registry));
    work.note("until keys are put into it, it is opened with the keys of " + card.session.domain().hex());
    OTI_TRY(auto result, work.run(card.session, options, output));
    result["aid"] = aid.hex();
    if (!options.dry_run) output.say("made the security domain " + aid.hex());
    return result;
}

struct DeleteOptions : CardOptions, TokenOptions {
    std::string aid;
    bool related = false;
};

Result<json::object> remove(const DeleteOptions& options, Output& output) {
    OTI_TRY(auto aid, Aid::parse(options.aid));
    OTI_TRY(auto delegation, Delegation::of(options));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    auto victim = manager::victim_of(aid, registry);
    if (!victim.is_domain) {
        return fail(ErrorKind::kPolicy, "card.not_there", "there is no security domain " + aid.hex(),
                    "'oti card list' shows what there is");
    }
    if (!victim.related.empty() && !options.related) {
        return fail(ErrorKind::kPolicy, "card.in_use",
                    fmt::format("with {} would go {}", aid.hex(), fmt::join(victim.related, ", ")),
                    "add --related to delete all of it");
    }
    CardWork work;
    for (const auto& related : victim.related) work.note(related + " goes with " + aid.hex());
    work.add(gp::delete_object(aid, options.related), "delete " + aid.hex());
    OTI_CHECK(delegation.apply(work, registry));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run) output.say("deleted the security domain " + aid.hex());
    return result;
}

struct MoveOptions : CardOptions, TokenOptions {
    std::string what, to;
};

/// A domain that sees only its own content cannot tell of the rest.
Status check_move(const Aid& what, const Aid& to, const gp::Registry& registry) {
    if (!manager::victim_of(what, registry).exists) {
        return fail(ErrorKind::kPolicy, "card.not_there", "there is no " + what.hex() + " on the card",
                    "'oti card list' shows what there is; a domain sees only what belongs to it");
    }
    const auto* entry = registry.application(what);
    const auto* file = registry.load_file(what);
    const auto& owner = entry != nullptr  ? entry->security_domain
                        : file != nullptr ? file->security_domain
                                          : std::nullopt;
    if (owner == to) {
        return fail(ErrorKind::kPolicy, "card.same_state",
                    fmt::format("{} belongs to {} already", what.hex(), to.hex()));
    }
    const auto* target = registry.application(to);
    if (target != nullptr && !target->is_security_domain()) {
        return fail(ErrorKind::kPolicy, "card.no_domain", to.hex() + " is no security domain",
                    "'oti card list' shows which there are");
    }
    return {};
}

Result<json::object> move(const MoveOptions& options, Output& output) {
    OTI_TRY(auto what, Aid::parse(options.what));
    OTI_TRY(auto to, Aid::parse(options.to));
    OTI_TRY(auto delegation, Delegation::of(options));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    OTI_CHECK(check_move(what, to, registry));
    CardWork work;
    work.add(gp::extradite(what, to), fmt::format("move {} to {}", what.hex(), to.hex()));
    OTI_CHECK(delegation.apply(work, registry));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run) output.say(fmt::format("{} belongs to {}", what.hex(), to.hex()));
    return result;
}

struct PrivilegeOptions : CardOptions, TokenOptions {
    std::string aid, privileges;
    bool default_contact = false, default_contactless = false;
};

/// What it has and shall have, so that nobody takes something away unknowingly.
void note_changes(const Aid& aid, const std::optional<gp::Privileges>& privileges,
                  const gp::Registry& registry, CardWork& work) {
    const auto* entry = registry.application(aid);
    if (entry == nullptr || !privileges) return;
    auto before = gp::names_of(entry->privileges), after = gp::names_of(*privileges);
    for (const auto& name : before) {
        if (std::ranges::find(after, name) == after.end()) work.note(aid.hex() + " loses " + name);
    }
    for (const auto& name : after) {
        if (std::ranges::find(before, name) == before.end()) work.note(aid.hex() + " gets " + name);
    }
}

Result<json::object> set_privileges(const PrivilegeOptions& options, Output& output) {
    OTI_TRY(auto aid, Aid::parse(options.aid));
    std::optional<gp::Privileges> privileges;
    if (!options.privileges.empty()) {
        OTI_TRY(privileges, gp::parse_privileges(options.privileges));
    }
    Bytes parameters;
    if (options.default_contact || options.default_contactless)
        parameters = gp::implicit_selection(options.default_contact, options.default_contactless);
    if (!privileges && parameters.empty()) {
        return fail(ErrorKind::kUsage, "usage.privileges", "nothing is to be changed",
                    "give --privs, --default-contact or --default-contactless");
    }
    OTI_TRY(auto delegation, Delegation::of(options));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    CardWork work;
    work.add(gp::registry_update(aid, privileges, parameters), "update the registry entry of " + aid.hex());
    note_changes(aid, privileges, registry, work);
    OTI_CHECK(delegation.apply(work, registry));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run) output.say("changed " + aid.hex());
    return result;
}

}  // namespace

void add_card_domain_commands(Commands& commands) {
    auto create_options = std::make_shared<CreateOptions>();
    auto& make = add_card_verb(commands, "create-sd", "make a security domain", create_options, create);
    make.add_option("AID", create_options->aid, "its AID")->required();
    make.add_option("--privs", create_options->privileges, "its privileges")->capture_default_str();
    make.add_option(
        "--new-scp", create_options->channels,
        "secure channel protocol and options, such as 0370; may be repeated; the card's own if left "
        "out");
    make.add_flag("--allow-to", create_options->allow_to, "applications may be moved into it");
    make.add_flag("--allow-from", create_options->allow_from, "its applications may be moved away");
    make.add_option("--owner", create_options->owner,
                    "identifier of its owner, whose certificates it obeys (SCP11), hexadecimal");
    make.add_option("--params", create_options->parameters, "further content of C9, hexadecimal");
    make.add_option("--package", create_options->package, "AID of the package; found by itself if left out");
    make.add_option("--module", create_options->module, "AID of the module; found by itself if left out");
    add_token_options(make, *create_options);
    add_card_options(make, *create_options);
    add_dry_run_option(make, *create_options);

    auto delete_options = std::make_shared<DeleteOptions>();
    auto& remove_command = add_card_verb(commands, "delete-sd", "delete a security domain with its keys",
                                         delete_options, remove);
    remove_command.add_option("AID", delete_options->aid, "its AID")->required();
    remove_command.add_flag("--related", delete_options->related, "also all that is in it");
    add_token_options(remove_command, *delete_options);
    add_card_options(remove_command, *delete_options);
    add_dry_run_option(remove_command, *delete_options);

    auto move_options = std::make_shared<MoveOptions>();
    auto& move_command = add_card_verb(
        commands, "move", "move an applet or package to another security domain", move_options, move);
    move_command.add_option("AID", move_options->what, "the applet or package")->required();
    move_command.add_option("--to", move_options->to, "AID of the security domain")->required();
    add_token_options(move_command, *move_options);
    add_card_options(move_command, *move_options);
    add_dry_run_option(move_command, *move_options);

    auto privilege_options = std::make_shared<PrivilegeOptions>();
    auto& privilege_command = add_card_verb(commands, "set-privileges",
                                            "change privileges and implicit selection of an application",
                                            privilege_options, set_privileges);
    privilege_command.add_option("AID", privilege_options->aid, "the application")->required();
    privilege_command.add_option("--privs", privilege_options->privileges,
                                 "all that it shall have, by name with commas between, or in hexadecimal");
    privilege_command.add_flag("--default-contact", privilege_options->default_contact,
                               "implicitly selected on the contact interface");
    privilege_command.add_flag("--default-contactless", privilege_options->default_contactless,
                               "implicitly selected on the contactless interface");
    add_token_options(privilege_command, *privilege_options);
    add_card_options(privilege_command, *privilege_options);
    add_dry_run_option(privilege_command, *privilege_options);
}

}  // namespace oti::cli
