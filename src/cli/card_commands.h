// SPDX-License-Identifier: Apache-2.0
// The verbs of `oti card`, a file for each group.
#pragma once

#include "cli/card_connection.h"

namespace oti::cli {

void add_card_info_commands(Commands& commands);     ///< info, list
void add_card_content_commands(Commands& commands);  ///< install, update, delete
void add_card_domain_commands(Commands& commands);   ///< create-sd, delete-sd, move, privileges
void add_card_key_commands(Commands& commands);      ///< put-key, delete-key
void add_card_scp11_command(Commands& commands);     ///< setup-scp11
void add_card_state_commands(Commands& commands);    ///< lock, unlock
void add_card_data_commands(Commands& commands);     ///< store-data, rename-isd
void add_card_send_command(Commands& commands);      ///< send
void add_card_bench_command(Commands& commands);     ///< bench

/// A verb below `oti card` with options of its own.
template <typename Options, typename Work>
CLI::App& add_card_verb(Commands& commands, const std::string& name, const std::string& description,
                        std::shared_ptr<Options> options, Work work) {
    auto* command =
        commands.noun("card", "a card in a reader, or an image file").add_subcommand(name, description);
    commands.verb(*command, [options, work](Output& output) { return work(*options, output); });
    return *command;
}

}  // namespace oti::cli
