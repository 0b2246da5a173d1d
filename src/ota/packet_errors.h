// SPDX-License-Identifier: Apache-2.0
// What it means when a packet was refused, or was not answered.
#pragma once

#include "base/result.h"
#include "scp/scp80_host.h"

namespace oti::ota {

/// Errors `ota.counter_low`, `ota.counter_high`, `ota.counter_blocked`, `ota.refused`.
Error packet_refusal(scp::ResponseStatus status);
/// Codes `ota.por…`: what came is no answer to the packet, which is still to be answered.
bool is_no_answer_to_it(const Error& error);
/// Error `ota.no_answer`.
std::unexpected<Error> packet_unanswered(std::uint64_t counter, unsigned sent);

}  // namespace oti::ota
