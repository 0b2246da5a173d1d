// SPDX-License-Identifier: Apache-2.0
// Short messages as a card meets them (3GPP TS 23.040; TS 31.115 for secured packets in them).
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "base/bytes.h"

namespace oti::card {

/// A secured packet that has arrived whole.
struct ArrivedPacket {
    Bytes sender;  ///< TP-OA with its length and type, as it came
    Bytes packet;  ///< from CPL on
};

/// Puts together what comes in several messages, in any order, doubled or not. It holds a few packets at
/// most; those that stay incomplete are dropped when others begin.
class ShortMessages {
  public:
    /// An SMS-DELIVER TPDU. Nothing, if the packet is not complete yet, or if this is no secured packet.
    std::optional<ArrivedPacket> take(BytesView tpdu);
    void clear() { waiting_.clear(); }

  private:
    struct Waiting {
        Bytes key;  ///< sender, reference, number of parts
        std::map<std::uint8_t, Bytes> parts;
        bool is_packet = false;  ///< a part said so
    };
    std::deque<Waiting> waiting_;
};

/// SMS-SUBMIT TPDUs that bring a response packet to `receiver` (a TP-OA).
std::vector<Bytes> submit_response(BytesView receiver, BytesView response_packet, std::uint8_t reference);

}  // namespace oti::card
