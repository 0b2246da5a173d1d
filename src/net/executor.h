// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace oti::net {

/// A coroutine: `Task<Result<T>>` for whatever can fail.
template <typename T>
using Task = boost::asio::awaitable<T>;

/// Where coroutines run. Objects of this module are not locked: each belongs to one strand (or to an
/// io_context of one thread), and is used from coroutines of that strand only.
using Executor = boost::asio::any_io_executor;

/// The moment at which an operation gives up with `net.timeout`.
using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline kNever = Deadline::max();

inline Deadline after(std::chrono::nanoseconds duration) {
    return std::chrono::steady_clock::now() + duration;
}

}  // namespace oti::net
