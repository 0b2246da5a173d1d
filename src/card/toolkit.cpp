// SPDX-License-Identifier: Apache-2.0
#include "card/toolkit.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "card/class_byte.h"
#include "card/remote_script.h"
#include "card/remote_session.h"

namespace oti::card {
namespace {

using iso7816::Ins;
using scp::PacketStatus;

constexpr std::uint8_t kTerminalProfile = 0x10, kFetch = 0x12, kTerminalResponse = 0x14, kEnvelope = 0xC2;
constexpr std::uint8_t kProactive = 0x91;
constexpr Tag kSmsDownload = 0xD1, kProactiveCommand = 0xD0;
/// Comprehension TLVs, without b8 (TS 101 220, table 7.23).
constexpr Tag kDevices = 0x02, kTpdu = 0x0B, kNoComprehension = 0x7F;
constexpr std::uint8_t kResponseHeader[] = {0x02, 0x71, 0x00};
/// Of a response packet: what an ENVELOPE's response takes (128 bytes, TS 31.111, 7.1.1.2), and what several
/// SMS-SUBMIT may.
constexpr std::size_t kReportPacket = 128 - sizeof(kResponseHeader), kSubmitPacket = 1024;
/// The phone reports an error (TS 23.048, 8.3; TS 31.111, 7.1.1.1, before release 11), and has the packet in
/// it. Nothing was changed (TS 102 221, 10.2.1.3).
constexpr StatusWord kPacketRefused{0x6200};

/// 8.2.1.0; secure messaging and other channels are for terminals (8.2.0).
bool is_remote_command(std::uint8_t ins) {
    constexpr Ins kAllowed[] = {Ins::kDelete,  Ins::kSetStatus,  Ins::kInstall,
                                Ins::kLoad,    Ins::kPutKey,     Ins::kGetStatus,
                                Ins::kGetData, Ins::kGetDataOdd, Ins::kStoreData};
    return std::ranges::find(kAllowed, static_cast<Ins>(ins)) != std::end(kAllowed);
}

std::optional<BytesView> tpdu_of(const CommandApdu& command) {
    auto outer = read_all_tlv(command.data, "ENVELOPE");
    if (!outer || outer->size() != 1 || outer->front().tag != kSmsDownload) return std::nullopt;
    auto inner = read_all_tlv(outer->front().value, "SMS-PP download");
    if (!inner) return std::nullopt;
    std::optional<BytesView> tpdu;
    bool devices = false;
    for (const auto& object : *inner) {
        if ((object.tag & kNoComprehension) == kDevices) devices = true;
        if ((object.tag & kNoComprehension) == kTpdu) tpdu = object.value;
    }
    return devices ? tpdu : std::nullopt;
}

/// SEND SHORT MESSAGE, from the card to the network (TS 102 223, 6.4.10).
Bytes send_short_message(BytesView tpdu) {
    return encode_tlv(kProactiveCommand,
                      concat(Bytes{0x81, 0x03, 0x01, 0x13, 0x00}, Bytes{0x82, 0x02, 0x81, 0x83},
                             encode_tlv(0x80 | kTpdu, tpdu)));
}

}  // namespace

bool Toolkit::knows(std::uint8_t ins) {
    return ins == kTerminalProfile || ins == kFetch || ins == kTerminalResponse || ins == kEnvelope;
}

void Toolkit::reset() {
    messages_.clear();
    proactive_.clear();
    fetched_ = false;
    contexts_.clear();
}

StatusWord Toolkit::done() const {
    if (proactive_.empty()) return StatusWord::kOk;
    return static_cast<StatusWord>(kProactive << 8 | (proactive_.front().size() & 0xFF));
}

ResponseApdu Toolkit::process(Card& card, const CommandApdu& command) {
    if (command.p1 != 0 || command.p2 != 0) return {{}, StatusWord::kIncorrectP1P2};
    switch (command.ins) {
        case kEnvelope:
            return envelope(card, command);
        case kFetch:
            return fetch(command);
        case kTerminalResponse:
            if (!fetched_) return {{}, StatusWord::kConditionsNotSatisfied};
            fetched_ = false;
            proactive_.pop_front();
            return {{}, done()};
        default:
            return {{}, done()};
    }
}

ResponseApdu Toolkit::fetch(const CommandApdu& command) {
    if (proactive_.empty()) return {{}, StatusWord::kConditionsNotSatisfied};
    if (!command.data.empty()) return {{}, StatusWord::kWrongLength};
    fetched_ = true;
    return {proactive_.front(), StatusWord::kOk};
}

ResponseApdu Toolkit::envelope(Card& card, const CommandApdu& command) {
    auto tpdu = tpdu_of(command);
    if (!tpdu) return {{}, StatusWord::kWrongData};
    auto arrived = messages_.take(*tpdu);
    auto packet = arrived ? scp::Scp80Card::receive(arrived->packet) : std::nullopt;
    if (!packet) return {{}, done()};
    auto outcome = receive(card, *packet);
    if (!outcome.has_power) return {{}, StatusWord::kMemoryFailure};
    if (!outcome.answer) return {{}, done()};
    if (!packet->answers_by_submit()) {
        return {concat(kResponseHeader, *outcome.answer),
                outcome.status == PacketStatus::kOk ? StatusWord::kOk : kPacketRefused};
    }
    for (const auto& message : submit_response(arrived->sender, *outcome.answer, reference_++))
        proactive_.push_back(send_short_message(message));
    return {{}, done()};
}

Toolkit::Outcome Toolkit::receive(Card& card, scp::Scp80Card& packet) {
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
    auto data = run_script(card, *receiver, packet, *keys, *version);
    return {PacketStatus::kOk, packet.response(PacketStatus::kOk, data, &keys->keys)};
}

Toolkit::Context& Toolkit::context_of(const Aid& domain) {
    auto found = std::ranges::find_if(
        contexts_, [&](const Context& context) { return context.channel.selected == domain; });
    if (found != contexts_.end()) return *found;
    Context fresh;
    fresh.channel.selected = domain;
    contexts_.push_back(std::move(fresh));
    return contexts_.back();
}

Bytes Toolkit::run_script(Card& card, const RemoteReceiver& receiver, const scp::Scp80Card& packet,
                          const RemoteKeys& keys, std::uint8_t version) {
    auto& environment = card.environment;
    auto name = receiver.domain.aid;
    auto& remembered = context_of(name);
    auto& context = remembered.channel;
    auto dek_of = [&](std::uint8_t of) {
        auto key = environment.keys.find(keys.holder, {of, kKeyDek});
        return key && is_symmetric(key->components.front().type)
                   ? std::optional(std::move(key->components.front()))
                   : std::nullopt;
    };
    auto run_one = [&](const CommandApdu& command) -> ResponseApdu {
        auto cla = ClassByte::parse(command.cla);
        if (!cla || !is_for_domain(command.cla)) return {{}, StatusWord::kClaNotSupported};
        if (cla->secured) return {{}, StatusWord::kSecureMessagingNotSupported};
        if (cla->channel != 0) return {{}, StatusWord::kChannelNotSupported};
        if (!is_remote_command(command.ins)) return {{}, StatusWord::kInsNotSupported};
        // The issuer's domain may have got another AID in between.
        if (receiver.domain.is_issuer_domain()) name = environment.registry.issuer();
        auto domain = environment.registry.application(name);
        if (!domain || domain->is_locked()) return {{}, StatusWord::kConditionsNotSatisfied};
        context.selected = name;
        // Keys that replace others come under the DEK of those (8.2.1.5.0).
        bool replaces = command.ins == value(Ins::kPutKey) && command.p1 != 0;
        auto dek = dek_of(replaces ? command.p1 : version);
        if (!dek) dek = dek_of(version);
        if (!dek) return {{}, StatusWord::kConditionsNotSatisfied};
        context.session =
            std::make_unique<RemoteSession>(packet.is_authenticated(), packet.is_ciphered(), std::move(*dek));
        auto whole = context.chain.take(command);
        if (!whole) return {{}, whole.error()};
        return *whole ? card.run(*domain, context, **whole) : ResponseApdu{};
    };
    auto most =
        packet.max_response_data(packet.answers_by_submit() ? kSubmitPacket : kReportPacket, keys.keys);
    auto script = packet.data();
    bool expanded =
        receiver.format == ScriptFormat::kExpanded ||
        (receiver.format == ScriptFormat::kEither && !script.empty() && (script.front() & 3) != 0);
    // Of all that a script began, only a load goes on in one that does not continue it.
    auto forget = [&] {
        context.personalized.reset();
        context.data_blocks = {};
        context.chain = {};
    };
    ScriptChain chain{std::exchange(remembered.is_chained, false), forget};
    Bytes answer;
    if (expanded) {
        answer = run_expanded_script(script, most, chain, run_one);
        remembered.is_chained = chain.goes_on;
    } else {
        forget();
        answer = run_compact_script(script, most, run_one);
    }
    if (!remembered.is_chained) forget();
    context.session.reset();
    return answer;
}

}  // namespace oti::card
