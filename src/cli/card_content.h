// SPDX-License-Identifier: Apache-2.0
// What install, update and delete do, for whoever else wants it done.
#pragma once

#include "cli/card_application.h"

namespace oti::cli {

/// Whether a package that is there is replaced.
enum class IfThere : std::uint8_t { kRefuse, kReplaceOther, kReplace };

/// A session that brings a package and its instance onto a card: read, checked, planned, done, read again.
Result<json::object> bring(const InstallOptions& options, IfThere if_there, Output& output);

struct RemoveOptions : CardOptions, TokenOptions {
    std::vector<std::string> what;  ///< AIDs, or CAP files for their packages
    bool related = false;
};
/// A session that deletes.
Result<json::object> remove(const RemoveOptions& options, Output& output);

}  // namespace oti::cli
