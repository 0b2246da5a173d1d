// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

#include "net/executor.h"

namespace oti::net {

/// Something that coroutines of one strand wait for. Whoever wakes looks again whether it is so.
class Signal {
  public:
    explicit Signal(Executor executor) : executor_(std::move(executor)) {}

    /// Returns at the next `notify`, at the deadline, or now and then for nothing.
    Task<void> wait(Deadline deadline) {
        auto soon = std::min(deadline, after(std::chrono::hours(1)));
        Waiter waiter(*this, soon);
        co_await waiter.timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    void notify() {
        for (auto* waiter : waiters_) waiter->timer.cancel();
    }

  private:
    struct Waiter {
        Waiter(Signal& of, Deadline deadline) : signal(of), timer(of.executor_, deadline) {
            signal.waiters_.insert(this);
        }
        ~Waiter() { signal.waiters_.erase(this); }
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        Signal& signal;
        boost::asio::steady_timer timer;
    };

    Executor executor_;
    std::set<Waiter*> waiters_;
};

}  // namespace oti::net
