// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "iso7816/card_channel.h"
#include "net/executor.h"
#include "ota/handset.h"

namespace oti::bearer {

/// A handset's way to its card, which others may want to use as well.
class HandsetCard {
  public:
    virtual ~HandsetCard() = default;
    /// Before APDUs of the handset's: from here to `let_go` the card is its own. True if the card was reset
    /// since it was let go, or was never taken.
    virtual net::Task<Result<bool>> take() = 0;
    virtual net::Task<Result<Bytes>> transmit(Bytes command) = 0;
    virtual void let_go() = 0;
};

/// A card that nobody else uses. Calls block, so they are made on the pool, which is joined before the
/// channel goes.
class OwnCard final : public HandsetCard {
  public:
    OwnCard(iso7816::CardChannel& channel, boost::asio::thread_pool& pool)
        : channel_(&channel), pool_(&pool) {}
    net::Task<Result<bool>> take() override;
    net::Task<Result<Bytes>> transmit(Bytes command) override;
    void let_go() override {}

  private:
    iso7816::CardChannel* channel_;
    boost::asio::thread_pool* pool_;
    bool was_taken_ = false;
};

/// A handset beside its card, with real TCP connections and real time: hands on short messages, carries the
/// connections that the card opens, and wakes it up. Belongs to one strand.
class HandsetDriver {
  public:
    struct Listener {
        /// A short message that the card wants sent.
        std::function<void(const ota::SmsSubmit&)> on_submit = [](const ota::SmsSubmit&) {};
        /// "connected to …", "the connection is lost", for a person.
        std::function<void(std::string_view)> on_event = [](std::string_view) {};
    };

    HandsetDriver(net::Executor executor, std::shared_ptr<HandsetCard> card, Listener listener);
    ~HandsetDriver();
    HandsetDriver(HandsetDriver&&) noexcept;
    HandsetDriver& operator=(HandsetDriver&&) = delete;

    /// Switches the phone on; also what a reset of the card has interrupted goes on then. Errors, here and
    /// below: those of the card and of `ota::Handset`, after which it is switched off; with the next message
    /// it is on again.
    net::Task<Status> start();
    /// What the card says to a message. Returns once the card has nothing more to say, or waits for
    /// something; what it wanted sent has been told by then.
    net::Task<Result<ota::Handset::Report>> deliver(ota::SmsDeliver message);
    /// Until the card has no connection and no timer. Error `handset.silent` if nothing happens for
    /// `patience`.
    net::Task<Status> finish(std::chrono::milliseconds patience);
    /// Ends all connections; the listener is told nothing any more.
    void stop();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::bearer
