// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

#include "net/internal/deadline_guard.h"
#include "net/internal/tls_stream.h"
#include "net/web_socket.h"

namespace oti::net {

/// What a `WebSocket` handle, its reader and the running calls share. Lives on one strand.
class WebSocketConnection : public std::enable_shared_from_this<WebSocketConnection> {
  public:
    using Stream = beast::websocket::stream<TlsStream, false>;
    using HttpRequestMessage = beast::http::request<beast::http::vector_body<std::uint8_t>>;

    WebSocketConnection(TlsStream tls, Peer peer, std::chrono::milliseconds idle);

    /// The opening handshake (RFC 6455, 4), in either role. Afterwards `start`.
    Task<Status> open(Url url, std::string subprotocol, Deadline deadline);
    Task<Status> accept(HttpRequestMessage request, std::string subprotocol);
    /// Begins to read; needs the shared pointer.
    void start();

    Task<Result<Bytes>> receive(Deadline deadline);
    Task<Status> send(Bytes message, Deadline deadline);
    Task<void> close(CloseCode code, std::string reason);
    /// Ends all at once: whoever waits gets this error.
    void cut(Error why);

    const Peer& peer() const { return peer_; }
    Executor executor() { return stream_.get_executor(); }

  private:
    Task<void> read_all();
    /// Waits until all earlier sends are done.
    Task<void> wait_for_turn();
    void end_turn();

    Stream stream_;
    Peer peer_;
    std::optional<Error> ended_;
    bool closing_ = false;
    bool receiving_ = false;

    // The timers serve as condition variables: they never expire, and are cancelled to wake who waits.
    std::deque<Bytes> received_;
    std::size_t received_size_ = 0;
    asio::steady_timer readable_, room_;
    std::uint64_t next_turn_ = 0, turn_ = 0;
    asio::steady_timer turn_ended_;
};

}  // namespace oti::net
