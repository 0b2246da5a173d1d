// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>

#include "base/clock.h"
#include "bearer/sockets.h"
#include "iso7816/card_channel.h"
#include "ota/handset.h"

namespace oti::bearer {

/// A handset beside its card, with real TCP connections and real time: what the card wants is done, until it
/// wants nothing more.
class HandsetDriver {
  public:
    HandsetDriver(iso7816::CardChannel& card, ota::SmsAddress centre)
        : card_(&card), handset_(std::move(centre), {.channels = true}) {}

    /// What is none of channels and timers: reports, and messages that the card wants sent.
    std::function<void(const ota::Handset::Wish&)> on_wish = [](const ota::Handset::Wish&) {};
    /// "connected to …", "the connection is lost".
    std::function<void(std::string_view)> on_event = [](std::string_view) {};

    void start() { handset_.start(); }
    void deliver(const ota::SmsDeliver& message) { handset_.deliver(message); }
    /// Until the card has no channel and no timer any more. Readability of `stop` ends it before. Errors of
    /// the card's channel and of `ota::Handset`; `handset.silent` if nothing happened for `patience`.
    Status run(std::chrono::milliseconds patience, int stop = -1);

  private:
    Status talk();
    void serve(const ota::Handset::Wish& wish);
    void open(const ota::Handset::OpenChannel& wanted);
    void read(std::uint8_t channel);

    iso7816::CardChannel* card_;
    ota::Handset handset_;
    SystemClock clock_;
    std::map<std::uint8_t, Descriptor> sockets_;
    std::map<std::uint8_t, std::chrono::steady_clock::time_point> timers_;
};

}  // namespace oti::bearer
