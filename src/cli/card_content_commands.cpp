// SPDX-License-Identifier: Apache-2.0
// install, update, delete: the same plan (desired minus actual) that a provider's server makes for a phone.
#include <fmt/format.h>

#include "cli/card_commands.h"
#include "cli/card_content.h"
#include "cli/card_work.h"
#include "globalplatform/commands.h"
#include "manager/preflight.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using iso7816::Aid;
using manager::CardState;

Result<CardState> state_of(manager::CardSession& session, const gp::Registry& registry) {
    CardState state{registry};
    OTI_TRY(auto data, session.read_data(0xFF21));
    if (data) {
        if (auto resources = gp::CardResources::parse(*data)) state.resources = *resources;
    }
    return state;
}

std::string text_of(const std::optional<gp::PackageVersion>& version) {
    return version ? fmt::format(" {}.{}", version->major, version->minor) : std::string();
}

Status refuse_what_is_there(const Application& application, const gp::Registry& registry) {
    const auto& wanted = application.wanted;
    const auto* file = registry.load_file(wanted.load_file);
    const auto* instance = application.load_only ? nullptr : registry.application(wanted.instance);
    if (instance != nullptr) {
        return fail(ErrorKind::kPolicy, "card.exists",
                    fmt::format("the application {} is on the card already", wanted.instance.hex()),
                    "bring it to another version with 'oti card update', give the new one another --aid, or "
                    "replace it with --force");
    }
    if (file == nullptr || wanted.is_preloaded()) return {};
    bool same_version = file->version && *file->version == wanted.version;
    if (same_version && !application.load_only) return {};  // only the instance is missing
    return fail(ErrorKind::kPolicy, "card.exists",
                fmt::format("the package {}{} is on the card already", wanted.load_file.hex(),
                            text_of(file->version)),
                "replace it with 'oti card update' or --force");
}

/// An update is done or not by the version that the card tells, so it has to tell one.
Status require_version(const Application& application, const gp::Registry& registry) {
    const auto* file = registry.load_file(application.wanted.load_file);
    if (file == nullptr || file->version || application.wanted.is_preloaded()) return {};
    return fail(ErrorKind::kPolicy, "card.no_version",
                fmt::format("the card has the package {}, and does not tell in which version",
                            application.wanted.load_file.hex()),
                "replace it, whatever it is, with --force");
}

/// What has to be done, and what goes with what is deleted.
std::vector<gp::Operation> operations_for(const Application& application, const gp::Registry& registry,
                                          IfThere if_there) {
    const auto& wanted = application.wanted;
    std::vector<gp::Operation> operations;
    const auto* file = registry.load_file(wanted.load_file);
    if (if_there == IfThere::kReplace || application.load_only) {
        bool current = file != nullptr && file->version && *file->version == wanted.version;
        if (application.load_only && current && if_there != IfThere::kReplace) return operations;
        bool loads = !wanted.is_preloaded();
        const auto* instance = application.load_only ? nullptr : registry.application(wanted.instance);
        bool goes_along =
            loads && file != nullptr && instance != nullptr && instance->load_file == wanted.load_file;
        if (loads && file != nullptr) operations.emplace_back(gp::Delete{wanted.load_file});
        if (instance != nullptr && !goes_along) operations.emplace_back(gp::Delete{wanted.instance});
        if (loads) operations.emplace_back(gp::Load{wanted});
        if (!application.load_only) operations.emplace_back(gp::Install{wanted});
        return operations;
    }
    return gp::plan({{wanted}, {}}, registry);
}

Status note_deletions(const std::vector<gp::Operation>& operations, const Application& application,
                      const gp::Registry& registry, CardWork& work) {
    for (const auto& operation : operations) {
        const auto* remove = std::get_if<gp::Delete>(&operation);
        if (remove == nullptr) continue;
        auto victim = manager::victim_of(remove->aid, registry);
        work.note(fmt::format("{} is deleted, with all its data", remove->aid.hex()));
        for (const auto& related : victim.related) {
            bool comes_back =
                !application.load_only && related == "applet " + application.wanted.instance.hex();
            work.note(fmt::format("{} goes with it{}", related, comes_back ? ", and is made anew" : ""));
        }
    }
    return {};
}

/// The registry read afterwards is what counts, whatever the status words said.
Status verify(manager::CardSession& session, const Application& application) {
    OTI_TRY(auto registry, session.read_registry());
    const auto& wanted = application.wanted;
    bool there = application.load_only ? registry.load_file(wanted.load_file) != nullptr
                                       : registry.application(wanted.instance) != nullptr;
    // Another domain's content is not in the view of one that may not see it.
    if (there || !registry.issuer_domain) return {};
    return fail(ErrorKind::kCard, "manager.not_reached",
                "the card took every command, but its registry does not show what was installed");
}

/// An AID, or the package of a CAP file.
Result<Aid> aid_or_package(const std::string& text) {
    auto aid = Aid::parse(text);
    if (aid) return aid;
    if (!text.ends_with(".cap")) return aid;
    OTI_TRY(auto file, cap::CapFile::read(text));
    return file.package().aid();
}

