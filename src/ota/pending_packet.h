// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scp/scp80_host.h"

namespace oti::ota {

/// A packet that is sent until the card has answered it.
///
/// A card signs nothing for a sender that it does not know, and a refusal without a signature does not say
/// what it refuses: it may be the second copy of an earlier packet. So it is a reason to send the packet
/// again, at once; it counts as the answer only when as many came as the packet was sent, and no better one.
class PendingPacket {
  public:
    /// Each time with the same counter.
    static constexpr unsigned kMostSendings = 3;

    /// Errors of `Scp80Host::command`.
    static Result<PendingPacket> create(const scp::Scp80Host& host, std::uint64_t counter, BytesView data);

    Bytes send();
    /// The answer; nothing, if the card needs more time, or if this is a refusal without the signature that
    /// was asked for. Errors `ota.por_mac`, `ota.por_mismatch`, `ota.por_format`: this is something else, and
    /// the answer is still to come.
    Result<std::optional<scp::ProofOfReceiptPacket>> answer(const scp::Scp80Host& host,
                                                            BytesView response_packet);
    /// Nobody answered in time. When the packet was sent often enough: the error of the refusal, if all of
    /// its sendings were refused (`packet_refusal`), or `ota.no_answer`.
    Status no_answer() const;

    /// To be sent now: for the first time, or as it was refused.
    bool is_due() const { return is_due_; }
    /// The last refusal that was not signed, if nothing that is came after it.
    std::optional<scp::ResponseStatus> refusal() const { return refusal_; }
    /// Each of as many sendings as there may be.
    bool is_refused() const { return refusals_ >= kMostSendings; }
    unsigned sent() const { return sent_; }

  private:
    PendingPacket(std::uint64_t counter, Bytes packet) : counter_(counter), packet_(std::move(packet)) {}

    std::uint64_t counter_;
    Bytes packet_;
    unsigned sent_ = 0;
    bool is_due_ = true;
    std::optional<scp::ResponseStatus> refusal_;
    unsigned refusals_ = 0;
};

}  // namespace oti::ota
