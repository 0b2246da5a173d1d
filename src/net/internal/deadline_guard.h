// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "net/executor.h"

namespace oti::net {

/// Calls `on_expiry` on the executor (a strand) if the deadline passes while the guard lives, never after.
class DeadlineGuard {
  public:
    template <typename OnExpiry>
    DeadlineGuard(const Executor& executor, Deadline deadline, OnExpiry on_expiry)
        : timer_(executor, deadline), alive_(std::make_shared<bool>(true)) {
        timer_.async_wait([alive = std::weak_ptr(alive_),
                           on_expiry = std::move(on_expiry)](const boost::system::error_code& code) {
            if (!code && !alive.expired()) on_expiry();
        });
    }
    DeadlineGuard(const DeadlineGuard&) = delete;
    DeadlineGuard& operator=(const DeadlineGuard&) = delete;

  private:
    boost::asio::steady_timer timer_;
    std::shared_ptr<bool> alive_;
};

}  // namespace oti::net
