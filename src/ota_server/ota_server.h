// SPDX-License-Identifier: Apache-2.0
// The server's end of secured packets: domains that are reached by short messages, and sessions with them; by
// messages alone, or with a message that makes the card call (SCP81).
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "bearer/administration_listener.h"
#include "bearer/message_centre.h"
#include "manager/remote_reconciliation.h"
#include "net/signal.h"
#include "ota_server/packet_domains.h"

namespace oti::ota_server {

/// Where cards find their administration server.
struct AdministrationAddress {
    bearer::Endpoint listen;
    /// What cards are told: an IP address, which may be one of a router or balancer before this machine.
    bearer::Endpoint told;
};

struct OtaConfiguration {
    bearer::SmppAccount account;
    std::size_t messages = 4;  ///< of a packet, at most
    /// How long a proof of receipt is waited for before the packet is sent again, and for a card that called
    /// to go on.
    std::chrono::milliseconds patience = std::chrono::minutes(5);
    std::optional<AdministrationAddress> administration = {};
};

/// Everything happens on the io_context, which is run by one thread.
class OtaServer {
  public:
    using OnProgress = std::function<void(const manager::Progress&)>;
    /// Makes the session once its turn has come, with the counters of that moment; it must live until `run`
    /// returns.
    using MakeSession = std::function<Result<manager::PacketSession*>()>;

    /// Without a configuration there are the domains, and no session with them. Errors of the account;
    /// `serve.address`, `net.listen`.
    static Result<std::unique_ptr<OtaServer>> create(boost::asio::io_context& io, storage::Database& database,
                                                     const crypto::Sealer& sealer,
                                                     std::optional<OtaConfiguration> configuration);

    PacketDomains& domains() { return domains_; }
    std::size_t messages() const { return configuration_ ? configuration_->messages : 1; }

    /// A session with a domain, to its end; a card has one at a time, others wait for their turn. Bytes are
    /// those of the messages' user data, scripts are packets, each time that one is sent. Errors in `status`:
    /// `ota.no_centre` (this server has no message centre), those of the centre and of the session.
    net::Task<manager::Delivery> run(const PacketDomain& domain, MakeSession make,
                                     OnProgress on_progress = {});

    /// The card is told to call, and does the work in its call or calls. Bytes are those of its connections
    /// as well, scripts those of the session. The domain has its keys for calls. Errors: as above;
    /// `ota.no_administration` (this server has no address for calls), `ota.no_call`, `ota.refused`, and
    /// those of the work.
    net::Task<manager::Delivery> call(const PacketDomain& domain, manager::RemoteReconciliation& work,
                                      OnProgress on_progress = {});
    void stop();

  private:
    enum class Way { kMessages, kCall };
    /// Of a card that is expected to call.
    struct Expected {
        const crypto::SecretBytes* psk;
        ota::AdministrationJob* job;
    };
    /// Records the counter of the packet that is due, before it is sent.
    using BeforePacket = std::function<Status()>;

    OtaServer(boost::asio::io_context& io, storage::Database& database, const crypto::Sealer& sealer,
              std::optional<OtaConfiguration> configuration);
    Status listen(boost::asio::io_context& io);
    net::Task<Status> carry(std::string msisdn, ota::PacketConversation& conversation,
                            const BeforePacket& before_packet, manager::Delivery& delivery);
    net::Task<Status> trigger(const PacketDomain& domain, const std::string& identity,
                              manager::Delivery& delivery);
    net::Task<Status> await_end(const ota::AdministrationJob& job, const std::function<void()>& on_turn,
                                bool calls);
    net::Task<Status> take_turn(const std::string& msisdn, Way way);
    void end_turn(const std::string& msisdn);

    PacketDomains domains_;
    std::optional<OtaConfiguration> configuration_;
    std::optional<bearer::MessageCentre> centre_;
    std::optional<bearer::AdministrationListener> listener_;
    std::map<std::string, Expected, std::less<>> expected_;  ///< by identity
    std::set<std::string> busy_;                             ///< telephone numbers with a session
    net::Signal turns_;                                      ///< one of them has ended
    net::Signal calls_;                                      ///< a card that called has said something
    bool stopping_ = false;
};

}  // namespace oti::ota_server
