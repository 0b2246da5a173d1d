// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "bearer/endpoint.h"
#include "iso7816/card_channel.h"
#include "ota/mobile_network.h"

namespace oti::bearer {

/// A message centre that listens for ESMEs, and whose handsets have cards that are here, or are phones
/// somewhere else that bind by their numbers. What it has stored is gone when it ends.
class SmscServer {
  public:
    struct Card {
        std::string msisdn;
        iso7816::CardChannel* channel;  ///< used by one thread at a time, and until the server is destroyed
    };

    /// Switches the handsets on, then listens. `phones`: numbers of those that are somewhere else. The
    /// io_context is run by one thread, and outlives the server. Errors: of the channels, `net.listen`,
    /// `sms.address` (no number, or given twice).
    static Result<SmscServer> start(boost::asio::io_context& io, const Endpoint& endpoint,
                                    const ota::MobileNetwork::Options& options,
                                    const std::vector<Card>& cards,
                                    const std::vector<std::string>& phones = {});
    /// Waits for what a card is doing.
    ~SmscServer();
    SmscServer(SmscServer&&) noexcept;
    SmscServer& operator=(SmscServer&&) = delete;

    std::uint16_t port() const;
    const ota::MobileNetwork::Counts& counts() const;
    /// Ends all connections.
    void stop();

  private:
    class Impl;
    explicit SmscServer(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
