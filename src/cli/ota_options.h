// SPDX-License-Identifier: Apache-2.0
// What the commands of `oti ota` have in common: keys of secured packets, their counter, what is to be sent.
#pragma once

#include "cli/card_application.h"
#include "ota/remote_management.h"
#include "scp/scp80_host.h"

namespace oti::cli {

struct OtaOptions : InstallOptions {
    std::vector<std::string> apdus;
    std::string kic, kid, kvn = "01", tar = "000000", spi, counter_file, issuer;
    std::size_t mac_size = 8, messages = 4;
    bool expanded = false;
};

/// Those that all commands have.
void add_ota_options(CLI::App& command, OtaOptions& options);

Result<crypto::SecretBytes> secret_of(const std::string& hex, std::string_view option);
Result<scp::Scp80Host> packets_of(const OtaOptions& options);

/// The counter that is next; 1 where there is no file yet. Errors `file.*`, `ota.counter_file`.
Result<std::uint64_t> next_counter(const std::string& path);
/// Keeps it as used.
Status use_counter(const std::string& path, std::uint64_t counter);

/// An application's installation, or APDUs as they are. `block`: the most data of a command.
Result<std::vector<ota::RemoteCommand>> commands_of(const OtaOptions& options, std::size_t block);

/// Says what came of a command; the same for programs.
json::object report_response(Output& output, std::size_t index, const ota::RemoteCommand& command,
                             const iso7816::ResponseApdu& response);

}  // namespace oti::cli
