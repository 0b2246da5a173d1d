// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/output.h"

namespace oti::cli {

/// The program `oti`; returns its exit status.
int run(int argc, char** argv);

/// Where the commands register themselves. `work` is run after the command line was read; it returns what
/// goes into the result, or the error.
class Commands {
  public:
    explicit Commands(CLI::App& app) : app_(&app) {}

    using Work = std::function<Result<json::object>(Output&)>;
    /// "sp app", "what it is about": the noun, with those above it.
    CLI::App& root() { return *app_; }
    CLI::App& noun(std::string_view path, std::string description);
    void verb(CLI::App& command, Work work);
    const Work& chosen() const { return chosen_; }

  private:
    CLI::App* app_;
    Work chosen_;
};

// One function for each file of commands.
void add_ca_commands(Commands& commands);
void add_ca_scp11_command(Commands& commands);
void add_cap_commands(Commands& commands);
void add_card_commands(Commands& commands);
void add_se_commands(Commands& commands);
void add_se_serve_command(Commands& commands);
void add_server_commands(Commands& commands);
void add_tsm_commands(Commands& commands);
void add_sp_commands(Commands& commands);
void add_demo_command(Commands& commands);
void add_bench_command(Commands& commands);
void add_compare_command(Commands& commands);
void add_ota_commands(Commands& commands);
void add_ota_administer_command(CLI::App& noun, Commands& commands);

}  // namespace oti::cli
