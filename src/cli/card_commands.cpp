// SPDX-License-Identifier: Apache-2.0
#include "cli/card_commands.h"

namespace oti::cli {

void add_card_commands(Commands& commands) {
    add_card_info_commands(commands);
    add_card_content_commands(commands);
    add_card_domain_commands(commands);
    add_card_key_commands(commands);
    add_card_scp11_command(commands);
    add_card_state_commands(commands);
    add_card_data_commands(commands);
    add_card_send_command(commands);
    add_card_bench_command(commands);
}

}  // namespace oti::cli
