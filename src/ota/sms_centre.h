// SPDX-License-Identifier: Apache-2.0
// A service centre as far as its users notice it: it takes messages and hands them on later, most of the
// time, once, and in order. No clock and no network: time is what it is told.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "base/bytes.h"

namespace oti::ota {

class SmsCentre {
  public:
    using Duration = std::chrono::microseconds;
    using Time = std::chrono::steady_clock::time_point;

    /// Declared, all of it: nothing here is a measurement.
    struct Behaviour {
        Duration forwarding{};   ///< from its arrival to the beginning of its delivery
        Duration jitter{};       ///< added to that: between nothing and so much
        Duration transfer{};     ///< of one message on the air; one after another
        double loss = 0;         ///< share of messages that are taken and never delivered
        double duplication = 0;  ///< share that is delivered twice
        double reordering = 0;   ///< share that is overtaken by the next one
        Duration validity = std::chrono::hours(24);
    };
    struct Counts {
        std::uint64_t accepted = 0, delivered = 0, lost = 0, doubled = 0, overtaken = 0, expired = 0;
    };

    SmsCentre(const Behaviour& behaviour, std::uint64_t seed) : behaviour_(behaviour), random_(seed) {}

    void accept(Time now, Bytes message);
    /// When the next message arrives; nothing, if none is on its way.
    std::optional<Time> next() const;
    /// A message that has arrived by now.
    std::optional<Bytes> take(Time now);
    const Counts& counts() const { return counts_; }

  private:
    struct OnItsWay {
        Time arrival;
        Bytes message;
    };
    bool happens(double share);
    void send(Time arrival, Bytes message);

    Behaviour behaviour_;
    std::mt19937_64 random_;
    std::vector<OnItsWay> on_their_way_;  ///< by arrival
    Time air_free_{};
    Counts counts_;
};

}  // namespace oti::ota
