// SPDX-License-Identifier: Apache-2.0
// Scripts of commands in secured packets (TS 102 226, clause 5), and what is answered to them.
#pragma once

#include <functional>

#include "card/environment.h"

namespace oti::card {

using RunOne = std::function<ResponseApdu(const CommandApdu&)>;

/// Script chaining (5.2.1.4): whether a script may follow that continues the one before, and how to forget
/// what that has left if it does not.
struct ScriptChain {
    bool goes_on = false;
    std::function<void()> forget;
};

/// Runs a script to its end or to the first command that is refused; the answer has at most `most` bytes, and
/// what is longer is cut off with 62F1.
Bytes run_compact_script(BytesView script, std::size_t most, const RunOne& run);
Bytes run_expanded_script(BytesView script, std::size_t most, ScriptChain& chain, const RunOne& run);

}  // namespace oti::card
