// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "net/http_server.h"
#include "net/internal/tls_stream.h"

namespace oti::net {

/// What all connections of a server share; constant once it serves.
struct HttpService {
    TlsIdentity identity;
    HttpServerOptions options;
    HttpHandler handler;
    std::vector<WebSocketRoute> routes;
};

/// The server's side of one connection, on a strand of its own.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
  public:
    HttpConnection(beast::tcp_stream tcp, std::shared_ptr<const HttpService> service);

    /// From the TLS handshake to the end.
    static Task<void> run(std::shared_ptr<HttpConnection> self);
    Executor executor() const { return executor_; }
    /// From any thread: no further request; what runs may end.
    void stop();

  private:
    using Body = beast::http::vector_body<std::uint8_t>;
    using Parser = beast::http::request_parser<Body>;
    using Message = beast::http::request<Body>;

    /// One request and its response; false if it was the connection's last.
    Task<bool> serve_one();
    Task<HttpResponse> answer(HttpRequest request);
    Task<bool> respond(const Message& request, HttpResponse response, bool keep_alive);
    /// Answers what could not be read, if anybody waits for an answer. Always false.
    Task<bool> refuse(const Message& request, boost::system::error_code code);
    Task<void> upgrade(Message message, HttpRequest request);
    void stop_here();

    Executor executor_;
    std::shared_ptr<const HttpService> service_;
    std::unique_ptr<TlsStream> stream_;  // null once it has become a WebSocket
    std::weak_ptr<WebSocketConnection> web_socket_;
    beast::flat_buffer buffer_;
    Peer peer_;
    bool busy_ = false;  // a request was read and its response is not yet sent
    bool stopping_ = false;
};

}  // namespace oti::net
