// SPDX-License-Identifier: Apache-2.0
// A service centre as far as its users notice it: it takes messages and hands them on later, most of the
// time, once, and in order. No clock and no network: time is what it is told. What a message is, is its
// user's affair.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "base/bytes.h"

namespace oti::ota {

struct SmsBehaviour {
    using Duration = std::chrono::microseconds;

    // Declared, all of it: nothing here is a measurement.
    Duration forwarding{};   ///< from its arrival to the beginning of its delivery
    Duration jitter{};       ///< added to that: between nothing and so much
    Duration connection{};   ///< before a message that finds the air idle
    Duration transfer{};     ///< of one message on the air; one after another
    double loss = 0;         ///< share of messages that are taken and never delivered
    double duplication = 0;  ///< share that is delivered twice
    double reordering = 0;   ///< share that is overtaken by the next one
    Duration validity = std::chrono::hours(24);
};

struct SmsCounts {
    std::uint64_t accepted = 0, delivered = 0, lost = 0, doubled = 0, overtaken = 0, expired = 0;
};

template <typename Message>
class SmsCentreOf {
  public:
    using Duration = SmsBehaviour::Duration;
    using Time = std::chrono::steady_clock::time_point;
    using Behaviour = SmsBehaviour;
    using Counts = SmsCounts;

    SmsCentreOf(const Behaviour& behaviour, std::uint64_t seed) : behaviour_(behaviour), random_(seed) {}

    /// False if it is known already that the message will not arrive while it is valid.
    bool accept(Time now, Message message);
    /// When the next message arrives; nothing, if none is on its way.
    std::optional<Time> next() const;
    /// A message that has arrived by now.
    std::optional<Message> take(Time now);
    std::size_t on_their_way() const { return on_their_way_.size(); }
    const Counts& counts() const { return counts_; }

  private:
    struct OnItsWay {
        Time arrival;
        Message message;
    };
    bool happens(double share);
    void send(Time arrival, Message message);

    Behaviour behaviour_;
    std::mt19937_64 random_;
    std::vector<OnItsWay> on_their_way_;  ///< by arrival
    Time air_free_{};
    Counts counts_;
};

/// What is carried is user data.
using SmsCentre = SmsCentreOf<Bytes>;

// Not std::uniform_real_distribution, which each library computes in its own way.
template <typename Message>
bool SmsCentreOf<Message>::happens(double share) {
    constexpr double kRange = 18446744073709551616.0;  // 2^64
    return share > 0 && static_cast<double>(random_()) < share * kRange;
}

template <typename Message>
bool SmsCentreOf<Message>::accept(Time now, Message message) {
    ++counts_.accepted;
    if (happens(behaviour_.loss)) {
        ++counts_.lost;
        return true;
    }
    auto ready = now + behaviour_.forwarding;
    if (behaviour_.jitter.count() > 0) {
        ready += Duration(
            static_cast<Duration::rep>(random_() % static_cast<std::uint64_t>(behaviour_.jitter.count())));
    }
    bool is_idle = ready >= air_free_;
    auto arrival = (is_idle ? ready + behaviour_.connection : air_free_) + behaviour_.transfer;
    if (arrival - now > behaviour_.validity) {
        ++counts_.expired;
        return false;
    }
    air_free_ = arrival;
    if (happens(behaviour_.duplication)) {
        ++counts_.doubled;
        air_free_ += behaviour_.transfer;
        send(air_free_, message);
    }
    if (happens(behaviour_.reordering)) {
        ++counts_.overtaken;
        // Just behind the next one.
        arrival += behaviour_.forwarding + behaviour_.jitter + 2 * behaviour_.transfer + Duration(1);
    }
    send(arrival, std::move(message));
    return true;
}

template <typename Message>
void SmsCentreOf<Message>::send(Time arrival, Message message) {
    auto place = std::ranges::upper_bound(on_their_way_, arrival, {}, &OnItsWay::arrival);
    on_their_way_.insert(place, {arrival, std::move(message)});
}

template <typename Message>
auto SmsCentreOf<Message>::next() const -> std::optional<Time> {
    if (on_their_way_.empty()) return std::nullopt;
    return on_their_way_.front().arrival;
}

template <typename Message>
std::optional<Message> SmsCentreOf<Message>::take(Time now) {
    if (on_their_way_.empty() || on_their_way_.front().arrival > now) return std::nullopt;
    auto message = std::move(on_their_way_.front().message);
    on_their_way_.erase(on_their_way_.begin());
    ++counts_.delivered;
    return message;
}

}  // namespace oti::ota
