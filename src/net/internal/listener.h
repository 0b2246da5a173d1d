// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "base/result.h"
#include "net/executor.h"

namespace oti::net {

/// A listening TCP socket and its loop. Each accepted socket has a strand of its own and TCP_NODELAY.
class Listener : public std::enable_shared_from_this<Listener> {
  public:
    using OnSocket = std::function<void(boost::asio::ip::tcp::socket)>;

    /// Error `net.listen`.
    static Result<std::shared_ptr<Listener>> open(boost::asio::io_context& io, const std::string& address,
                                                  std::uint16_t port);
    std::uint16_t port() const { return port_; }
    void start(OnSocket on_socket);
    /// From any thread.
    void stop();

  private:
    explicit Listener(boost::asio::io_context& io);
    static Task<void> accept_all(std::shared_ptr<Listener> self, OnSocket on_socket);

    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
};

}  // namespace oti::net
