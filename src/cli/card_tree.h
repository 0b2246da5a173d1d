// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "globalplatform/registry.h"

namespace oti::cli {

/// The registry as a person sees it: domains, what belongs to each, packages with their modules and the
/// instances of these; a line for each thing. `root` is the domain that was asked.
std::vector<std::string> card_tree(const globalplatform::Registry& registry, const iso7816::Aid& root);

json::object registry_json(const globalplatform::Registry& registry);

}  // namespace oti::cli
