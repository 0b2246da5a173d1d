// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "bearer/sockets.h"
#include "ota/administration_server.h"

namespace oti::bearer {

/// A server for cards that call (SCP81) on a TCP port, one connection after another.
class AdministrationListener {
  public:
    /// Errors `serve.address`, `serve.listen`.
    static Result<AdministrationListener> create(const Endpoint& endpoint);
    std::uint16_t port() const { return port_of(listener_.get()); }

    /// Errors of connections, with their codes.
    std::function<void(const Error&)> on_error = [](const Error&) {};
    /// Until there is something to read at `stop`.
    void serve(const ota::AdministrationServer::FindCard& find, int stop) const;

  private:
    explicit AdministrationListener(Descriptor listener) : listener_(std::move(listener)) {}
    void serve_one(int socket, const ota::AdministrationServer::FindCard& find, int stop) const;

    Descriptor listener_;
};

}  // namespace oti::bearer
