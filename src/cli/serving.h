// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace oti::cli {

/// Runs until SIGINT or SIGTERM, then lets `stop` end the work, and waits a moment for it.
template <typename Stop>
void run_until_signalled(boost::asio::io_context& io, Stop stop) {
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    bool signalled = false;
    signals.async_wait([&](const boost::system::error_code&, int) { signalled = true; });
    while (!signalled) io.run_one();
    stop();
    io.run_for(std::chrono::seconds(3));
}

}  // namespace oti::cli
