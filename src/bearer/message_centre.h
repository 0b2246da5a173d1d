// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/executor.h"

namespace oti::bearer {

/// An account at a message centre of an operator (SMPP 3.4).
struct SmppAccount {
    std::string host = {};
    std::uint16_t port = 2775;
    std::string system_id = {};
    std::string password = {};
    std::string source_address = {};  ///< a number, with or without "+": where cards send their answers
    std::uint8_t coding = 0xF6;       ///< data_coding: 8-bit data of class 2; 04 where that is not known
    bool receipts = false;            ///< asks for a receipt of each message that was not delivered
};

/// How long what is waited for.
struct SmppPatience {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds first_retry{200};    ///< after a lost connection; doubled with each failure …
    std::chrono::milliseconds last_retry{30'000};  ///< … up to this
    std::chrono::milliseconds submit{30'000};  ///< for the centre's answer to a message, connection included
    std::chrono::milliseconds kept{600'000};   ///< what a card sent and nobody has asked for
};

/// A session with a message centre over TCP, bound as transceiver, which opens its connection again whenever
/// it is lost. Belongs to one strand, as all of `net`.
class MessageCentre {
  public:
    /// Begins to connect. Error `smpp.field`: a text of the account is too long for SMPP.
    static Result<MessageCentre> start(net::Executor executor, SmppAccount account,
                                       const SmppPatience& patience = {});
    ~MessageCentre();
    MessageCentre(MessageCentre&&) noexcept;
    MessageCentre& operator=(MessageCentre&&) noexcept;

    /// Hands over a message for a card: TP-UD with its header, protocol 7F, coding F6. Returns when the
    /// centre has taken it, which may be twice if a connection was lost meanwhile. Errors: `smpp.refused`
    /// (the message; kPolicy), `smpp.bind` (the account; kAuthentication), `smpp.unreachable` (nobody
    /// answered in time), `smpp.queue`, `smpp.field`, `smpp.stopped`.
    net::Task<Status> submit(std::string msisdn, Bytes user_data);

    /// The next user data that a card with this number has sent, also since before the call; nothing, if none
    /// came until the deadline. Error `smpp.undelivered`: a receipt says that a message to it will not
    /// arrive; `smpp.stopped`.
    net::Task<Result<std::optional<Bytes>>> receive(std::string msisdn, net::Deadline deadline);

    /// Unbinds and ends the connection; whoever waits gets `smpp.stopped`.
    void stop();

  private:
    class Impl;
    explicit MessageCentre(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
