// SPDX-License-Identifier: Apache-2.0
// Scripts of commands in secured packets (TS 102 226, clause 5), and what is answered to them.
#pragma once

#include <functional>

#include "card/environment.h"

namespace oti::card {

using RunOne = std::function<ResponseApdu(const CommandApdu&)>;

/// Runs a script to its end or to the first command that is refused; the answer has at most `most` bytes, and
/// what is longer is cut off with 62F1. `chained` is the context of script chaining: whether another script
/// may follow.
Bytes run_compact_script(BytesView script, std::size_t most, const RunOne& run);
Bytes run_expanded_script(BytesView script, std::size_t most, bool& chained, const RunOne& run);

}  // namespace oti::card
