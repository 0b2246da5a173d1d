// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "compare/bearer.h"

namespace oti::compare {

/// What a bearer can do beside being fast: found by a run, which is named.
struct Quality {
    std::string question;
    std::string bearer;
    bool yes = false;
    std::string evidence;  ///< the run, and what it showed
};

/// Asks one bearer everything, with installations of this applet over this network.
Result<std::vector<Quality>> qualities_of(const Bearer& bearer, const Subject& subject, const Applet& applet,
                                          const Network& network, std::uint64_t seed);

}  // namespace oti::compare
