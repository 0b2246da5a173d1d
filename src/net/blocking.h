// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <type_traits>

#include "net/executor.h"

namespace oti::net {

/// Runs a blocking call (SQL, a card) on the pool while the caller's strand does other work; returns what it
/// returned, on the caller's strand. A blocking call cannot be cut short, so there is no deadline here:
/// the call bounds its own time. What `call` refers to must live until it has ended; the pool is joined
/// before the caller's io_context goes.
template <typename Call>
Task<std::invoke_result_t<Call&>> run_blocking(boost::asio::thread_pool& pool, Call call) {
    using Value = std::invoke_result_t<Call&>;
    auto executor = pool.get_executor();
    if constexpr (std::is_void_v<Value>) {
        auto job = [&call]() -> Task<void> {
            call();
            co_return;
        };
        co_await boost::asio::co_spawn(executor, job, boost::asio::use_awaitable);
    } else {
        std::optional<Value> value;
        auto job = [&call, &value]() -> Task<void> {
            value.emplace(call());
            co_return;
        };
        co_await boost::asio::co_spawn(executor, job, boost::asio::use_awaitable);
        co_return std::move(*value);
    }
}

}  // namespace oti::net
