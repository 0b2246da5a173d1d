// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "bearer/handset_driver.h"
#include "iso7816/card_channel.h"
#include "net/signal.h"

namespace oti::agent {

/// The secure element, with which the servers' sessions and the phone take turns. Belongs to one strand; the
/// card is used from a thread of its own.
class SharedCard {
  public:
    SharedCard(net::Executor executor, iso7816::CardChannel& channel)
        : channel_(&channel), free_(std::move(executor)) {}
    ~SharedCard() { thread_.join(); }
    SharedCard(const SharedCard&) = delete;
    SharedCard& operator=(const SharedCard&) = delete;

    /// Waits for its turn. Error `seram.se_unavailable` when everything is being stopped.
    net::Task<Status> acquire();
    void release();
    /// Between these two.
    net::Task<Status> reset();
    net::Task<Result<Bytes>> transmit(Bytes command);
    /// Who waits for a turn gets none.
    void stop();

    /// How often the card was reset.
    std::uint64_t resets() const { return resets_; }

  private:
    iso7816::CardChannel* channel_;
    net::Signal free_;
    std::uint64_t resets_ = 0;
    bool taken_ = false, stopping_ = false;
    boost::asio::thread_pool thread_{1};
};

/// The phone's turns: the card is reset only if a session has reset it in between.
class PhonesCard final : public bearer::HandsetCard {
  public:
    explicit PhonesCard(SharedCard& card) : card_(&card) {}
    net::Task<Result<bool>> take() override;
    net::Task<Result<Bytes>> transmit(Bytes command) override { return card_->transmit(std::move(command)); }
    void let_go() override;

  private:
    SharedCard* card_;
    bool has_it_ = false;
    std::uint64_t resets_ = 0;  ///< of the card, when it was let go
};

}  // namespace oti::agent
