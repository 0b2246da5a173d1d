// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/secured_packets.h"

namespace oti::card {

/// The part of a UICC that talks to a phone of its own accord (ETSI TS 102 223), as far as remote management
/// needs it: secured packets come by ENVELOPE (SMS-PP data download), an administration session goes over a
/// channel of the phone's. All of it is gone at reset, but counters of packets, and sessions that were begun.
class Toolkit {
  public:
    static constexpr std::uint8_t kClass = 0x80;
    /// TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE.
    static bool knows(std::uint8_t ins);

    Toolkit() = default;
    Toolkit(const Toolkit&) = delete;
    Toolkit& operator=(const Toolkit&) = delete;

    ResponseApdu process(CommandRunner& card, const CommandApdu& command);
    void reset();

  private:
    ResponseApdu envelope(CommandRunner& card, const CommandApdu& command);
    ResponseApdu fetch(const CommandApdu& command);
    /// 9000, or 91xx if a command waits for the phone.
    StatusWord done() const;

    ProactiveQueue queue_;
    AdministrationSession administration_{queue_};
    SecuredPackets packets_{queue_, administration_};
};

}  // namespace oti::card
