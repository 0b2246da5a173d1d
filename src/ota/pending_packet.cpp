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
    auto proof = host.response(counter_, response_packet);
    if (!proof) {
        // Anybody can send octets that make no sense.
        if (!is_no_answer_to_it(proof.error())) proof.error().code = "ota.por_format";
        return std::unexpected(proof.error());
    }
    bool needs_time = proof->status == ResponseStatus::kMoreTime;
    bool could_be_signed = host.spi().proof_integrity == scp::PacketIntegrity::kChecksum;
    if (could_be_signed && !proof->authenticated) {
        if (needs_time) {
            return fail(ErrorKind::kAuthentication, "ota.por_mac",
                        "that the card needs more time was not signed by it");
        }
        refusal_ = proof->status;
        ++refusals_;
        is_due_ = sent_ < kMostSendings;
        return std::nullopt;
    }
    if (!needs_time) return *proof;
    // The proof itself comes when the card has done it (TS 102 225, table 5).
    refusal_.reset();
    refusals_ = 0;
    is_due_ = false;
    return std::nullopt;
}

Status PendingPacket::no_answer() const {
    if (sent_ < kMostSendings) return {};
    return is_refused() ? std::unexpected(packet_refusal(*refusal_)) : packet_unanswered(counter_, sent_);
}

}  // namespace oti::ota
