// SPDX-License-Identifier: Apache-2.0
#include "manager/packet_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "globalplatform/key_information.h"
#include "globalplatform/put_key.h"
#include "ota/packet_errors.h"
#include "ota/sms_exchange.h"

namespace oti::manager {
namespace {

using crypto::SecretBytes;
using globalplatform::Element;
using iso7816::StatusWord;
using ota::LostProof;
using ota::ScriptFormat;

/// The parts of the registry that a plan needs.
constexpr std::array kElements{Element::kApplications, Element::kLoadFilesAndModules};
constexpr Tag kKeyInformation = 0xE0;
/// SW of a response of which the packet did not hold all (TS 102 226, 5.2.2).
constexpr StatusWord kTruncated{0x62F1};
constexpr std::uint8_t kNextPart = 0x01;  ///< P2 of GET STATUS
constexpr unsigned kMostRestarts = 3, kMostReadsInVain = 7, kMostRefusedPuts = 7;
constexpr std::size_t kMostParts = 32;

std::unexpected<Error> no_key(const iso7816::Aid& domain, std::optional<scp::KeyVersion> version) {
    return fail(
        ErrorKind::kAuthentication, "manager.no_key",
        version
            ? fmt::format("the domain {} has key version {:02X}, and no key of that version is known",
                          domain.hex(), version->value())
            : fmt::format("the domain {} takes packets under none of the keys that are known", domain.hex()));
}

bool is_of_another(const Status& taken) {
    return !taken && ota::is_no_answer_to_it(taken.error());
}

/// SCP03 has versions 30 to 3F.
bool is_for_channels(scp::KeyVersion version) {
    return version.value() >= 0x30 && version.value() <= 0x3F;
}

}  // namespace

CallKeys CallKeys::random(crypto::Random& random) {
    return {SecretBytes::take(random.bytes(kPskSize)), SecretBytes::take(random.bytes(kDekSize))};
}

SecretBytes CallKeys::joined() const {
    auto granted = crypto::SecretAccess::granted();
    return SecretBytes::take(concat(psk.view(granted), dek.view(granted)));
}

Result<CallKeys> CallKeys::split(const SecretBytes& joined) {
    auto bytes = joined.view(crypto::SecretAccess::granted());
    if (bytes.size() != kPskSize + kDekSize)
        return fail(ErrorKind::kInternal, "key.length", "these are no keys for calls");
    return CallKeys{SecretBytes::copy_of(bytes.first(kPskSize)),
                    SecretBytes::copy_of(bytes.subspan(kPskSize))};
}

Result<scp::Scp80Host> packets_under(const PacketKeys& keys, const scp::Tar& tar) {
    scp::Spi spi;
    spi.proof_by_submit = true;
    return scp::Scp80Host::create(
        {scp::Scp80Algorithm::kAes, keys.keys.enc.clone(), keys.keys.mac.clone(), PacketKeys::kMacSize},
        keys.version.value(), spi, tar);
}

PacketSession::PacketSession(PacketAccess access, PacketGoal goal)
    : access_(std::move(access)), goal_(std::move(goal)) {
    const auto& fresh = goal_.fresh_keys;
    if (fresh && std::ranges::find(access_.keys, fresh->version, &PacketKeys::version) == access_.keys.end())
        access_.keys.push_back(fresh->clone());
}

std::uint64_t PacketSession::counter() const {
    return conversation_ ? conversation_->counter() : access_.keys[key_].next_counter;
}

Progress PacketSession::progress() const {
    Progress progress{done_before_, total_before_, {}};
    if (!conversation_) return progress;
    progress.done += conversation_->done();
    progress.total += conversation_->total();
    if (conversation_->done() < steps_.size()) progress.step = steps_[conversation_->done()];
    return progress;
}

Result<std::optional<Bytes>> PacketSession::next() {
    while (phase_ != Phase::kDone) {
        if (!conversation_) OTI_CHECK(begin());
        OTI_TRY(auto packet, conversation_->next());
        if (packet) return packet;
        OTI_CHECK(complete());
    }
    return std::nullopt;
}

/// Puts the commands of the phase on their way.
Status PacketSession::begin() {
    commands_.clear();
    steps_.clear();
    OTI_TRY(auto packets, packets_under(keys(), access_.tar));
    if (phase_ == Phase::kPutKeys) {
        OTI_CHECK(push_keys());
    } else if (phase_ == Phase::kExecute) {
        OTI_CHECK(push_execution());
    } else {
        OTI_CHECK(push_reads());
    }
    // A lost answer in the middle of a load is no reason to begin the load again.
    auto lost_proof = phase_ == Phase::kExecute ? LostProof::kGoOn : LostProof::kFail;
    OTI_TRY(conversation_, ota::RemoteConversation::create(std::move(packets), ScriptFormat::kExpanded,
                                                           commands_, keys().next_counter,
                                                           ota::max_packet(access_.messages), lost_proof));
    return {};
}

Status PacketSession::push_reads() {
    if (goal_.fresh_keys || goal_.fresh_channel_keys || goal_.call_keys)
        commands_.push_back({globalplatform::get_data(kKeyInformation), true, true});
    for (std::size_t n = 0; n < kElements.size(); ++n) {
        for (std::size_t part = 0; part < parts_[n]; ++part)
            commands_.push_back({globalplatform::get_status(kElements[n], part > 0), true, true});
    }
    steps_.assign(commands_.size(), "read the registry");
    return {};
}

/// The set for packets comes last: with it those end that this session is opened with.
Status PacketSession::push_keys() {
    expected_.clear();
    auto push = [&](globalplatform::PutKey put) {
        commands_.push_back({std::move(put.command), true});
        steps_.emplace_back("put the keys");
        expected_.push_back(std::move(put.expected_response));
    };
    const auto& channel = goal_.fresh_channel_keys;
    if (channel && !has_key(channel->version)) {
        auto replaced = std::ranges::find_if(versions_, is_for_channels);
        // A new set comes under the keys of the packet, another one under those in whose place it comes
        // (TS 102 226, 8.2.1.5.0).
        const auto* dek = &keys().keys.dek;
        auto former = scp::KeyVersion(0);
        if (replaced != versions_.end()) {
            former = *replaced;
            auto known = std::ranges::find(access_.channel_keys, former, &DomainKeys::version);
            if (known == access_.channel_keys.end()) return no_key(access_.aid, former);
            dek = &known->keys.dek;
        }
        OTI_TRY(auto encryption, scp::StaticDek::create(*dek));
        OTI_TRY(auto put, globalplatform::put_key(former, channel->version, channel->keys, encryption));
        push(std::move(put));
    }
    OTI_TRY(auto encryption, scp::StaticDek::create(keys().keys.dek));
    if (packet_keys_are_due()) {
        const auto& fresh = *goal_.fresh_keys;
        auto former = keys().inherited_from ? scp::KeyVersion(0) : keys().version;
        OTI_TRY(auto put, globalplatform::put_packet_keys(former, fresh.version, fresh.keys,
                                                          PacketKeys::kMacSize, encryption));
        push(std::move(put));
    } else if (call_keys_are_due()) {
        // Not under keys that somebody else knows: it waits until they are replaced.
        OTI_TRY(auto psk, globalplatform::NewKey::psk(goal_.call_keys->psk));
        OTI_TRY(auto dek, globalplatform::NewKey::aes(goal_.call_keys->dek));
        std::vector<globalplatform::NewKey> both;
        both.push_back(std::move(psk));
        both.push_back(std::move(dek));
        OTI_TRY(auto put, globalplatform::put_keys(scp::KeyVersion(0), scp::KeyVersion(CallKeys::kVersion),
                                                   CallKeys::kPskIdentifier, both, encryption));
        push(std::move(put));
    }
    return {};
}

Status PacketSession::push_execution() {
    OTI_TRY(auto packets, packets_under(keys(), access_.tar));
    auto block = ota::command_data_size(packets, ScriptFormat::kExpanded, ota::max_packet(access_.messages));
    auto operations = globalplatform::plan(goal_.desired, registry_);
    for (auto& command : globalplatform::commands(operations, access_.aid, block)) {
        commands_.push_back({std::move(command.apdu)});
        steps_.push_back(std::move(command.step));
    }
    return {};
}

/// All packets of the phase are answered.
Status PacketSession::complete() {
    if (phase_ == Phase::kPutKeys) return complete_keys();
    if (phase_ != Phase::kExecute) return complete_reading();
    went_on_ = conversation_->went_on();
    changed_ = true;
    close();
    phase_ = Phase::kVerify;
    return {};
}

Status PacketSession::complete_reading() {
    std::vector<globalplatform::RegistryRead> reads;
    versions_.clear();
    auto parts = parts_;
    for (const auto& [index, response] : conversation_->responses()) {
        const auto& command = commands_[index].command;
        if (response.sw == kTruncated)
            return fail(ErrorKind::kCard, "ota.truncated", "the registry is longer than a card's answer");
        if (command.ins == value(iso7816::Ins::kGetData)) {
            if (response.sw != StatusWord::kOk) continue;
            OTI_TRY(auto information, globalplatform::parse_key_information(response.data));
            for (const auto& key : information) versions_.emplace_back(key.version);
            continue;
        }
        auto element = static_cast<Element>(command.p1);
        bool is_last_part = index + 1 == commands_.size() || commands_[index + 1].command.p1 != command.p1;
        if (response.sw == StatusWord::kMoreData && is_last_part)
            ++parts[static_cast<std::size_t>(std::ranges::find(kElements, element) - kElements.begin())];
        reads.push_back({element, (command.p2 & kNextPart) != 0, response});
    }
    close();
    if (parts != parts_) {
        parts_ = parts;
        if (std::ranges::max(parts_) > kMostParts)
            return fail(ErrorKind::kCard, "ota.truncated", "the card's registry does not come to an end");
        return {};
    }
    OTI_TRY(registry_, globalplatform::parse_registry(reads));
    reads_in_vain_ = 0;
    bool is_there = globalplatform::plan(goal_.desired, registry_).empty();
    bool was_executed = phase_ == Phase::kVerify && changed_ && !keys_are_missing();
    if (keys_are_missing()) {
        phase_ = Phase::kPutKeys;
    } else if (is_there) {
        phase_ = Phase::kDone;
    } else if (!was_executed || (went_on_ && ++restarts_ <= kMostRestarts)) {
        phase_ = Phase::kExecute;
    } else {
        return fail(ErrorKind::kCard, "manager.not_reached",
                    "the card took every command, but its registry is not what was desired");
    }
    return {};
}

Status PacketSession::complete_keys() {
    const auto& responses = conversation_->responses();
    for (std::size_t n = 0; n < expected_.size(); ++n) {
        if (n >= responses.size() || responses[n].response.data != expected_[n])
            return fail(ErrorKind::kCard, "card.key_check", "the card confirms other keys than were sent");
    }
    changed_ = true;
    close();
    phase_ = Phase::kRead;
    if (packet_keys_are_due()) {
        auto fresh = std::ranges::find(access_.keys, goal_.fresh_keys->version, &PacketKeys::version);
        key_ = static_cast<std::size_t>(fresh - access_.keys.begin());
    }
    return {};
}

/// Ends the conversation, and keeps its counter.
void PacketSession::close() {
    bool is_used = conversation_->packet().has_value();
    access_.keys[key_].next_counter = conversation_->counter() + (is_used ? 1 : 0);
    done_before_ += conversation_->done();
    total_before_ += conversation_->done();
    conversation_.reset();
}

bool PacketSession::has_key(scp::KeyVersion version) const {
    return std::ranges::find(versions_, version) != versions_.end();
}

bool PacketSession::keys_are_missing() const {
    return (goal_.fresh_channel_keys && !has_key(goal_.fresh_channel_keys->version)) ||
           packet_keys_are_due() || call_keys_are_due();
}

/// So that it helps to read again what is there.
bool PacketSession::is_outcome_unknown(const Error& error) const {
    // A load ends with the card's power, which its phone may have switched off.
    bool load_is_gone = phase_ == Phase::kExecute && error.sw == value(StatusWord::kConditionsNotSatisfied);
    // What looks like a counter that is too low may be the second copy of a packet that was taken.
    return error.code == "ota.outcome_unknown" || error.code == "ota.counter_low" || load_is_gone ||
           (phase_ == Phase::kExecute && conversation_->went_on());
}

bool PacketSession::may_begin_again() {
    bool reads = phase_ == Phase::kRead || phase_ == Phase::kVerify;
    return reads ? ++reads_in_vain_ <= kMostReadsInVain : ++restarts_ <= kMostRestarts;
}

void PacketSession::begin_again() {
    changed_ = changed_ || phase_ == Phase::kExecute || phase_ == Phase::kPutKeys;
    close();
    // Those that were being put are there, or are not.
    if (phase_ == Phase::kPutKeys) key_is_proven_ = false;
    phase_ = Phase::kRead;
}

/// By nobody in particular: the packet was not signed.
void PacketSession::refused() {
    if (looks_for_key()) return try_next_key();
    // Perhaps they were put by the first copy of the packet, whose proof was lost, and those that it came
    // under are gone.
    bool may_be_put = phase_ == Phase::kPutKeys && conversation_->packet()->sent() > 1;
    if (!may_be_put || refused_puts_ == kMostRefusedPuts) return;
    ++refused_puts_;
    begin_again();
}

/// One under which a packet may still be sent, if there is any.
void PacketSession::try_next_key() {
    for (std::size_t n = 1; n < access_.keys.size(); ++n) {
        auto candidate = (key_ + n) % access_.keys.size();
        auto tried = tried_.find(candidate);
        bool is_new = tried == tried_.end();
        if (!is_new && !tried->second.packet()->is_due()) continue;
        tried_.emplace(key_, std::move(*conversation_));
        conversation_.reset();
        key_ = candidate;
        if (is_new) return;
        conversation_ = std::move(tried->second);
        tried_.erase(tried);
        return;
    }
}

/// Makes the one current that this is the answer to, if there is one.
std::optional<Status> PacketSession::answer_to_tried(BytesView response_packet) {
    for (auto tried = tried_.begin(); tried != tried_.end(); ++tried) {
        auto taken = tried->second.answer(response_packet);
        if (is_of_another(taken)) continue;
        auto answered = tried_.extract(tried);
        tried_.emplace(key_, std::move(*conversation_));
        key_ = answered.key();
        conversation_ = std::move(answered.mapped());
        return taken;
    }
    return std::nullopt;
}

void PacketSession::end_of_trying() {
    key_is_proven_ = true;
    for (const auto& [key, conversation] : tried_)
        access_.keys[key].next_counter = conversation.counter() + 1;
    tried_.clear();
}

Status PacketSession::answer(BytesView response_packet) {
    if (!conversation_) return fail(ErrorKind::kInternal, "ota.unexpected", "no answer is due");
    auto step = progress().step;
    auto taken = conversation_->answer(response_packet);
    if (is_of_another(taken)) {
        auto found = answer_to_tried(response_packet);
        if (!found) return taken;
        taken = *found;
    }
    bool is_pending = taken && conversation_->packet();
    if (is_pending && conversation_->packet()->refusal()) {
        refused();
        return {};
    }
    end_of_trying();
    if (taken) return {};
    if (!is_outcome_unknown(taken.error()) || !may_begin_again()) return during(step, taken.error());
    begin_again();
    return {};
}

Status PacketSession::no_answer() {
    if (!conversation_) return fail(ErrorKind::kInternal, "ota.unexpected", "no answer is due");
    bool is_refused = conversation_->packet() && conversation_->packet()->is_refused();
    auto counter = conversation_->counter();
    auto over = conversation_->no_answer();
    if (over || !is_refused) return over;
    if (looks_for_key()) {
        bool all_refused = std::ranges::all_of(
            tried_, [](const auto& tried) { return tried.second.packet()->is_refused(); });
        if (!all_refused) return ota::packet_unanswered(counter, ota::PendingPacket::kMostSendings);
        if (over.error().kind != ErrorKind::kAuthentication) return over;
        return no_key(access_.aid, std::nullopt);
    }
    if (!may_begin_again()) return over;
    key_is_proven_ = false;
    begin_again();
    return {};
}

}  // namespace oti::manager
