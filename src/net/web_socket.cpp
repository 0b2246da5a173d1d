// SPDX-License-Identifier: Apache-2.0
#include "net/web_socket.h"

#include "net/internal/web_socket_connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "net/internal/net_error.h"

namespace oti::net {
namespace {

namespace http = beast::http;
namespace websocket = beast::websocket;

constexpr std::chrono::seconds kHandshakeTimeout{10}, kCloseTimeout{5};
/// A client masks its messages in pieces of this size; each piece is a TLS write.
constexpr std::size_t kWriteBuffer = std::size_t{64} << 10;
constexpr auto kReceive = "receive from a WebSocket", kSend = "send on a WebSocket";

std::string describe(const websocket::close_reason& reason) {
    return "code " + std::to_string(reason.code) + " " +
           std::string(reason.reason.data(), reason.reason.size());
}

}  // namespace

WebSocketConnection::WebSocketConnection(TlsStream tls, Peer peer, std::chrono::milliseconds idle)
    : stream_(std::move(tls)),
      peer_(std::move(peer)),
      readable_(stream_.get_executor()),
      room_(stream_.get_executor(), kNever),
      turn_ended_(stream_.get_executor(), kNever) {
    // From here on the WebSocket's own timer watches over the connection.
    beast::get_lowest_layer(stream_).expires_never();
    stream_.set_option(websocket::stream_base::timeout{kHandshakeTimeout, idle, true});
    stream_.read_message_max(kMaxWebSocketMessage);
    stream_.write_buffer_bytes(kWriteBuffer);
    stream_.auto_fragment(false);
    stream_.binary(true);
}

Task<Status> WebSocketConnection::open(Url url, std::string subprotocol, Deadline deadline) {
    auto attempted = "open " + url.to_string();
    DeadlineGuard guard(executor(), deadline,
                        [self = shared_from_this(), attempted] { self->cut(timeout_error(attempted)); });
    stream_.set_option(websocket::stream_base::decorator([&subprotocol](websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, subprotocol);
    }));
    websocket::response_type response;
    auto [code] = co_await stream_.async_handshake(response, url.authority(), url.target(), kAwait);
    if (ended_) co_return std::unexpected(*ended_);
    if (code == websocket::error::upgrade_declined) {
        co_return fail(ErrorKind::kIo, "net.http",
                       attempted + ": the server answered " + std::to_string(response.result_int()),
                       "check the URL's path");
    }
    if (code) co_return std::unexpected(net_error(code, attempted));
    if (response[http::field::sec_websocket_protocol] != subprotocol) {
        co_return fail(ErrorKind::kIo, "net.http", attempted + ": the server does not speak " + subprotocol,
                       "check the URL and the server's version");
    }
    co_return Status{};
}

Task<Status> WebSocketConnection::accept(HttpRequestMessage request, std::string subprotocol) {
    stream_.set_option(websocket::stream_base::decorator([&subprotocol](websocket::response_type& response) {
        response.set(http::field::sec_websocket_protocol, subprotocol);
    }));
    auto [code] = co_await stream_.async_accept(request, kAwait);
    if (code) co_return std::unexpected(net_error(code, "accept a WebSocket"));
    co_return Status{};
}

void WebSocketConnection::start() {
    asio::co_spawn(
        executor(), [self = shared_from_this()]() -> Task<void> { co_await self->read_all(); },
        [self = shared_from_this()](const std::exception_ptr& failure) {
            if (failure) self->cut({ErrorKind::kInternal, "net.closed", "a fault while reading a WebSocket"});
        });
}

Task<void> WebSocketConnection::read_all() {
    while (!ended_) {
        if (received_size_ >= kMaxWebSocketMessage) {
            co_await room_.async_wait(kAwait);
            continue;
        }
        Bytes message;
        auto buffer = asio::dynamic_buffer(message);
        auto [code, size] = co_await stream_.async_read(buffer, kAwait);
        if (code == websocket::error::closed) {
            cut(closed_error(kReceive, describe(stream_.reason())));
        } else if (code) {
            cut(net_error(code, kReceive));
        } else if (!stream_.got_binary()) {
            co_await close(CloseCode::kUnsupported, "binary messages only");
        } else {
            received_size_ += message.size();
            received_.push_back(std::move(message));
            readable_.cancel();
        }
    }
}

