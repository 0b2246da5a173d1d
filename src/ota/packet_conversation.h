// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::ota {

/// Work on a card as secured packets that go out and proofs of receipt that come back, one after another,
/// whatever carries them. Does no I/O:
///
///     next() -> a packet goes out   answer() -> its proof of receipt came   no_answer() -> it did not
///
/// The holder keeps `counter()` before he sends what `next()` gave: a counter that was used is never used
/// again. After an error there is no next packet.
class PacketConversation {
  public:
    virtual ~PacketConversation() = default;

    /// The packet that is due, from CPL on; the same one again after `no_answer()`, and the same or another
    /// after a refusal that the card did not sign. Nothing when all is done.
    virtual Result<std::optional<Bytes>> next() = 0;
    /// Reads the response packet, from RPL on. Errors `ota.por…` leave the packet due: this was no answer to
    /// it.
    virtual Status answer(BytesView response_packet) = 0;
    /// Whether the packet that went out last has no proof of receipt yet; also after an answer, by which the
    /// card said that it needs more time.
    virtual bool awaits_answer() const = 0;
    /// Nobody answered in time. Errors when the packet was sent often enough: `ota.no_answer`, or those of
    /// `packet_refusal` if all that came of it were refusals that the card did not sign.
    virtual Status no_answer() = 0;
    /// Of the packet that is due, or else of the next one.
    virtual std::uint64_t counter() const = 0;
};

}  // namespace oti::ota
