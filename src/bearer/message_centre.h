// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "bearer/smpp_account.h"
#include "net/executor.h"

namespace oti::bearer {

/// A message centre for who has something to say to cards, over an `SmppConnection`. Belongs to one strand,
/// as all of `net`.
class MessageCentre {
  public:
    /// Begins to connect. Error `smpp.field`: a text of the account is too long for SMPP.
    static Result<MessageCentre> start(const net::Executor& executor, SmppAccount account,
                                       const SmppPatience& patience = {});
    ~MessageCentre();
    MessageCentre(MessageCentre&&) noexcept;
    MessageCentre& operator=(MessageCentre&&) noexcept;

    /// Hands over a message for a card: TP-UD with its header, protocol 7F, coding F6. Returns when the
    /// centre has taken it, which may be twice if a connection was lost meanwhile. Errors: `smpp.refused`
    /// (the message; kPolicy), `smpp.bind` (the account; kAuthentication), `smpp.unreachable` (nobody
    /// answered in time), `smpp.queue`, `smpp.field`, `smpp.stopped`, `sms.too_long`.
    net::Task<Status> submit(const std::string& msisdn, Bytes user_data);

    /// The next user data that a card with this number has sent, also since before the call; nothing, if none
    /// came until the deadline. Error `smpp.undelivered`: a receipt says that a message to it will not
    /// arrive; `smpp.stopped`.
    net::Task<Result<std::optional<Bytes>>> receive(const std::string& msisdn, net::Deadline deadline);

    /// Lets go what has come from a card, or about it, and was not received: a conversation begins to which
    /// it cannot belong.
    void discard(const std::string& msisdn);

    /// Unbinds and ends the connection; whoever waits gets `smpp.stopped`.
    void stop();

  private:
    class Impl;
    explicit MessageCentre(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