Task<Result<Bytes>> WebSocketConnection::receive(Deadline deadline) {
    if (receiving_) {
        co_return fail(ErrorKind::kInternal, "net.usage", "a WebSocket has one receiver at a time");
    }
    receiving_ = true;
    std::unique_ptr<bool, void (*)(bool*)> at_end(&receiving_, [](bool* receiving) { *receiving = false; });
    while (received_.empty()) {
        if (ended_) co_return std::unexpected(*ended_);
        if (std::chrono::steady_clock::now() >= deadline) co_return std::unexpected(timeout_error(kReceive));
        readable_.expires_at(deadline);
        co_await readable_.async_wait(kAwait);
    }
    auto message = std::move(received_.front());
    received_.pop_front();
    received_size_ -= message.size();
    room_.cancel();
    co_return message;
}

Task<Status> WebSocketConnection::send(Bytes message, Deadline deadline) {
    if (message.size() > kMaxWebSocketMessage) {
        co_return fail(ErrorKind::kUsage, "net.too_large", "a WebSocket message has 1 MiB at most",
                       "send it in parts");
    }
    if (ended_) co_return std::unexpected(*ended_);
    if (closing_) co_return std::unexpected(closed_error(kSend, "by this side"));
    DeadlineGuard guard(executor(), deadline,
                        [self = shared_from_this()] { self->cut(timeout_error(kSend)); });
    co_await wait_for_turn();
    if (!ended_) {
        auto [code, size] = co_await stream_.async_write(asio::buffer(message), kAwait);
        // What the reader knows of the end is more telling than that a write failed.
        if (code && !ended_) cut(net_error(code, kSend));
        end_turn();
        if (!code) co_return Status{};
    }
    co_return std::unexpected(*ended_);
}

Task<void> WebSocketConnection::close(CloseCode code, std::string reason) {
    if (ended_ || closing_) co_return;
    closing_ = true;
    auto closed = closed_error(kReceive, "by this side: " + reason);
    DeadlineGuard guard(executor(), after(kCloseTimeout),
                        [self = shared_from_this(), closed] { self->cut(closed); });
    co_await wait_for_turn();
    if (ended_) co_return;
    reason.resize(std::min(reason.size(), websocket::reason_string::static_capacity));
    websocket::close_reason said(static_cast<websocket::close_code>(code), reason);
    co_await stream_.async_close(said, kAwait);
    cut(closed);
}

void WebSocketConnection::cut(Error why) {
    if (ended_) return;
    ended_ = std::move(why);
    beast::get_lowest_layer(stream_).close();
    readable_.cancel();
    room_.cancel();
    turn_ended_.cancel();
}

Task<void> WebSocketConnection::wait_for_turn() {
    auto mine = next_turn_++;
    while (turn_ != mine && !ended_) co_await turn_ended_.async_wait(kAwait);
}

void WebSocketConnection::end_turn() {
    ++turn_;
    turn_ended_.cancel();
}

WebSocket::WebSocket(std::shared_ptr<WebSocketConnection> connection) : connection_(std::move(connection)) {}

WebSocket::~WebSocket() {
    if (connection_) connection_->cut(closed_error(kReceive, "by this side"));
}

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
    std::swap(connection_, other.connection_);
    return *this;
}

// The coroutines below own the connection while they run, whatever becomes of the handle.
namespace {

Task<Result<Bytes>> receive_on(std::shared_ptr<WebSocketConnection> connection, Deadline deadline) {
    co_return co_await connection->receive(deadline);
}

Task<Status> send_on(std::shared_ptr<WebSocketConnection> connection, Bytes message, Deadline deadline) {
    co_return co_await connection->send(std::move(message), deadline);
}

Task<void> close_on(std::shared_ptr<WebSocketConnection> connection, CloseCode code, std::string reason) {
    co_await connection->close(code, std::move(reason));
}

}  // namespace

Task<Result<Bytes>> WebSocket::receive(Deadline deadline) {
    return receive_on(connection_, deadline);
}
Task<Status> WebSocket::send(Bytes message, Deadline deadline) {
    return send_on(connection_, std::move(message), deadline);
}
Task<void> WebSocket::close(CloseCode code, std::string reason) {
    return close_on(connection_, code, std::move(reason));
}
const Peer& WebSocket::peer() const {
    return connection_->peer();
}
Executor WebSocket::executor() const {
    return connection_->executor();
}

Task<Result<WebSocket>> connect_web_socket(Executor executor, Url url, TlsIdentity identity,
                                           std::string subprotocol, Deadline deadline,
                                           std::chrono::milliseconds idle) {
    OTI_CO_TRY(auto tls, co_await connect_tls(executor, std::move(identity), url, nullptr, deadline));
    auto peer = peer_of(*tls);
    auto connection = std::make_shared<WebSocketConnection>(std::move(*tls), std::move(peer), idle);
    OTI_CO_CHECK(co_await connection->open(std::move(url), std::move(subprotocol), deadline));
    connection->start();
    co_return WebSocket(std::move(connection));
}

}  // namespace oti::net
