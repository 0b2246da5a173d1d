// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace oti::compare {

/// Virtual time, since the simulation began.
using Time = std::chrono::nanoseconds;

inline Time seconds(double value) {
    return std::chrono::duration_cast<Time>(std::chrono::duration<double>(value));
}
inline double in_seconds(Time time) {
    return std::chrono::duration<double>(time).count();
}

/// What is to happen, by time; things of the same time happen in the order in which they were asked for, so
/// that a run depends on nothing but its seed.
class Simulator {
  public:
    Time now() const { return now_; }
    void after(Time delay, std::function<void()> event) {
        events_.emplace(std::pair(now_ + std::max(delay, Time{}), next_++), std::move(event));
    }
    /// Lets time pass from event to event until `done`, or until nothing happens any more before `limit`.
    /// Returns whether it is done.
    bool run_until(const std::function<bool()>& done, Time limit);
    /// For whom time passes outside: what is to happen until `time` happens, and then it is `time`.
    void run_to(Time time);
    /// When the next thing happens, if nobody asks for another before.
    std::optional<Time> next() const;

  private:
    Time now_{};
    std::uint64_t next_ = 0;
    std::map<std::pair<Time, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace oti::compare
