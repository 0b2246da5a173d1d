// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace oti {

/// What our files need of TOML: tables by plain names, and keys with numbers, truth values or plain strings,
/// each on a line of its own. toml++ 3.3 asserts on, or runs into code it declares unreachable at, much of
/// what is no TOML at all, so nothing else gets there. Number of the first other line; 0 if there is none.
std::size_t first_odd_toml_line(std::string_view text);

}  // namespace oti
