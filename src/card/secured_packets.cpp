// SPDX-License-Identifier: Apache-2.0
#include "card/secured_packets.h"

#include "base/tlv.h"

namespace oti::card {
namespace {

using iso7816::Ins;
using scp::PacketStatus;

constexpr std::uint8_t kResponseHeader[] = {0x02, 0x71, 0x00};
/// Of a response packet: what an ENVELOPE's response takes (128 bytes, TS 31.111, 7.1.1.2), and what several
/// SMS-SUBMIT may.
constexpr std::size_t kReportPacket = 128 - sizeof(kResponseHeader), kSubmitPacket = 1024;
/// The phone reports an error (TS 23.048, 8.3; TS 31.111, 7.1.1.1, before release 11), and has the packet in
/// it. Nothing was changed (TS 102 221, 10.2.1.3).
constexpr StatusWord kPacketRefused{0x6200};
/// To a triggering message that is refused: one object, whose contents are wrong (TS 102 226, 5.2.2).
constexpr std::uint8_t kRefusedTrigger[] = {0xAB, 0x06, 0x80, 0x01, 0x01, 0x90, 0x01, 0x02};

/// The value of a triggering message, if this is one (Amendment B, 3.7).
std::optional<BytesView> trigger_of(const RemoteReceiver& receiver, BytesView data) {
    if (receiver.format == ScriptFormat::kCompact || data.empty() || data.front() != kAdministrationTrigger)
        return std::nullopt;
    auto objects = read_all_tlv(data, "triggering message");
    if (!objects || objects->size() != 1) return std::nullopt;
    return objects->front().value;
}

}  // namespace

void SecuredPackets::reset() {
    messages_.clear();
    execution_.reset();
}

std::optional<ResponseApdu> SecuredPackets::take(CommandRunner& card, BytesView tpdu) {
    auto arrived = messages_.take(tpdu);
    auto packet = arrived ? scp::Scp80Card::receive(arrived->packet) : std::nullopt;
    if (!packet) return std::nullopt;
    auto outcome = carry_out(card, *packet);
    if (!outcome.has_power) return ResponseApdu{{}, StatusWord::kMemoryFailure};
    if (!outcome.answer) return std::nullopt;
    if (!packet->answers_by_submit()) {
        return ResponseApdu{concat(kResponseHeader, *outcome.answer),
                            outcome.status == PacketStatus::kOk ? StatusWord::kOk : kPacketRefused};
    }
    for (const auto& message : submit_response(arrived->sender, *outcome.answer, reference_++)) {
        // SEND SHORT MESSAGE, from the card to the network (TS 102 223, 6.4.10).
        queue_->add(ProactiveType::kSendShortMessage, 0, kNetworkDevice,
                    encode_object(ObjectTag::kTpdu, message));
    }
    return std::nullopt;
}

SecuredPackets::Outcome SecuredPackets::carry_out(CommandRunner& card, scp::Scp80Card& packet) {
    auto& environment = card.environment;
    auto refused = [&](PacketStatus why) { return Outcome{why, packet.response(why, {}, nullptr)}; };
    auto receiver = find_receiver(environment, packet.tar());
    if (!receiver) return refused(PacketStatus::kUnknownTar);
    // Before any cryptography (TS 102 226, 6.1).
    if (!packet.meets(receiver->minimum_spi1)) return refused(PacketStatus::kLowSecurity);
    auto version = packet.key_version();
    auto keys = version ? find_remote_keys(environment, receiver->domain, *version) : std::nullopt;
    if (!keys) return refused(PacketStatus::kSecurityError);
    auto status = packet.open(keys->keys, environment.keys.packet_counter(keys->holder, *version));
    if (status != PacketStatus::kOk) return {status, packet.response(status, {}, &keys->keys)};
    if (packet.moves_counter()) {
        // Durably before the first command: a packet is never carried out twice, whatever happens to it.
        environment.keys.set_packet_counter(keys->holder, *version, packet.counter());
        if (!card.commit()) return {PacketStatus::kOk, std::nullopt, false};
    }
    auto data = run(card, *receiver, packet, *keys, *version);
    return {PacketStatus::kOk, packet.response(PacketStatus::kOk, data, &keys->keys)};
}

Bytes SecuredPackets::run(CommandRunner& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
                          const RemoteKeys& keys, std::uint8_t version) {
    if (auto trigger = trigger_of(receiver, packet.data())) {
        bool begun = administration_->trigger(card, receiver.domain, *trigger);
        return begun ? Bytes{} : to_bytes(kRefusedTrigger);
    }
    auto dek_of = [&](std::uint8_t of) {
        auto key = card.environment.keys.find(keys.holder, {of, kKeyDek});
        return key && is_symmetric(key->components.front().type)
                   ? std::optional(std::move(key->components.front()))
                   : std::nullopt;
    };
    RemoteAuthority authority{{.authenticated = packet.is_authenticated(),
                               .c_mac = packet.is_authenticated(),
                               .c_decryption = packet.is_authenticated() && packet.is_ciphered()},
                              [&](const CommandApdu& command) {
                                  // Keys that replace others come under the DEK of those (8.2.1.5.0).
                                  bool replaces = command.ins == value(Ins::kPutKey) && command.p1 != 0;
                                  auto dek = dek_of(replaces ? command.p1 : version);
                                  return dek ? std::move(dek) : dek_of(version);
                              }};
    auto most =
        packet.max_response_data(packet.answers_by_submit() ? kSubmitPacket : kReportPacket, keys.keys);
    return execution_.run(card, receiver.domain, receiver.format, authority, packet.data(), most);
}

}  // namespace oti::card
