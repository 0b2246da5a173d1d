// SPDX-License-Identifier: Apache-2.0
// The SE Manager: the Local Agent of GP SERAM on the phone. It keeps a connection to each server, and carries
// APDUs between them and the secure element. It sees only ciphertext.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "agent/local_session.h"
#include "agent/phone.h"
#include "agent/shared_card.h"
#include "iso7816/card_channel.h"
#include "net/executor.h"
#include "net/http_client.h"
#include "net/signal.h"
#include "net/tls_identity.h"
#include "net/url.h"
#include "net/web_socket.h"

namespace oti::agent {

enum class Binding { kStream, kJson };

struct Configuration {
    seram::SecureElement se;
    std::vector<net::Url> servers;  ///< scheme https; the stream's wss is derived
    Binding binding = Binding::kStream;
    /// For the device's user.
    std::function<void(std::string_view)> on_notification = {};
    /// Where the phone is registered for short messages; its number is the account's name.
    std::optional<bearer::SmppAccount> message_centre = {};
};

class Agent {
  public:
    /// All handlers run on `io`, which has one thread.
    Agent(boost::asio::io_context& io, iso7816::CardChannel& card, net::TlsIdentity identity,
          Configuration configuration);
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    /// Tells every server which secure element this is. Errors: those of the network and of the servers.
    net::Task<Status> enrol();
    /// Connects to all servers, and to the message centre, and serves them until `stop`; connections that
    /// fail are tried again. Errors of the message centre's account.
    Status start();
    void stop();

  private:
    struct Server;
    struct Active;
    using ServerPtr = std::shared_ptr<Server>;

    net::Task<void> stay_connected(ServerPtr server);
    net::Task<Status> serve_connection(ServerPtr server);
    net::Task<void> on_frame(ServerPtr server, seram::Frame frame);
    net::Task<void> on_order(ServerPtr server, seram::StreamOrder order);
    net::Task<void> pump(ServerPtr server);
    net::Task<void> report(ServerPtr server);
    net::Task<void> fault(ServerPtr server, seram::SessionId session, Error error);
    net::Task<void> run_json(ServerPtr server, seram::SessionId session);
    net::Task<bool> acquire_card();
    void drop_session(Server& server);
    seram::Handshake handshake() const;

    boost::asio::io_context& io_;
    net::TlsIdentity identity_;
    Configuration configuration_;
    std::vector<ServerPtr> servers_;
    SharedCard card_;
    std::optional<Phone> phone_;
    bool stopping_ = false;
};

}  // namespace oti::agent
