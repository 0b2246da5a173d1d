// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "card/remote_keys.h"
#include "card/remote_parameters.h"
#include "card/short_messages.h"
#include "scp/scp80_card.h"

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
    /// What became of a packet, and the answer to it, if there is one.
    struct Outcome {
        scp::PacketStatus status;
        std::optional<Bytes> answer;
        bool has_power = true;
    };
    /// What a domain remembers from packet to packet: a load goes on (TS 102 226, 8.2.1.4), and so does a
    /// chain of scripts.
    struct Context {
        Channel channel;
        bool is_chained = false;
    };
    ResponseApdu envelope(Card& card, const CommandApdu& command);
    ResponseApdu fetch(const CommandApdu& command);
    /// Carries a packet out.
    Outcome receive(Card& card, scp::Scp80Card& packet);
    Bytes run_script(Card& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
                     const RemoteKeys& keys, std::uint8_t version);
    Context& context_of(const Aid& domain);
    StatusWord done() const;

    ShortMessages messages_;
    std::deque<Bytes> proactive_;  ///< commands that the phone has yet to fetch
    bool fetched_ = false;         ///< the first of them was fetched, and its TERMINAL RESPONSE is due
    std::uint8_t reference_ = 0;
    std::vector<Context> contexts_;  ///< each domain has its own
};

}  // namespace oti::card
