// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "net/tcp_stream.h"

namespace oti::net {

class Listener;

/// Accepts TCP connections, each on a strand of its own.
class TcpServer {
  public:
    using OnStream = std::function<void(TcpStream)>;

    /// `address` is an IP address of this machine; port 0 is any free one. Error `net.listen`. The
    /// io_context outlives the server.
    static Result<TcpServer> start(boost::asio::io_context& io, const std::string& address,
                                   std::uint16_t port, OnStream on_stream);
    ~TcpServer();
    TcpServer(TcpServer&&) noexcept;
    TcpServer& operator=(TcpServer&&) noexcept;

    std::uint16_t port() const;
    /// No further connections; those that were accepted belong to who got them. From any thread.
    void stop();

  private:
    explicit TcpServer(std::shared_ptr<Listener> listener);
    std::shared_ptr<Listener> listener_;
};

}  // namespace oti::net
