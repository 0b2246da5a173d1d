// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "compare/network.h"
#include "compare/seeded_random.h"
#include "compare/simulator.h"

namespace oti::compare {

/// The phone's radio: idle, or connected, which it stays for a while after each packet.
class Radio {
  public:
    Radio(const Network& network, bool connected)
        : promotion_(seconds(network.promotion)), tail_(seconds(network.tail)) {
        if (connected) off_at_ = tail_;
    }
    /// When a packet that is there now can go.
    Time ready(Time now);
    /// A packet goes or comes.
    void active(Time now) { off_at_ = std::max(off_at_, now + tail_); }
    /// Time connected or being promoted, the last tail included.
    Time on_time() const { return before_ + (off_at_ - on_since_); }

  private:
    Time promotion_, tail_;
    Time before_{}, on_since_{}, ready_at_{}, off_at_{};
};

/// Packets in one direction: one after another at the bandwidth, then the way, in order; some are lost.
class Link {
  public:
    Link(Simulator& simulator, SeededRandom& random, Radio& radio, const Network& network,
         double bytes_per_second)
        : simulator_(&simulator),
          random_(&random),
          radio_(&radio),
          network_(&network),
          bytes_per_second_(bytes_per_second) {}

    /// `size`: of the whole IP packet.
    void send(std::size_t size, std::function<void()> arrive);
    std::uint64_t bytes() const { return bytes_; }

  private:
    Simulator* simulator_;
    SeededRandom* random_;
    Radio* radio_;
    const Network* network_;
    double bytes_per_second_;
    Time free_at_{}, last_arrival_{};
    std::uint64_t bytes_ = 0;
};

}  // namespace oti::compare
