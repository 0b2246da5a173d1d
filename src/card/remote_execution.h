// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "card/command_runner.h"
#include "card/remote_parameters.h"

namespace oti::card {

/// On whose authority a script runs: its level, and the DEK for the keys in a command (nothing: the command
/// is refused).
struct RemoteAuthority {
    scp::CurrentSecurityLevel level;
    std::function<std::optional<KeyComponent>(const CommandApdu&)> dek;
};

/// Runs the scripts that come to security domains from afar (TS 102 226, clauses 5 and 8), and keeps what
/// goes on from one to the next.
class RemoteExecution {
  public:
    /// The answer to the script, of at most `most` bytes.
    Bytes run(CommandRunner& card, const Application& domain, ScriptFormat format,
              const RemoteAuthority& authority, BytesView script, std::size_t most);
    void reset();

  private:
    /// What a domain remembers from script to script: a load goes on (8.2.1.4), and so does a chain.
    struct Context {
        Channel channel;
        bool is_chained = false;
    };
    Context& context_of(const Aid& domain);

    std::vector<Context> contexts_;  ///< each domain has its own
};

}  // namespace oti::card
