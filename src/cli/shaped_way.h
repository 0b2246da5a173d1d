// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "cli/network_namespace.h"
#include "cli/tun_device.h"
#include "compare/shaper.h"

namespace oti::cli {

/// The way between servers and a phone that is alone in a network of its own: a TUN device at either end, and
/// a thread that carries the packets from one to the other as a declared network does.
class ShapedWay {
  public:
    /// Where the servers are, for all phones; of the addresses for benchmarks of networks (RFC 2544, C.2.2).
    static constexpr std::string_view kServers = "198.18.0.1";

    /// From the calling thread's network namespace to a new one. `number` tells ways apart that begin in the
    /// same one, from 0. Errors `network.*`.
    static Result<std::unique_ptr<ShapedWay>> open(const compare::Network& network, std::uint16_t number,
                                                   std::uint64_t seed);
    ~ShapedWay();
    ShapedWay(const ShapedWay&) = delete;
    ShapedWay& operator=(const ShapedWay&) = delete;

    /// Where the phone is to run.
    const NetworkNamespace& phone() const { return phone_; }
    /// From now on the network is cut as it is declared, or no more; at first it is not.
    void let_cut(bool cut);

  private:
    ShapedWay(NetworkNamespace phone, TunDevice at_servers, TunDevice at_phone, Descriptor wake,
              const compare::Network& network, std::uint16_t number, std::uint64_t seed);
    void carry();
    void wake();

    NetworkNamespace phone_;
    TunDevice at_servers_, at_phone_;
    Descriptor wake_;  ///< an eventfd
    compare::Shaper shaper_;
    std::atomic<bool> cut_ = false, stop_ = false;
    std::thread thread_;
};

}  // namespace oti::cli
