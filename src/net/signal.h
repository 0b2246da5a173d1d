// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <set>

#include "net/executor.h"

namespace oti::net {

/// Something that coroutines of one strand wait for. Whoever wakes looks again whether it is so.
class Signal {
  public:
    explicit Signal(Executor executor) : executor_(std::move(executor)) {}

    /// Returns at the next `notify`, at the deadline, or now and then for nothing. A wait that is destroyed
    /// unfinished, with its io_context, may outlive the signal.
    Task<void> wait(Deadline deadline) {
        auto soon = std::min(deadline, after(std::chrono::hours(1)));
        Waiter waiter(waiters_, executor_, soon);
        co_await waiter.timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    void notify() {
        for (auto* waiter : *waiters_) waiter->timer.cancel();
    }

  private:
    struct Waiter;
    using Waiters = std::shared_ptr<std::set<Waiter*>>;
    struct Waiter {
        Waiter(Waiters of, const Executor& executor, Deadline deadline)
            : all(std::move(of)), timer(executor, deadline) {
            all->insert(this);
        }
        ~Waiter() { all->erase(this); }
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        Waiters all;
        boost::asio::steady_timer timer;
    };

    Executor executor_;
    Waiters waiters_ = std::make_shared<std::set<Waiter*>>();
};

}  // namespace oti::net
