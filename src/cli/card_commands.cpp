// SPDX-License-Identifier: Apache-2.0
#include "cli/card_commands.h"

namespace oti::cli {

void add_card_commands(Commands& commands) {
    add_card_info_commands(commands);
    add_card_content_commands(commands);
}

}  // namespace oti::cli
