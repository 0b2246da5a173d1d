// SPDX-License-Identifier: Apache-2.0
#include "net/internal/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace oti::net {

namespace asio = boost::asio;
using asio::ip::tcp;

Listener::Listener(asio::io_context& io) : io_(io), acceptor_(Executor(asio::make_strand(io))) {}

Result<std::shared_ptr<Listener>> Listener::open(asio::io_context& io, const std::string& address,
                                                 std::uint16_t port) {
    boost::system::error_code code;
    auto parsed = asio::ip::make_address(address, code);
    if (code) {
        return fail(ErrorKind::kUsage, "net.listen", "\"" + address + "\" is no IP address",
                    "give an address of this machine, 127.0.0.1 for itself only, 0.0.0.0 for all networks");
    }
    std::shared_ptr<Listener> listener(new Listener(io));
    auto& acceptor = listener->acceptor_;
    tcp::endpoint endpoint(parsed, port);
    acceptor.open(endpoint.protocol(), code);
    if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor.bind(endpoint, code);
    if (!code) acceptor.listen(tcp::acceptor::max_listen_connections, code);
    if (!code) listener->port_ = acceptor.local_endpoint(code).port();
    if (code) {
        return fail(ErrorKind::kIo, "net.listen",
                    "listen on " + address + ":" + std::to_string(port) + ": " + code.message(),
                    "choose another port, or end the program that uses it");
    }
    return listener;
}

void Listener::start(OnSocket on_socket) {
    asio::co_spawn(acceptor_.get_executor(), accept_all(shared_from_this(), std::move(on_socket)),
                   asio::detached);
}

void Listener::stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->acceptor_.close(ignored);
    });
}

Task<void> Listener::accept_all(std::shared_ptr<Listener> self, OnSocket on_socket) {
    constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
    while (self->acceptor_.is_open()) {
        auto [code, socket] =
            co_await self->acceptor_.async_accept(Executor(asio::make_strand(self->io_)), kWait);
        if (!self->acceptor_.is_open()) co_return;
        if (code) {
            // Mostly too many open files: it passes as connections end.
            log::warning("cannot accept a connection: {}", code.message());
            asio::steady_timer pause(self->acceptor_.get_executor(), std::chrono::milliseconds(100));
            co_await pause.async_wait(kWait);
            continue;
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        on_socket(std::move(socket));
    }
}

}  // namespace oti::net
