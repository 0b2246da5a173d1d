// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace oti::net {

/// A TCP relay that makes a local server seem far away, for measurements. Each octet arrives `one_way` after
/// it was sent, however many are on the way: the delay does not limit the throughput (up to 32 MiB in flight
/// in each direction).
///
/// Client and relay shake hands at once, as do relay and target. So that the client still pays for TCP's
/// handshake, what it sends within one round trip (2 * one_way) after connecting counts as sent at the end of
/// that round trip: first octets sent at once arrive after 3 * one_way, as they would on a real link.
///
/// A half-close is passed on like an octet. Connections have no time limit; they end with their two sides.
/// The io_context outlives the relay.
class DelayRelay {
  public:
    /// Listens on 127.0.0.1, port 0 for any free one. Error `net.listen`. A connection for which the target
    /// cannot be reached is closed.
    static Result<DelayRelay> start(boost::asio::io_context& io, std::uint16_t listen_port,
                                    std::string target_host, std::uint16_t target_port,
                                    std::chrono::nanoseconds one_way);
    ~DelayRelay() { stop(); }
    DelayRelay(DelayRelay&&) noexcept = default;
    DelayRelay& operator=(DelayRelay&& other) noexcept;

    std::uint16_t port() const;
    /// Closes all; from any thread, any number of times.
    void stop();
    /// Octets delivered so far, by all connections: to the target, and to its clients.
    std::uint64_t bytes_up() const;
    std::uint64_t bytes_down() const;

  private:
    class Impl;
    explicit DelayRelay(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::net
