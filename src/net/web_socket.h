// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/executor.h"
#include "net/peer.h"
#include "net/tls_identity.h"
#include "net/url.h"

namespace oti::net {

class WebSocketConnection;

/// Octets of one message, in either direction.
inline constexpr std::size_t kMaxWebSocketMessage = std::size_t{1} << 20;
/// A peer silent for half of this time is pinged; one silent for all of it is given up.
inline constexpr std::chrono::milliseconds kWebSocketIdle{60'000};

/// Close codes of RFC 6455, 7.4.1.
enum class CloseCode : std::uint16_t {
    kNormal = 1000,
    kGoingAway = 1001,
    kUnsupported = 1003,
    kPolicy = 1008,
    kInternal = 1011
};

/// A WebSocket (RFC 6455) over TLS 1.3 with binary messages, without compression. Full duplex: one coroutine
/// may receive while others send, all of them on `executor()`. The handle can be moved meanwhile; when it is
/// destroyed, the connection is cut.
class WebSocket {
  public:
    explicit WebSocket(std::shared_ptr<WebSocketConnection> connection);
    ~WebSocket();
    WebSocket(WebSocket&&) noexcept = default;
    WebSocket& operator=(WebSocket&& other) noexcept;

    /// The next message; those that come while nobody receives wait, 1 MiB and one message at most. One
    /// receiver at a time. Errors: `net.timeout` (the connection lives on), `net.closed` (with the peer's
    /// code and reason), `net.too_large`. After the last two each further call says the same. `net.usage` for
    /// a second receiver.
    Task<Result<Bytes>> receive(Deadline deadline);
    /// Sends one message as one TLS write, in the order of the calls. Errors: `net.too_large`, `net.closed`,
    /// `net.timeout`, after which the connection is cut, since part of the message may have gone.
    Task<Status> send(Bytes message, Deadline deadline);
    /// Sends what waits, then closes; waits 5 s at most for the peer to do the same.
    Task<void> close(CloseCode code, std::string reason);

    const Peer& peer() const;
    Executor executor() const;

  private:
    std::shared_ptr<WebSocketConnection> connection_;
};

/// Opens a WebSocket whose server must agree to the subprotocol. `executor` is the strand of all its calls.
/// Errors as those of `HttpClient::request`; `net.http` if the server declines.
Task<Result<WebSocket>> connect_web_socket(Executor executor, Url url, TlsIdentity identity,
                                           std::string subprotocol, Deadline deadline,
                                           std::chrono::milliseconds idle = kWebSocketIdle);

}  // namespace oti::net
