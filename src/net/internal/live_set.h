// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>

namespace oti::net {

/// The connections that are open, so that all of them can be stopped. Usable from any thread; so must be
/// `T::stop`. Owns none of them.
template <typename T>
class LiveSet {
  public:
    /// False if `stop` was called, or if `limit` are open already.
    bool add(const std::shared_ptr<T>& one, std::size_t limit) {
        std::lock_guard lock(mutex_);
        if (stopped_ || open_.size() >= limit) return false;
        open_.emplace(one.get(), one);
        return true;
    }
    void remove(const T* one) {
        std::lock_guard lock(mutex_);
        open_.erase(one);
    }
    void stop() {
        std::map<const T*, std::weak_ptr<T>> open;
        {
            std::lock_guard lock(mutex_);
            stopped_ = true;
            open.swap(open_);
        }
        for (auto& [key, weak] : open) {
            if (auto one = weak.lock()) one->stop();
        }
    }

  private:
    std::mutex mutex_;
    std::map<const T*, std::weak_ptr<T>> open_;
    bool stopped_ = false;
};

}  // namespace oti::net
