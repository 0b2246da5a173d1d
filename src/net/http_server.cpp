// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <boost/asio/co_spawn.hpp>

#include "base/log.h"
#include "net/internal/http_connection.h"
#include "net/internal/listener.h"
#include "net/internal/live_set.h"

namespace oti::net {

class HttpServer::Impl {
  public:
    Impl(std::shared_ptr<Listener> listener, TlsIdentity identity, HttpServerOptions options)
        : listener(std::move(listener)), service{std::move(identity), options, {}, {}} {}

    void take(const std::shared_ptr<Impl>& self, beast::tcp_stream tcp) {
        auto connection = std::make_shared<HttpConnection>(
            std::move(tcp), std::shared_ptr<const HttpService>(self, &service));
        if (!connections.add(connection, service.options.max_connections)) return;
        asio::co_spawn(connection->executor(), HttpConnection::run(connection),
                       [self, connection](const std::exception_ptr& failure) {
                           self->connections.remove(connection.get());
                           if (failure) log_failure(failure);
                       });
    }

    std::shared_ptr<Listener> listener;
    HttpService service;
    LiveSet<HttpConnection> connections;

  private:
    static void log_failure(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& exception) {
            log::error("a connection ended by a fault: {}", exception.what());
        }
    }
};

Result<HttpServer> HttpServer::listen(asio::io_context& io, const std::string& address, std::uint16_t port,
                                      TlsIdentity identity, HttpServerOptions options) {
    if (!identity.has_certificate()) {
        return fail(ErrorKind::kUsage, "net.tls", "a server needs a certificate",
                    "give it one, with its key");
    }
    OTI_TRY(auto listener, Listener::open(io, address, port));
    return HttpServer(std::make_shared<Impl>(std::move(listener), std::move(identity), options));
}

HttpServer& HttpServer::operator=(HttpServer&& other) noexcept {
    stop();
    impl_ = std::move(other.impl_);
    return *this;
}

std::uint16_t HttpServer::port() const {
    return impl_->listener->port();
}

void HttpServer::serve(HttpHandler handler, std::vector<WebSocketRoute> routes) {
    impl_->service.handler = std::move(handler);
    impl_->service.routes = std::move(routes);
    impl_->listener->start([impl = impl_](asio::ip::tcp::socket socket) {
        impl->take(impl, beast::tcp_stream(std::move(socket)));
    });
}

void HttpServer::stop() {
    if (!impl_) return;
    impl_->listener->stop();
    impl_->connections.stop();
}

}  // namespace oti::net
