// SPDX-License-Identifier: Apache-2.0
// What can be known to go wrong before a card is changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cap/package.h"
#include "globalplatform/card_data.h"
#include "globalplatform/plan.h"

namespace oti::manager {

/// What a card says of itself before an installation.
struct CardState {
    const globalplatform::Registry& registry;
    std::optional<globalplatform::CardResources> resources = {};
};

/// Imports that the card lacks: `cap.missing_import`. Only where the card lists the packages that it came
/// with; many do not, and no supplementary domain sees them.
Status check_imports(const std::vector<cap::Import>& imports, const globalplatform::Registry& card);

/// `card.no_space` if the card says that it has less than the load file needs.
Status check_memory(std::size_t load_file_size, const CardState& card);

/// AIDs of a new application that are taken by something else: `card.aid_in_use`.
Status check_aids(const globalplatform::DesiredApplication& wanted, const CardState& card);

/// What an AID stands for on the card.
struct Victim {
    bool exists = false;
    bool is_domain = false;
    bool is_load_file = false;
    /// What goes with it, in words: instances of a package, content of a domain.
    std::vector<std::string> related = {};
};
Victim victim_of(const iso7816::Aid& aid, const globalplatform::Registry& registry);

}  // namespace oti::manager
