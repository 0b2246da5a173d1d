// SPDX-License-Identifier: Apache-2.0
#include "bearer/administration_listener.h"

namespace oti::bearer {
namespace {

/// A card that is silent for so long has lost its phone.
constexpr int kIdleMilliseconds = 120'000;

}  // namespace

Result<AdministrationListener> AdministrationListener::create(const Endpoint& endpoint) {
    OTI_TRY(auto listener, listen_on(endpoint));
    return AdministrationListener(std::move(listener));
}

void AdministrationListener::serve(const ota::AdministrationServer::FindCard& find, int stop) const {
    while (wait_for(listener_.get(), stop)) {
        if (auto socket = accept_from(listener_.get())) serve_one(socket.get(), find, stop);
    }
}

void AdministrationListener::serve_one(int socket, const ota::AdministrationServer::FindCard& find,
                                       int stop) const {
    ota::AdministrationServer server(find);
    while (wait_for(socket, stop, kIdleMilliseconds)) {
        auto octets = receive_some(socket);
        if (octets.empty()) return;
        auto taken = server.receive(octets);
        if (!send_all(socket, server.take_outgoing())) return;
        if (!taken) return on_error(taken.error());
    }
}

}  // namespace oti::bearer
