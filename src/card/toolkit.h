// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "card/remote_parameters.h"
#include "card/short_messages.h"

namespace oti::scp {
class Scp80Card;
}

namespace oti::card {

/// The part of a UICC that talks to a phone of its own accord (ETSI TS 102 223), as far as remote management
/// needs it: packets come by ENVELOPE (SMS-PP data download), answers go in its response or by SEND SHORT
/// MESSAGE. All of it is gone at reset, but the counters.
class Toolkit {
  public:
    static constexpr std::uint8_t kClass = 0x80;
    /// TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE.
    static bool knows(std::uint8_t ins);

    /// What it needs of the card.
    struct Card {
        Environment& environment;
        /// Runs one command of content management as a transaction of its own.
        std::function<ResponseApdu(const Application&, Channel&, const CommandApdu&)> run;
        /// Makes durable what was written; false without power.
        std::function<bool()> commit;
    };
    ResponseApdu process(Card& card, const CommandApdu& command);
    void reset();

  private:
    struct Outcome;
    ResponseApdu envelope(Card& card, const CommandApdu& command);
    ResponseApdu fetch(const CommandApdu& command);
    /// Carries a packet out; the answer to it, if there is one.
    std::optional<Bytes> receive(Card& card, scp::Scp80Card& packet, bool& has_power);
    Bytes run_script(Card& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
                     const Aid& holder, std::uint8_t version);
    Channel& context_of(const Aid& domain);
    StatusWord done() const;

    ShortMessages messages_;
    std::deque<Bytes> proactive_;  ///< commands that the phone has yet to fetch
    bool fetched_ = false;         ///< the first of them was fetched, and its TERMINAL RESPONSE is due
    std::uint8_t reference_ = 0;
    /// A load goes on from packet to packet (TS 102 226, 8.2.1.4), each domain its own.
    std::vector<Channel> contexts_;
    std::vector<Aid> chained_;  ///< domains that wait for the next script of a chain
};

}  // namespace oti::card
