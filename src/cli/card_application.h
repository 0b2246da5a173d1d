// SPDX-License-Identifier: Apache-2.0
// An application as the command line describes it, made into what shall be on the card.
#pragma once

#include "cap/cap_file.h"
#include "cli/card_connection.h"
#include "cli/card_delegation.h"
#include "crypto/digest.h"
#include "globalplatform/plan.h"

namespace oti::cli {

struct InstallOptions : CardOptions, TokenOptions {
    std::string file;                       ///< CAP file; or else
    std::string package, module, instance;  ///< AIDs
    std::string into;                       ///< domain that gets the load file
    std::string parameters, privileges, hash;
    std::string dap_key, dap_domain;
    bool default_selected = false, default_contact = false, default_contactless = false;
    bool load_only = false, with_descriptor = false;
};

void add_install_options(CLI::App& command, InstallOptions& options);

struct Application {
    std::optional<cap::CapFile> file;  ///< nothing: an instance of a package that is there
    globalplatform::DesiredApplication wanted;
    bool load_only = false;
};

/// `domain`: where the load file goes. Errors `usage.*`, `cap.*`, `aid.invalid`, `hex.invalid`,
/// `key.invalid`.
Result<Application> application_of(const InstallOptions& options, const iso7816::Aid& domain);

/// "sha1", "sha256", "sha384", "sha512". Error `usage.hash`.
Result<crypto::Hash> parse_hash(const std::string& name);

}  // namespace oti::cli
