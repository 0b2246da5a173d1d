// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include "base/log.h"

namespace oti::cli {

CLI::App& Commands::noun(std::string_view path, std::string description) {
    auto* at = app_;
    while (!path.empty()) {
        auto space = path.find(' ');
        std::string name(path.substr(0, space));
        path = space == std::string_view::npos ? std::string_view() : path.substr(space + 1);
        auto known =
            at->get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
        if (known.empty()) {
            known.push_back(at->add_subcommand(name));
            known.front()->require_subcommand(1);
        }
        at = known.front();
        if (path.empty() && !description.empty()) at->description(description);
    }
    return *at;
}

void Commands::verb(CLI::App& command, Work work) {
    command.callback([this, work = std::move(work)] { chosen_ = work; });
}

int run(int argc, char** argv) {
    CLI::App app("Over-the-Internet: manage Java Card applications on secure elements in phones");
    app.require_subcommand(1);
    app.fallthrough();
    bool as_json = false;
    std::string log_level = "info";
    app.add_flag("--json", as_json, "JSON lines on standard output");
    app.add_option("--log", log_level,
                   "what programs write to standard error: debug, info, warning, error, off")
        ->envname("OTI_LOG");
    Commands commands(app);
    add_ca_commands(commands);
    add_ca_scp11_command(commands);
    add_cap_commands(commands);
    add_card_commands(commands);
    add_se_commands(commands);
    add_se_serve_command(commands);
    add_server_commands(commands);
    add_tsm_commands(commands);
    add_sp_commands(commands);
    add_demo_command(commands);
    add_bench_command(commands);
    add_compare_command(commands);
    add_ota_commands(commands);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Help is no error; anything else that cannot be read is usage.
        bool helped = app.exit(error) == 0;
        return helped ? 0 : static_cast<int>(ErrorKind::kUsage);
    }
    log::start(app.get_subcommands().front()->get_name(), log_level);
    Output output(as_json);
    try {
        auto result = commands.chosen()(output);
        if (!result) return output.error(result.error());
        output.result(std::move(*result));
        return 0;
    } catch (const std::exception& error) {
        return output.error(
            {ErrorKind::kInternal, "internal", error.what(), "this is a fault of the program"});
    }
}

}  // namespace oti::cli
