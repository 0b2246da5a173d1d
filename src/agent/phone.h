// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/shared_card.h"
#include "bearer/sms_phone.h"

namespace oti::agent {

/// What a phone does for its secure element besides sessions: hands short messages on to it, sends those that
/// it wants sent, and carries the connections that it opens (ETSI TS 102 223, class "e").
class Phone {
  public:
    /// Registers at the message centre, with the number that is the account's name. `on_notification` gets
    /// messages that are for the user. Errors of the account, `sms.address`.
    static Result<Phone> start(net::Executor executor, SharedCard& card, bearer::SmppAccount account,
                               std::function<void(std::string_view)> on_notification);
    void stop();

  private:
    class Impl;
    explicit Phone(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::agent
