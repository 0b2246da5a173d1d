// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace oti::card {

struct BuiltInProfile {
    std::string_view name;
    std::string_view toml;
};

/// The files of `profiles/`, as they were when the program was built.
const std::vector<BuiltInProfile>& built_in_profiles();

}  // namespace oti::card
