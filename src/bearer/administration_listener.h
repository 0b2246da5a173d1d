// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "bearer/endpoint.h"
#include "net/executor.h"
#include "ota/administration_server.h"

namespace oti::bearer {

/// A server for cards that call (SCP81) on a TCP port, up to 10,000 of them at a time. Everything happens on
/// the io_context, which is run by one thread.
class AdministrationListener {
  public:
    /// After octets of a card's, when its job may have moved; an error ends its connection.
    using OnTurn = std::function<void(const Status&)>;

    /// Errors `serve.address`, `net.listen`.
    static Result<AdministrationListener> start(boost::asio::io_context& io, const Endpoint& endpoint,
                                                ota::AdministrationServer::FindCard find, OnTurn on_turn);
    ~AdministrationListener();
    AdministrationListener(AdministrationListener&&) noexcept;
    AdministrationListener& operator=(AdministrationListener&&) noexcept;

    std::uint16_t port() const;
    /// Ends all connections.
    void stop();

  private:
    class Impl;
    explicit AdministrationListener(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
