// SPDX-License-Identifier: Apache-2.0
#include "card/secured_packets.h"

#include "base/tlv.h"
#include "card/remote_keys.h"
#include "scp/scp80_card.h"

namespace oti::card {
namespace {

using iso7816::Ins;
using scp::PacketStatus;

constexpr std::uint8_t kResponseHeader[] = {0x02, 0x71, 0x00};
/// What an SMS-DELIVER-REPORT takes (TS 23.040, 9.2.2.1a) less header, security and padding of a response
/// packet; and what several SMS-SUBMIT may.
constexpr std::size_t kReportData = 92, kSubmitData = 1024;
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

std::expected<Bytes, StatusWord> SecuredPackets::take(CommandRunner& card, BytesView tpdu) {
    auto arrived = messages_.take(tpdu);
    auto packet = arrived ? scp::Scp80Card::receive(arrived->packet) : std::nullopt;
    if (!packet) return Bytes{};
    bool has_power = true;
    auto answer = carry_out(card, *packet, has_power);
    if (!has_power) return refuse(StatusWord::kMemoryFailure);
    if (!answer) return Bytes{};
    if (!packet->answers_by_submit()) return concat(kResponseHeader, *answer);
    for (const auto& message : submit_response(arrived->sender, *answer, reference_++)) {
        // SEND SHORT MESSAGE, from the card to the network (TS 102 223, 6.4.10).
        queue_->add(ProactiveType::kSendShortMessage, 0, kNetworkDevice,
                    encode_object(ObjectTag::kTpdu, message));
    }
    return Bytes{};
}

std::optional<Bytes> SecuredPackets::carry_out(CommandRunner& card, scp::Scp80Card& packet, bool& has_power) {
    auto& environment = card.environment;
    auto refused = [&](PacketStatus why) { return packet.response(why, {}, nullptr); };
    auto receiver = find_receiver(environment, packet.tar());
    if (!receiver) return refused(PacketStatus::kUnknownTar);
    // Before any cryptography (TS 102 226, 6.1).
    if (!packet.meets(receiver->minimum_spi1)) return refused(PacketStatus::kLowSecurity);
    auto version = packet.key_version();
    auto keys = version ? find_remote_keys(environment, receiver->domain, *version) : std::nullopt;
    if (!keys) return refused(PacketStatus::kSecurityError);
    auto status = packet.open(keys->keys, environment.keys.packet_counter(keys->holder, *version));
    if (status != PacketStatus::kOk) return packet.response(status, {}, &keys->keys);
    if (packet.moves_counter()) {
        // Durably before the first command: a packet is never carried out twice, whatever happens to it.
        environment.keys.set_packet_counter(keys->holder, *version, packet.counter());
        has_power = card.commit();
        if (!has_power) return std::nullopt;
    }
    auto data = run(card, *receiver, packet, keys->holder, *version);
    return packet.response(PacketStatus::kOk, data, &keys->keys);
}

Bytes SecuredPackets::run(CommandRunner& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
                          const Aid& holder, std::uint8_t version) {
    if (auto trigger = trigger_of(receiver, packet.data())) {
        bool begun = administration_->trigger(card, receiver.domain, *trigger);
        return begun ? Bytes{} : to_bytes(kRefusedTrigger);
    }
    auto dek_of = [&](std::uint8_t of) {
        auto key = card.environment.keys.find(holder, {of, kKeyDek});
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
    auto most = packet.answers_by_submit() ? kSubmitData : kReportData;
    return execution_.run(card, receiver.domain, receiver.format, authority, packet.data(), most);
}

}  // namespace oti::card
