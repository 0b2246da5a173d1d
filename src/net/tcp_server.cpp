// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_server.h"

#include "net/internal/listener.h"
#include "net/internal/tcp_connection.h"

namespace oti::net {

TcpServer::TcpServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
TcpServer::TcpServer(TcpServer&&) noexcept = default;

TcpServer& TcpServer::operator=(TcpServer&& other) noexcept {
    stop();
    listener_ = std::move(other.listener_);
    return *this;
}

TcpServer::~TcpServer() {
    stop();
}

Result<TcpServer> TcpServer::start(boost::asio::io_context& io, const std::string& address,
                                   std::uint16_t port, OnStream on_stream) {
    OTI_TRY(auto listener, Listener::open(io, address, port));
    listener->start([on_stream = std::move(on_stream)](boost::asio::ip::tcp::socket socket) {
        on_stream(TcpStream(std::make_shared<TcpConnection>(std::move(socket))));
    });
    return TcpServer(std::move(listener));
}

std::uint16_t TcpServer::port() const {
    return listener_->port();
}

void TcpServer::stop() {
    if (listener_) listener_->stop();
}

}  // namespace oti::net
