// SPDX-License-Identifier: Apache-2.0
#include "ota/pending_packet.h"

#include "ota/packet_errors.h"

namespace oti::ota {

using scp::ResponseStatus;

Result<PendingPacket> PendingPacket::create(const scp::Scp80Host& host, std::uint64_t counter,
                                            BytesView data) {
    OTI_TRY(auto packet, host.command(counter, data));
    return PendingPacket(counter, std::move(packet));
}

Bytes PendingPacket::send() {
    ++sent_;
    is_due_ = false;
    return packet_;
}

Result<std::optional<scp::ProofOfReceiptPacket>> PendingPacket::answer(const scp::Scp80Host& host,
                                                                       BytesView response_packet) {
    OTI_TRY(auto proof, host.response(counter_, response_packet));
    // The proof itself comes when the card has done it (TS 102 225, table 5).
    if (proof.status == ResponseStatus::kMoreTime) return std::nullopt;
    bool could_be_signed = host.spi().proof_integrity == scp::PacketIntegrity::kChecksum;
    if (could_be_signed && !proof.authenticated) {
        refusal_ = proof.status;
        is_due_ = sent_ < kMostSendings;
        return std::nullopt;
    }
    return proof;
}

Status PendingPacket::no_answer() const {
    if (sent_ < kMostSendings) return {};
    return refusal_ ? std::unexpected(packet_refusal(*refusal_)) : packet_unanswered(counter_, sent_);
}

}  // namespace oti::ota
