// SPDX-License-Identifier: Apache-2.0
// The server's end of secured packets: domains that are reached by short messages, and sessions with them.
#pragma once

#include <functional>
#include <memory>

#include "bearer/message_centre.h"
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

    /// Without a configuration there are the domains, and no session with them. Errors of the account.
    static Result<std::unique_ptr<OtaServer>> create(net::Executor executor, storage::Database& database,
                                                     const crypto::Sealer& sealer,
                                                     std::optional<OtaConfiguration> configuration);

    PacketDomains& domains() { return domains_; }
    std::size_t messages() const { return configuration_ ? configuration_->messages : 1; }

    /// A session with a domain, to its end; bytes are those of the messages' user data, scripts are packets,
    /// each time that one is sent. Errors in `status`:
    /// `ota.no_centre` (this server has no message centre), those of the centre and of the session.
    net::Task<manager::Delivery> run(const PacketDomain& domain, manager::PacketSession& session,
                                     OnProgress on_progress = {});
    void stop();

  private:
    OtaServer(storage::Database& database, const crypto::Sealer& sealer,
              std::optional<OtaConfiguration> configuration)
        : domains_(database, sealer), configuration_(std::move(configuration)) {}
    net::Task<Status> carry(const PacketDomain& domain, manager::PacketSession& session,
                            const OnProgress& on_progress, manager::Delivery& delivery);

    PacketDomains domains_;
    std::optional<OtaConfiguration> configuration_;
    std::optional<bearer::MessageCentre> centre_;
};

}  // namespace oti::ota_server
