// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "bearer/smpp_account.h"
#include "net/signal.h"
#include "net/tcp_stream.h"
#include "ota/smpp_client.h"

namespace oti::bearer {

/// A session with a message centre over TCP, bound as transceiver, which opens its connection again whenever
/// it is lost. Belongs to one strand, as all of `net`, and lives until it has ended after `stop`.
class SmppConnection : public std::enable_shared_from_this<SmppConnection> {
  public:
    using Ptr = std::shared_ptr<SmppConnection>;
    /// Hears of all events, before whoever waits for them.
    using OnEvent = std::function<void(const ota::SmppClient::Event&)>;

    /// Begins to connect. Error `smpp.field`: a text of the account is too long for SMPP.
    static Result<Ptr> start(const net::Executor& executor, SmppAccount account, const SmppPatience& patience,
                             OnEvent on_event);

    /// Returns when the centre has taken the message, which may be twice if a connection was lost meanwhile.
    /// Errors: `smpp.refused` (the message; kPolicy), `smpp.bind` (the account; kAuthentication),
    /// `smpp.unreachable` (nobody answered in time), `smpp.queue`, `smpp.field`, `smpp.stopped`,
    /// `sms.too_long`.
    static net::Task<Status> submit(Ptr self, ota::SmppMessage message);
    /// To a message that has arrived (`ota::SmppClient::answer`).
    void answer(std::uint64_t delivery, std::uint32_t status);

    /// Unbinds and ends the connection; whoever waits gets `smpp.stopped`.
    void stop();
    /// The same, without any manners.
    void abandon();
    bool is_stopping() const { return stopping_; }
    static Error stopped_error();

  private:
    struct Submission {
        net::Signal decided;
        std::optional<Status> outcome;
    };

    SmppConnection(net::Executor executor, SmppAccount account, const SmppPatience& patience,
                   OnEvent on_event);
    static net::Task<void> run(Ptr self);
    net::Task<Status> serve_connection();
    static net::Task<void> read(Ptr self);
    static net::Task<void> write(Ptr self);
    void pump();
    void on(const ota::SmppClient::Bound& bound);
    void on(const ota::SmppClient::Accepted& accepted) { decide(accepted.ticket, {}); }
    void on(const ota::SmppClient::Refused& refused);
    void on(const ota::SmppClient::Closed& closed);
    void on(const ota::SmppClient::Arrived&) {}
    void on(const ota::SmppReceipt&) {}
    void decide(std::uint64_t ticket, Status outcome);
    void decide_all(const Error& error);
    Error unreachable() const;
    std::string where() const { return account_.host + ":" + std::to_string(account_.port); }

    net::Executor executor_;
    SmppAccount account_;
    SmppPatience patience_;
    OnEvent on_event_;
    ota::SmppClient client_;
    net::Signal changed_;  ///< there may be something to write, or another deadline
    std::map<std::uint64_t, std::shared_ptr<Submission>> submissions_;  ///< by ticket
    std::optional<net::TcpStream> stream_;                              ///< while connected
    std::optional<Error> closed_;                                       ///< why this connection is to end
    std::optional<Error> refusal_;  ///< of the account, by the last connection
    std::string trouble_;           ///< of the last connection
    bool was_bound_ = false;
    bool stopping_ = false;
    net::Deadline last_moment_ = net::kNever;  ///< of a connection that is being stopped
};

}  // namespace oti::bearer
