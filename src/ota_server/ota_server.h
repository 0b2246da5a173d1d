// SPDX-License-Identifier: Apache-2.0
// The server's end of secured packets: domains that are reached by short messages, and sessions with them.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "bearer/message_centre.h"
#include "net/signal.h"
#include "ota_server/packet_domains.h"

namespace oti::ota_server {

struct OtaConfiguration {
    bearer::SmppAccount account;
    std::size_t messages = 4;  ///< of a packet, at most
    /// How long a proof of receipt is waited for before the packet is sent again.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
};

/// Belongs to the strand of its executor.
class OtaServer {
  public:
    using OnProgress = std::function<void(const manager::Progress&)>;
    /// Makes the session once its turn has come, with the counters of that moment; it must live until `run`
    /// returns.
    using MakeSession = std::function<Result<manager::PacketSession*>()>;

    /// Without a configuration there are the domains, and no session with them. Errors of the account.
    static Result<std::unique_ptr<OtaServer>> create(net::Executor executor, storage::Database& database,
                                                     const crypto::Sealer& sealer,
                                                     std::optional<OtaConfiguration> configuration);

    PacketDomains& domains() { return domains_; }
    std::size_t messages() const { return configuration_ ? configuration_->messages : 1; }

    /// A session with a domain, to its end; a card has one at a time, others wait for their turn. Bytes are
    /// those of the messages' user data, scripts are packets, each time that one is sent. Errors in `status`:
    /// `ota.no_centre` (this server has no message centre), those of the centre and of the session.
    net::Task<manager::Delivery> run(const PacketDomain& domain, MakeSession make,
                                     OnProgress on_progress = {});
    void stop();

  private:
    OtaServer(net::Executor executor, storage::Database& database, const crypto::Sealer& sealer,
              std::optional<OtaConfiguration> configuration)
        : domains_(database, sealer), configuration_(std::move(configuration)), turns_(std::move(executor)) {}
    net::Task<Status> carry(const PacketDomain& domain, manager::PacketSession& session,
                            const OnProgress& on_progress, manager::Delivery& delivery);

    PacketDomains domains_;
    std::optional<OtaConfiguration> configuration_;
    std::optional<bearer::MessageCentre> centre_;
    std::set<std::string> busy_;  ///< telephone numbers with a session
    net::Signal turns_;           ///< one of them has ended
    bool stopping_ = false;
};

}  // namespace oti::ota_server
