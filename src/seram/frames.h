// SPDX-License-Identifier: Apache-2.0
// The stream binding (WebSocket subprotocol `oti.v1`, `application/cbor`): GP SERAM's messages as frames, one
// WebSocket message each, in both directions at any time. docs/protocol.md has the tables.
//
// A session's APDUs are numbered by script and by place in it. The Remote Agent sends a script as one order
// or as several in flight; the Local Agent runs them in turn, reports what it has, and stops a script at the
// first response that does not meet its expectation: what is left of that script is discarded.
#pragma once

#include <variant>

#include "base/result.h"
#include "seram/messages.h"

namespace oti::seram {

inline constexpr std::string_view kSubprotocol = "oti.v1";
/// Where the Local Agent connects, with its Hello (hex) as query parameter `hello`.
inline constexpr std::string_view kStreamPath = "/oti/v1/stream";

/// Place of an APDU in a session.
struct Place {
    std::uint32_t script = 0;
    std::uint32_t index = 0;
    auto operator<=>(const Place&) const = default;
};

/// A session that still stands at the Local Agent after a lost connection: the next command it is waiting
/// for.
struct Standing {
    SessionId session;
    Place next;
    bool operator==(const Standing&) const = default;
};

/// Local Agent, first: the handshake's command, and what may be resumed.
struct Hello {
    Handshake handshake;
    std::vector<Standing> standing = {};
    bool operator==(const Hello&) const = default;
};

/// Remote Agent, first: the handshake's response.
struct Welcome {
    HandshakeResponse response;
    bool operator==(const Welcome&) const = default;
};

/// Remote Agent: commands of a script, the first APDU at `place`. `received`: responses up to this place have
/// arrived, so that they need not be kept for a resumption.
struct StreamOrder {
    SessionId session;
    Place place;
    Place received;
    Order order;
    bool operator==(const StreamOrder&) const = default;
};

/// Local Agent: R-APDUs, the first one at `place`; never of more than one script.
struct StreamReport {
    SessionId session;
    Place place;
    AgentStatus status = AgentStatus::kProcessed;
    std::string error = {};
    std::vector<Bytes> responses = {};
    bool operator==(const StreamReport&) const = default;
};

/// Remote Agent, of a standing session: responses up to `received` have arrived, send again what came after.
struct Resume {
    SessionId session;
    Place received;
    bool operator==(const Resume&) const = default;
};

/// Remote Agent: run this session over HTTPS and JSON.
struct WakeUp {
    SessionId session;
    bool operator==(const WakeUp&) const = default;
};

/// Either: this session is over, or never was.
struct Fault {
    SessionId session;
    std::string code;
    std::string message;
    bool operator==(const Fault&) const = default;
};

using Frame = std::variant<Hello, Welcome, StreamOrder, StreamReport, Resume, WakeUp, Fault>;

/// Largest frame, bytes.
inline constexpr std::size_t kMaxFrame = 1 << 20;

Bytes encode(const Frame& frame);
/// Error `seram.invalid` with the place in the frame; nothing is yielded then.
Result<Frame> parse_frame(BytesView bytes);

}  // namespace oti::seram
