// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace oti::net {

/// What a `TcpStream` and the operations that run on it share.
class TcpConnection {
  public:
    explicit TcpConnection(boost::asio::ip::tcp::socket its_socket) : socket(std::move(its_socket)) {}
    void close() {
        boost::system::error_code ignored;
        socket.close(ignored);
    }

    boost::asio::ip::tcp::socket socket;
};

}  // namespace oti::net
