// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "cap/well_known.h"
#include "card/profile.h"
#include "cli/cli.h"

namespace oti::cli {
namespace {

std::string text_of(cap::Version version) {
    return fmt::format("{}.{}", version.major, version.minor);
}

json::object describe(const cap::CapFile& file, Output& output) {
    const auto& package = file.package();
    auto load_file_size = cap::load_file(file.load_file_data_block()).size();
    output.say(fmt::format("package     {}  version {}", package.aid().hex(), text_of(package.version())));
    output.say(fmt::format("CAP format  {}", text_of(package.format())));
    output.say(fmt::format("load file   {} bytes", load_file_size));
    json::array modules, imports;
    for (const auto& module : package.applets()) {
        output.say("module      " + module.hex());
        modules.emplace_back(module.hex());
    }
    for (const auto& import : package.imports()) {
        auto name = cap::describe(import.aid);
        output.say(fmt::format("needs       {} {}", name, text_of(import.version)));
        imports.emplace_back(
            json::object{{"aid", import.aid.hex()}, {"name", name}, {"version", text_of(import.version)}});
    }
    return {{"aid", package.aid().hex()},          {"version", text_of(package.version())},
            {"format", text_of(package.format())}, {"load_file_size", load_file_size},
            {"modules", std::move(modules)},       {"imports", std::move(imports)}};
}

}  // namespace

void add_cap_commands(Commands& commands) {
    auto& noun = commands.noun("cap", "CAP files");
    auto path = std::make_shared<std::string>();
    auto* info = noun.add_subcommand("info", "what is in a CAP file");
    info->add_option("FILE", *path, "the CAP file")->required();
    commands.verb(*info, [path](Output& output) -> Result<json::object> {
        OTI_TRY(auto file, cap::CapFile::read(*path));
        return describe(file, output);
    });

    auto profile = std::make_shared<std::string>("uicc-2024");
    auto* verify = noun.add_subcommand(
        "verify", "check a CAP file, and that a sort of secure element has what it needs");
    verify->add_option("FILE", *path, "the CAP file")->required();
    verify->add_option("--profile", *profile, "the secure element's profile")->capture_default_str();
    commands.verb(*verify, [path, profile](Output& output) -> Result<json::object> {
        OTI_TRY(auto file, cap::CapFile::read(*path));
        OTI_TRY(auto source, card::load_profile(*profile));
        std::vector<cap::AvailablePackage> available;
        for (const auto& package : source.profile.packages)
            available.push_back({package.aid, package.version});
        OTI_CHECK(cap::require_imports(file.package().imports(), available));
        auto data = describe(file, output);
        output.say("whole, and a " + *profile + " has all that it needs");
        return data;
    });
}

}  // namespace oti::cli
