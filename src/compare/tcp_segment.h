// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace oti::compare {

/// A TCP segment in an IPv4 packet (RFC 791, RFC 9293, 3.1), as far as a network has to know it that lets
/// connections break.
struct TcpSegment {
    std::uint32_t source = 0, destination = 0;
    std::uint16_t source_port = 0, destination_port = 0;
    std::uint32_t sequence = 0, acknowledgement = 0;
    bool synchronize = false, acknowledge = false, reset = false;
    std::uint32_t length = 0;  ///< in sequence numbers: octets of data, SYN and FIN

    /// Errors `parse.truncated`, `parse.invalid`: something else, a fragment, or broken.
    static Result<TcpSegment> parse(BytesView packet);
};

/// The packet by which somebody answers who knows of no such connection (RFC 9293, 3.10.7.1). Its sequence
/// number is the one that the segment's sender waits for, and so is believed at once (RFC 5961, 3.2).
Bytes reset_for(const TcpSegment& segment);

}  // namespace oti::compare