Status plan_deletion(const Aid& aid, const gp::Registry& registry, const RemoveOptions& options,
                     CardWork& work) {
    auto victim = manager::victim_of(aid, registry);
    if (!victim.exists && !options.force) {
        return fail(ErrorKind::kPolicy, "card.not_there", "there is no " + aid.hex() + " on the card",
                    "'oti card list' shows what there is; a domain sees only what belongs to it");
    }
    if (!victim.related.empty() && !options.related) {
        return fail(ErrorKind::kPolicy, "card.in_use",
                    fmt::format("with {} would go {}", aid.hex(), fmt::join(victim.related, ", ")),
                    "add --related to delete all of it");
    }
    for (const auto& related : victim.related) work.note(related + " goes with " + aid.hex());
    work.add(gp::delete_object(aid, options.related), "delete " + aid.hex());
    return {};
}

}  // namespace

Result<json::object> bring(const InstallOptions& options, IfThere if_there, Output& output) {
    OTI_TRY(auto delegation, Delegation::of(options));
    OTI_TRY(auto card, open_domain(options));
    auto& session = card.session;
    auto target = session.domain();
    if (!options.into.empty()) {
        OTI_TRY(target, Aid::parse(options.into));
    }
    OTI_TRY(auto application, application_of(options, target));
    const auto& wanted = application.wanted;

    OTI_TRY(auto registry, session.read_registry());
    OTI_TRY(auto state, state_of(session, registry));
    if (options.force) if_there = IfThere::kReplace;
    if (if_there == IfThere::kRefuse) OTI_CHECK(refuse_what_is_there(application, registry));
    if (if_there == IfThere::kReplaceOther) OTI_CHECK(require_version(application, registry));
    if (application.file)
        OTI_CHECK(manager::check_imports(application.file->package().imports(), state.registry));
    if (!options.force && !application.load_only) OTI_CHECK(manager::check_aids(wanted, state));

    auto operations = operations_for(application, registry, if_there);
    bool loads = std::ranges::any_of(
        operations, [](const auto& operation) { return std::holds_alternative<gp::Load>(operation); });
    bool deletes = std::ranges::any_of(
        operations, [](const auto& operation) { return std::holds_alternative<gp::Delete>(operation); });
    // What a deletion gives back is not known before.
    if (loads && !deletes) OTI_CHECK(manager::check_memory(wanted.load_file_data.size(), state));

    CardWork work;
    OTI_CHECK(note_deletions(operations, application, registry, work));
    work.add(gp::commands(operations, target, session.block_size()));
    OTI_CHECK(delegation.apply(work, registry));
    OTI_TRY(auto result, work.run(session, options, output));
    result["package"] = wanted.load_file.hex();
    if (!application.load_only) result["instance"] = wanted.instance.hex();
    result["changed"] = !work.empty() && !options.dry_run;
    if (options.dry_run) return result;
    if (work.empty()) {
        output.say("it is there already, in this version: nothing was done");
        return result;
    }
    OTI_CHECK(verify(session, application));
    output.say(application.load_only ? "loaded the package " + wanted.load_file.hex()
                                     : fmt::format("installed {} of the package {}", wanted.instance.hex(),
                                                   wanted.load_file.hex()));
    return result;
}

Result<json::object> remove(const RemoveOptions& options, Output& output) {
    OTI_TRY(auto delegation, Delegation::of(options));
    std::vector<Aid> aids;
    for (const auto& text : options.what) {
        OTI_TRY(auto aid, aid_or_package(text));
        aids.push_back(aid);
    }
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    CardWork work;
    for (const auto& aid : aids) OTI_CHECK(plan_deletion(aid, registry, options, work));
    OTI_CHECK(delegation.apply(work, registry));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (options.dry_run) return result;
    OTI_TRY(auto after, card.session.read_registry());
    for (const auto& aid : aids) {
        if (manager::victim_of(aid, after).exists) {
            return fail(ErrorKind::kCard, "manager.not_reached",
                        "the card took every command, but still has " + aid.hex());
        }
        output.say("deleted " + aid.hex());
    }
    return result;
}

void add_card_content_commands(Commands& commands) {
    auto install_options = std::make_shared<InstallOptions>();
    auto& install = add_card_verb(commands, "install", "load a CAP file and install its applet",
                                  install_options, [](const InstallOptions& options, Output& output) {
                                      return bring(options, IfThere::kRefuse, output);
                                  });
    auto update_options = std::make_shared<InstallOptions>();
    auto& update = add_card_verb(commands, "update", "bring an applet to the version of a CAP file",
                                 update_options, [](const InstallOptions& options, Output& output) {
                                     return bring(options, IfThere::kReplaceOther, output);
                                 });
    for (auto [command, options] :
         {std::pair(&install, install_options), std::pair(&update, update_options)}) {
        add_install_options(*command, *options);
        add_card_options(*command, *options);
        add_dry_run_option(*command, *options);
    }

    auto delete_options = std::make_shared<RemoveOptions>();
    auto& remove_command =
        add_card_verb(commands, "delete", "delete applets, packages, domains", delete_options, remove);
    remove_command.add_option("AID", delete_options->what, "AIDs, or CAP files for their packages")
        ->required();
    remove_command.add_flag("--related", delete_options->related,
                            "also the applets of a package, and all that is in a domain");
    add_token_options(remove_command, *delete_options);
    add_card_options(remove_command, *delete_options);
    add_dry_run_option(remove_command, *delete_options);
}

}  // namespace oti::cli
