// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/cli.h"

namespace oti::cli {

/// `--system-id` and `--password`, or OTI_SMPP_SYSTEM_ID and OTI_SMPP_PASSWORD.
void add_smpp_account(CLI::App& command, std::string& system_id, std::string& password);

/// `oti ota smsc`.
void add_smsc_command(CLI::App& noun, Commands& commands);

}  // namespace oti::cli
