// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/internal/connect.h"
#include "net/internal/deadline_guard.h"
#include "net/internal/net_error.h"
#include "net/internal/tcp_connection.h"

namespace oti::net {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kMaxRead = std::size_t{16} << 10;

}  // namespace

TcpStream::TcpStream(std::shared_ptr<TcpConnection> connection) : connection_(std::move(connection)) {}

TcpStream::~TcpStream() {
    if (connection_) connection_->close();
}

TcpStream& TcpStream::operator=(TcpStream&& other) noexcept {
    if (connection_) connection_->close();
    connection_ = std::move(other.connection_);
    return *this;
}

Task<Result<Bytes>> TcpStream::read(Deadline deadline) {
    auto connection = connection_;
    Bytes bytes(kMaxRead);
    bool late = false;
    asio::cancellation_signal give_up;
    DeadlineGuard guard(connection->socket.get_executor(), deadline, [&] {
        late = true;
        give_up.emit(asio::cancellation_type::total);
    });
    auto [code, count] = co_await connection->socket.async_read_some(
        asio::buffer(bytes), asio::bind_cancellation_slot(give_up.slot(), kAwait));
    if (code && late) co_return std::unexpected(timeout_error("receive"));
    if (code) co_return std::unexpected(net_error(code, "receive"));
    bytes.resize(count);
    co_return std::move(bytes);
}

Task<Status> TcpStream::write(Bytes bytes, Deadline deadline) {
    auto connection = connection_;
    bool late = false;
    DeadlineGuard guard(connection->socket.get_executor(), deadline, [&] {
        late = true;
        connection->close();
    });
    auto [code, count] = co_await asio::async_write(connection->socket, asio::buffer(bytes), kAwait);
    if (code && late) co_return std::unexpected(timeout_error("send"));
    if (code) co_return std::unexpected(net_error(code, "send"));
    co_return Status{};
}

void TcpStream::close() {
    connection_->close();
}

Executor TcpStream::executor() const {
    return connection_->socket.get_executor();
}

Task<Result<TcpStream>> connect_tcp(Executor executor, std::string host, std::uint16_t port,
                                    Deadline deadline) {
    OTI_CO_TRY(auto socket, co_await connect_socket(executor, std::move(host), port, deadline));
    co_return TcpStream(std::make_shared<TcpConnection>(std::move(socket)));
}

}  // namespace oti::net
