// SPDX-License-Identifier: Apache-2.0
#include "ota/mobile_network.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::ota {
namespace {

std::string_view digits_of(std::string_view number) {
    return number.starts_with('+') ? number.substr(1) : number;
}

/// SMPP's own values for octets (5.2.19) say nothing of a class; to a card they go as class 2.
std::uint8_t coding_of(const SmppMessage& message) {
    constexpr std::uint8_t kOctets = 0x04, kOctetsToo = 0x02;
    bool octets = message.coding == kOctets || message.coding == kOctetsToo;
    return octets && message.protocol == kDataDownload ? kClass2Data : message.coding;
}

/// Whether the handset hands a message to its card (3GPP TS 31.111, 7.1.1.1); others it shows.
bool is_for_card(const SmsContent& content) {
    bool class2 = (content.coding & 0xF3) == 0xF2 || (content.coding & 0xD3) == 0x12;
    return content.protocol == kDataDownload && class2;
}

Result<SmsDeliver> deliver_of(const SmppMessage& message) {
    constexpr std::uint8_t kInternational = 1;
    SmsDeliver deliver;
    const auto& source = message.source;
    OTI_TRY(deliver.originator,
            SmsAddress::of_number((source.ton == kInternational ? "+" : "") + source.digits));
    deliver.content = {message.protocol, coding_of(message),
                       (message.esm_class & SmppMessage::kHasHeader) != 0, to_bytes(message.text())};
    return deliver;
}

/// What the card's answer to the ENVELOPE was for the network: taken, or an error that may pass, or one that
/// does not (3GPP TS 31.111, 7.1.1.2; TS 102 221, 10.2.1).
enum class Outcome { kTaken, kBusy, kRefused };
Outcome outcome_of(const SmsHandset::Answer& answer) {
    constexpr std::uint16_t kBusy = 0x9300;
    if (answer.sw == kBusy) return Outcome::kBusy;
    auto sw1 = answer.sw >> 8;
    bool normal = sw1 == 0x90 || sw1 == 0x91 || sw1 == 0x9F;
    return normal || !answer.report.empty() ? Outcome::kTaken : Outcome::kRefused;
}

}  // namespace

MobileNetwork::MobileNetwork(const Options& options)
    : options_(options), esmes_("oti", [this](const SmppBind& bind) {
          bool anybody = options_.system_id.empty() && options_.password.empty();
          return anybody || (bind.system_id == options_.system_id && bind.password == options_.password);
      }) {}

Status MobileNetwork::add_handset(const std::string& msisdn) {
    OTI_TRY(auto address, SmsAddress::of_number(msisdn));
    auto seed = options_.seed + 2 * handsets_.size();
    handsets_.push_back({address.digits, {options_.down, seed}, {options_.up, seed + 1}, {}, {}, {}});
    return {};
}

MobileNetwork::Handset* MobileNetwork::find(std::string_view msisdn) {
    auto found = std::ranges::find(handsets_, digits_of(msisdn), &Handset::msisdn);
    return found == handsets_.end() ? nullptr : &*found;
}

// From an ESME to a handset
// -------------------------------------------------------------------------------------------------------

void MobileNetwork::received(EsmeSessions::Id id, BytesView bytes, Time now) {
    esmes_.received(id, bytes, now);
    while (auto submission = esmes_.next_submission()) submitted(*submission, now);
}

std::size_t MobileNetwork::waiting() const {
    std::size_t sum = 0;
    for (const auto& handset : handsets_) sum += handset.down.on_their_way() + handset.arrived.size();
    return sum;
}

std::uint32_t MobileNetwork::admit(const EsmeSessions::Submission& submission, Time now) {
    if (submission.message.text().size() > kMaxUserData) return smpp_status::kInvalidMessageLength;
    if (find(submission.message.destination.digits) == nullptr) return smpp_status::kInvalidDestination;
    if (waiting() >= options_.capacity) return smpp_status::kQueueFull;
    if (options_.rate == 0) return smpp_status::kOk;
    auto& recent = recent_[submission.system_id];
    while (!recent.empty() && now - recent.front() >= std::chrono::seconds(1)) recent.pop_front();
    if (recent.size() >= options_.rate) return smpp_status::kThrottled;
    recent.push_back(now);
    return smpp_status::kOk;
}

void MobileNetwork::submitted(const EsmeSessions::Submission& submission, Time now) {
    ++counts_.submitted;
    auto status = admit(submission, now);
    auto deliver = deliver_of(submission.message);
    if (status == smpp_status::kOk && !deliver) status = smpp_status::kInvalidSource;
    if (status != smpp_status::kOk) {
        ++counts_.refused;
        return esmes_.refuse(submission, status);
    }
    auto stored = std::make_shared<Stored>(fmt::format("{:08x}", ++last_message_), submission.system_id,
                                           submission.message, std::move(*deliver), now);
    esmes_.accept(submission, stored->id);
    auto& handset = *find(submission.message.destination.digits);
    if (!handset.down.accept(now, stored)) settle(*stored, "EXPIRED", now);
}

