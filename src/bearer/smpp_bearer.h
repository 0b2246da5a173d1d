// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include "bearer/message_centre.h"
#include "ota/sms_bearer.h"

namespace oti::bearer {

/// One card by way of a message centre, for somebody who waits for each step. Between the calls nothing goes
/// over the connection; the centre has to put up with pauses.
class SmppBearer final : public ota::SmsBearer {
  public:
    /// Error `smpp.field`.
    static Result<std::unique_ptr<SmppBearer>> start(SmppAccount account, std::string msisdn,
                                                     const SmppPatience& patience = {});
    /// Unbinds, for which it waits a moment.
    ~SmppBearer() override;

    /// Errors: those of `MessageCentre`.
    Status deliver(BytesView user_data) override;
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) override;

  private:
    explicit SmppBearer(std::string msisdn) : msisdn_(std::move(msisdn)) {}
    template <typename T>
    T run(net::Task<T> task);

    std::string msisdn_;
    boost::asio::io_context io_{1};
    std::optional<MessageCentre> centre_;
};

}  // namespace oti::bearer
