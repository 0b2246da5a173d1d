// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace oti {

/// Time as an outside thing: the real one for programs, a settable one for tests.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual std::chrono::steady_clock::time_point now() const = 0;
    /// Returns once `now()` has reached `when`.
    virtual void sleep_until(std::chrono::steady_clock::time_point when) = 0;
};

/// The machine's monotonic clock.
class SystemClock final : public Clock {
  public:
    std::chrono::steady_clock::time_point now() const override;
    void sleep_until(std::chrono::steady_clock::time_point when) override;
};

/// Time that passes only when somebody sleeps: simulations run as fast as they compute.
class VirtualClock final : public Clock {
  public:
    std::chrono::steady_clock::time_point now() const override { return now_; }
    void sleep_until(std::chrono::steady_clock::time_point when) override { now_ = std::max(now_, when); }

  private:
    std::chrono::steady_clock::time_point now_{};
};

}  // namespace oti
