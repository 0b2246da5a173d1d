// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "bearer/smpp_account.h"
#include "net/executor.h"
#include "ota/sms_tpdu.h"

namespace oti::bearer {

/// A telephone at a message centre, by which short messages come and go, over an `SmppConnection`: the
/// account is its number, as `oti ota smsc --phone` has it. Belongs to one strand, as all of `net`.
class SmsPhone {
  public:
    /// Takes a message; one at a time. False: it could not be handed over, and the centre tries again later.
    /// Only a true tells the centre that it has arrived, so none is lost in between, and one may come twice.
    using OnMessage = std::function<net::Task<bool>(ota::SmsDeliver)>;

    /// Begins to connect. `account.system_id` is the number, with or without "+". Errors: `sms.address` (it
    /// is none), `smpp.field` (too long, or the password).
    static Result<SmsPhone> start(net::Executor executor, SmppAccount account, OnMessage on_message,
                                  const SmppPatience& patience = {});
    ~SmsPhone();
    SmsPhone(SmsPhone&&) noexcept;
    SmsPhone& operator=(SmsPhone&&) noexcept;

    /// Returns when the centre has taken it, which may be twice. Errors as of `SmppConnection::submit`.
    net::Task<Status> send(const ota::SmsSubmit& message);

    /// Unbinds and ends the connection. No further message is taken; one that is being taken goes on, and
    /// comes again in the next session.
    void stop();

  private:
    class Impl;
    explicit SmsPhone(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
