// SPDX-License-Identifier: Apache-2.0
#include "net/internal/http_connection.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/log.h"
#include "net/internal/http_fields.h"
#include "net/internal/net_error.h"
#include "net/internal/web_socket_connection.h"

namespace oti::net {
namespace {

namespace http = beast::http;

HttpResponse plain(unsigned status, std::string_view text) {
    return {status, "text/plain; charset=utf-8", to_bytes(as_bytes(text))};
}

/// RFC 9112, 3.2: exactly one Host field in HTTP/1.1.
bool names_host(const auto& message) {
    return message.version() < 11 || message.count(http::field::host) == 1;
}

}  // namespace

HttpConnection::HttpConnection(beast::tcp_stream tcp, std::shared_ptr<const HttpService> service)
    : executor_(tcp.get_executor()),
      service_(std::move(service)),
      stream_(make_tls_stream(std::move(tcp), service_->identity)) {}

Task<void> HttpConnection::run(std::shared_ptr<HttpConnection> self) {
    const auto& options = self->service_->options;
    auto peer =
        co_await accept_tls(*self->stream_, options.client_certificate, after(options.handshake_timeout));
    if (peer) {
        self->peer_ = std::move(*peer);
        while (!self->stopping_ && co_await self->serve_one()) {
        }
    } else {
        log::debug("{}", peer.error().message);
    }
    if (self->stream_ && !self->stopping_) co_await linger(tcp_of(*self->stream_));
}

void HttpConnection::stop() {
    asio::post(executor_, [self = shared_from_this()] { self->stop_here(); });
}

void HttpConnection::stop_here() {
    stopping_ = true;
    if (auto web_socket = web_socket_.lock()) {
        asio::co_spawn(
            executor_,
            [web_socket]() -> Task<void> {
                co_await web_socket->close(CloseCode::kGoingAway, "the server stops");
            },
            asio::detached);
    } else if (stream_ && !busy_) {
        tcp_of(*stream_).close();
    }
}

Task<bool> HttpConnection::serve_one() {
    const auto& options = service_->options;
    busy_ = false;
    Parser parser;
    parser.header_limit(options.max_header);
    parser.body_limit(options.max_body);
    tcp_of(*stream_).expires_after(options.idle_timeout);
    auto [header_code, header_size] = co_await http::async_read_header(*stream_, buffer_, parser, kAwait);
    if (header_code) co_return co_await refuse(parser.get(), header_code);
    busy_ = true;

    tcp_of(*stream_).expires_after(options.request_timeout);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> proceed(http::status::continue_, 11);
        auto [code, size] = co_await http::async_write(*stream_, proceed, kAwait);
        if (code) co_return false;
    }
    auto [body_code, body_size] = co_await http::async_read(*stream_, buffer_, parser, kAwait);
    if (body_code) co_return co_await refuse(parser.get(), body_code);
    tcp_of(*stream_).expires_never();

    auto message = parser.release();
    auto target = parse_target(message.target());
    if (!target) co_return co_await respond(message, plain(400, target.error().message), false);
    if (!names_host(message)) co_return co_await respond(message, plain(400, "one Host, please"), false);
    HttpRequest request{std::string(message.method_string()),
                        std::move(target->path),
                        std::move(target->query),
                        std::string(message[http::field::content_type]),
                        read_headers(message),
                        {},
                        peer_};
    if (beast::websocket::is_upgrade(message)) {
        co_await upgrade(std::move(message), std::move(request));
        co_return false;
    }
    request.body = std::move(message.body());
    auto response = co_await answer(std::move(request));
    co_return co_await respond(message, std::move(response), message.keep_alive());
}

Task<HttpResponse> HttpConnection::answer(HttpRequest request) {
    auto what = request.method + " " + request.path;
    try {
        auto response = co_await service_->handler(std::move(request));
        if (response.status >= 200 && response.status <= 599 && are_valid(response.headers) &&
            is_valid_value(response.content_type)) {
            co_return response;
        }
        log::error("{}: the handler's response cannot be sent", what);
    } catch (const std::exception& exception) {
        log::error("{}: {}", what, exception.what());
    }
    co_return plain(500, "a fault of this server");
}

Task<bool> HttpConnection::respond(const Message& request, HttpResponse response, bool keep_alive) {
    http::response<Body> message(static_cast<http::status>(response.status), request.version());
    write_headers(message, response.headers, response.content_type);
    message.keep_alive(keep_alive && !stopping_);
    auto size = response.body.size();
    bool has_body = request.method() != http::verb::head && response.status != 204 && response.status != 304;
    if (has_body) message.body() = std::move(response.body);
    if (response.status != 204) message.content_length(size);
    tcp_of(*stream_).expires_after(service_->options.request_timeout);
    auto [code, written] = co_await http::async_write(*stream_, message, kAwait);
    busy_ = false;
    co_return !code && message.keep_alive();
}

Task<bool> HttpConnection::refuse(const Message& request, boost::system::error_code code) {
    auto error = net_error(code, "read a request");
    log::debug("{}", error.message);
    busy_ = true;
    if (code == http::error::body_limit) co_return co_await respond(request, plain(413, "too large"), false);
    if (code == http::error::header_limit)
        co_return co_await respond(request, plain(431, "too large"), false);
    if (error.code == "net.http") co_return co_await respond(request, plain(400, code.message()), false);
    co_return false;
}

Task<void> HttpConnection::upgrade(Message message, HttpRequest request) {
    auto route = std::ranges::find(service_->routes, request.path, &WebSocketRoute::path);
    if (route == service_->routes.end()) {
        co_await respond(message, plain(404, "no WebSocket here"), false);
        co_return;
    }
    http::token_list offered(message[http::field::sec_websocket_protocol]);
    if (!offered.exists(route->subprotocol) || buffer_.size() != 0) {
        co_await respond(message, plain(400, "offer the subprotocol " + route->subprotocol), false);
        co_return;
    }
    auto connection =
        std::make_shared<WebSocketConnection>(std::move(*stream_), peer_, service_->options.web_socket_idle);
    stream_.reset();
    if (auto accepted = co_await connection->accept(std::move(message), route->subprotocol); !accepted) {
        log::debug("{}", accepted.error().message);
        co_return;
    }
    connection->start();
    web_socket_ = connection;
    if (stopping_) stop_here();
    try {
        co_await route->handler(WebSocket(std::move(connection)), std::move(request));
    } catch (const std::exception& exception) {
        log::error("WebSocket {}: {}", route->path, exception.what());
    }
}

}  // namespace oti::net