std::optional<MobileNetwork::Delivery> MobileNetwork::next_delivery(Time now) {
    for (auto& handset : handsets_) {
        while (auto stored = handset.down.take(now)) handset.arrived.push_back(std::move(*stored));
        while (!handset.in_hand && !handset.arrived.empty() && handset.not_before <= now) {
            auto stored = std::move(handset.arrived.front());
            handset.arrived.pop_front();
            if (!is_for_card(stored->deliver.content)) {
                settle(*stored, "DELIVRD", now);
                continue;
            }
            handset.in_hand = std::move(stored);
            return Delivery{handset.msisdn, handset.in_hand->deliver};
        }
    }
    return std::nullopt;
}

// From a handset to an ESME
// -------------------------------------------------------------------------------------------------------

void MobileNetwork::delivered(const std::string& msisdn, const SmsHandset::Answer& answer, Time now) {
    auto* handset = find(msisdn);
    if (handset == nullptr || !handset->in_hand) return;
    auto outcome = outcome_of(answer);
    if (outcome == Outcome::kBusy) return failed(msisdn, now);
    auto stored = std::move(handset->in_hand);
    settle(*stored, outcome == Outcome::kTaken ? "DELIVRD" : "UNDELIV", now);
    if (!answer.report.empty()) {
        // The report has no address and no coding of its own to speak of: they are the message's.
        auto content = stored->deliver.content;
        content.has_header = true;
        content.user_data = answer.report;
        send_back(*handset, *stored, content, stored->message.source.digits, now);
    }
    for (const auto& wanted : answer.wanted) {
        send_back(*handset, *stored, wanted.content, wanted.destination.digits, now);
    }
}

void MobileNetwork::failed(const std::string& msisdn, Time now) {
    auto* handset = find(msisdn);
    if (handset == nullptr || !handset->in_hand) return;
    auto stored = std::move(handset->in_hand);
    handset->not_before = now + options_.retry;
    if (handset->not_before - stored->accepted > options_.down.validity) {
        settle(*stored, "EXPIRED", now);
    } else {
        handset->arrived.push_front(std::move(stored));
    }
}

void MobileNetwork::send_back(Handset& handset, const Stored& stored, const SmsContent& content,
                              std::string destination, Time now) {
    SmppMessage message;
    message.source = stored.message.destination;
    message.destination = stored.message.source;
    message.destination.digits = std::move(destination);
    message.esm_class = content.has_header ? SmppMessage::kHasHeader : 0;
    message.protocol = content.protocol;
    message.coding = content.coding;
    message.short_message = content.user_data;
    (void)handset.up.accept(now, {stored.system_id, std::move(message)});
}

/// A receipt, if the ESME wants one of what happened (5.2.17, appendix B).
void MobileNetwork::settle(Stored& stored, std::string_view state, Time now) {
    constexpr std::uint8_t kWanted = 0x03, kAlways = 1, kFailureOnly = 2, kDelivered = 2, kExpired = 3,
                           kUndeliverable = 5;
    if (std::exchange(stored.settled, true)) return;
    bool delivered = state == "DELIVRD";
    ++(delivered ? counts_.delivered : counts_.undelivered);
    auto wanted = stored.message.registered_delivery & kWanted;
    if (wanted != kAlways && (wanted != kFailureOnly || delivered)) return;
    SmppMessage receipt;
    receipt.source = stored.message.destination;
    receipt.destination = stored.message.source;
    receipt.esm_class = SmppMessage::kReceipt;
    receipt.short_message = to_bytes(as_bytes(
        fmt::format("id:{} sub:001 dlvrd:{} stat:{} err:000", stored.id, delivered ? "001" : "000", state)));
    auto value = delivered ? kDelivered : state == "EXPIRED" ? kExpired : kUndeliverable;
    receipt.optional = {{smpp_tag::kReceiptedMessageId, concat(as_bytes(stored.id), Bytes{0})},
                        {smpp_tag::kMessageState, {value}}};
    esmes_.deliver(stored.system_id, std::move(receipt), now);
}

// The time
// --------------------------------------------------------------------------------------------------------------

void MobileNetwork::tick(Time now) {
    for (auto& handset : handsets_) {
        while (auto returned = handset.up.take(now)) {
            ++counts_.returned;
            esmes_.deliver(returned->system_id, std::move(returned->message), now);
        }
    }
    esmes_.tick(now);
}

std::optional<MobileNetwork::Time> MobileNetwork::next_deadline() const {
    auto next = esmes_.next_deadline().value_or(Time::max());
    for (const auto& handset : handsets_) {
        if (auto up = handset.up.next()) next = std::min(next, *up);
        // While one message is in hand, the others wait for its end.
        if (handset.in_hand) continue;
        if (!handset.arrived.empty()) next = std::min(next, handset.not_before);
        if (auto down = handset.down.next()) next = std::min(next, std::max(*down, handset.not_before));
    }
    if (next == Time::max()) return std::nullopt;
    return next;
}

}  // namespace oti::ota
