// SPDX-License-Identifier: Apache-2.0
// Scripts of commands for remote management, and the answers to them, off card (ETSI TS 102 226, clause 5).
#pragma once

#include <span>
#include <vector>

#include "iso7816/apdu.h"

namespace oti::ota {

enum class ScriptFormat : std::uint8_t { kCompact, kExpanded };

struct RemoteCommand {
    iso7816::CommandApdu command;
    bool wants_data = false;     ///< its response data are of interest, not its status alone
    bool may_find_none = false;  ///< 6A88 is an answer like any other

    /// Whether the answer to an expanded script has its response, wherever it stands in it.
    bool is_reported() const { return wants_data || (command.data.empty() && command.ne != 0); }
};

/// The commands of one packet: `count` of them, beginning with `first`.
struct Script {
    Bytes data;
    std::size_t first = 0;
    std::size_t count = 0;
};

/// As many commands from `first` on as a script of at most `max_size` bytes holds. In compact format a
/// command whose data are wanted ends it, with a GET RESPONSE if it has data of its own. Errors
/// `ota.command_size` (one that fits into no packet, or that compact format cannot carry), `ota.script` (no
/// commands).
Result<Script> make_script(ScriptFormat format, std::span<const RemoteCommand> commands, std::size_t first,
                           std::size_t max_size);
/// All of them, in order, in as few scripts as there can be.
Result<std::vector<Script>> make_scripts(ScriptFormat format, std::span<const RemoteCommand> commands,
                                         std::size_t max_size);

struct ScriptAnswer {
    std::size_t executed = 0;    ///< commands that were run, the last one with the status below
    iso7816::ResponseApdu last;  ///< of the last one; 61xx is 9000 with the data left on the card
    std::vector<iso7816::ResponseApdu>
        all;  ///< expanded: those that the card reported, the last one included
};

/// Errors `parse.*`, and `ota.bad_format` for a script that the card could not read.
Result<ScriptAnswer> read_answer(ScriptFormat format, BytesView additional_data);

}  // namespace oti::ota
