// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/executor.h"
#include "net/http_message.h"
#include "net/tls_identity.h"
#include "net/web_socket.h"

namespace oti::net {

/// What a server wants of clients. A certificate that is sent must be good under each of them but kNone,
/// which asks for none.
enum class ClientCertificate { kNone, kOptional, kRequired };

struct HttpServerOptions {
    ClientCertificate client_certificate = ClientCertificate::kRequired;
    std::size_t max_body = std::size_t{1} << 20;  ///< octets; more is answered with 413
    std::uint32_t max_header = 16 << 10;          ///< octets; more is answered with 431
    std::size_t max_connections = 10'000;         ///< more are closed as they come
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds idle_timeout{60'000};  ///< from the last response to the end of the next header
    std::chrono::milliseconds request_timeout{30'000};  ///< for a body, and again for a response
    std::chrono::milliseconds web_socket_idle = kWebSocketIdle;
};

/// Answers one request. Runs on the strand of its connection, one request at a time; what it waits for must
/// have a deadline. An exception is logged and answered with 500.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;
/// Serves one WebSocket until it returns; the WebSocket ends with it.
using WebSocketHandler = std::function<Task<void>(WebSocket, HttpRequest)>;

/// A path that can be upgraded to a WebSocket. An upgrade of another path is answered with 404, one that does
/// not offer this subprotocol with 400.
struct WebSocketRoute {
    std::string path;
    std::string subprotocol;
    WebSocketHandler handler;
};

/// An HTTP/1.1 server over TLS 1.3 with persistent connections; a strand for each connection. A request that
/// cannot be parsed is answered with 400, and its connection closed. The io_context outlives the server.
class HttpServer {
  public:
    /// Binds the port, 0 for any free one; connections wait until `serve`. Errors: `net.listen` (address or
    /// port), `net.tls` if the identity has no certificate.
    static Result<HttpServer> listen(boost::asio::io_context& io, const std::string& address,
                                     std::uint16_t port, TlsIdentity identity,
                                     HttpServerOptions options = {});
    ~HttpServer() { stop(); }
    HttpServer(HttpServer&&) noexcept = default;
    HttpServer& operator=(HttpServer&& other) noexcept;

    std::uint16_t port() const;
    /// Called once. What the handlers refer to must live until the io_context has run out of work.
    void serve(HttpHandler handler, std::vector<WebSocketRoute> routes = {});
    /// From any thread, any number of times. No new connection is taken; those without a request are closed;
    /// a running handler's response is still sent; WebSockets are closed with code 1001. Then all coroutines
    /// of the server end, and `io_context::run` returns if nobody else has work.
    void stop();

  private:
    class Impl;
    explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::net
