// SPDX-License-Identifier: Apache-2.0
#include "ota/mobile_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "ota/smpp_sms.h"

namespace oti::ota {
namespace {

/// What the card's answer to the ENVELOPE was for the network: taken, or an error that may pass, or one that
/// does not (3GPP TS 31.111, 7.1.1.2; TS 102 221, 10.2.1).
enum class Outcome { kTaken, kBusy, kRefused };
Outcome outcome_of(const Handset::Report& answer) {
    if (answer.is_busy()) return Outcome::kBusy;
    auto sw1 = answer.sw >> 8;
    bool normal = sw1 == 0x90 || sw1 == 0x91 || sw1 == 0x9F;
    return normal || !answer.data.empty() ? Outcome::kTaken : Outcome::kRefused;
}

}  // namespace

MobileNetwork::MobileNetwork(const Options& options)
    : options_(options), esmes_("oti", [this](const SmppBind& bind) { return may_bind(bind); }) {}

bool MobileNetwork::may_bind(const SmppBind& bind) {
    bool anybody = options_.system_id.empty() && options_.password.empty();
    bool known = bind.system_id == options_.system_id || find_phone(bind.system_id) != nullptr;
    return anybody || (known && bind.password == options_.password);
}

Status MobileNetwork::add(const std::string& msisdn, bool is_phone) {
    constexpr std::size_t kMaxSystemId = 15;  // 5.2.1
    OTI_TRY(auto address, SmsAddress::of_number(msisdn));
    if (find(address.digits) != nullptr)
        return fail(ErrorKind::kUsage, "sms.address", "two handsets have the number " + msisdn);
    if (is_phone && address.digits.size() > kMaxSystemId)
        return fail(ErrorKind::kUsage, "sms.address", msisdn + " is too long for a phone to bind by");
    if (is_phone) esmes_.only_one(address.digits);
    auto seed = options_.seed + 2 * handsets_.size();
    handsets_.push_back(
        {address.digits, is_phone, {options_.down, seed}, {options_.up, seed + 1}, {}, {}, {}, {}, {}});
    return {};
}

MobileNetwork::Recipient* MobileNetwork::find(std::string_view msisdn) {
    auto found = std::ranges::find(handsets_, digits_of(msisdn), &Recipient::msisdn);
    return found == handsets_.end() ? nullptr : &*found;
}

MobileNetwork::Recipient* MobileNetwork::find_phone(std::string_view system_id) {
    auto* found = system_id.starts_with('+') ? nullptr : find(system_id);
    return found != nullptr && found->is_phone ? found : nullptr;
}

MobileNetwork::Recipient* MobileNetwork::find_busy(std::string_view msisdn) {
    auto* found = find(msisdn);
    return found != nullptr && !found->is_phone && found->in_hand ? found : nullptr;
}

// From an ESME to a handset
// -------------------------------------------------------------------------------------------------------

void MobileNetwork::received(EsmeSessions::Id id, BytesView bytes, Time now) {
    esmes_.received(id, bytes, now);
    while (auto submission = esmes_.next_submission()) submitted(*submission, now);
    while (auto answer = esmes_.next_answer()) answered(*answer, now);
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
    return throttle(submission.system_id, now);
}

std::uint32_t MobileNetwork::throttle(const std::string& system_id, Time now) {
    if (options_.rate == 0) return smpp_status::kOk;
    auto& recent = recent_[system_id];
    while (!recent.empty() && now - recent.front() >= std::chrono::seconds(1)) recent.pop_front();
    if (recent.size() >= options_.rate) return smpp_status::kThrottled;
    recent.push_back(now);
    return smpp_status::kOk;
}

std::string MobileNetwork::next_message_id() {
    return fmt::format("{:08x}", ++last_message_);
}

void MobileNetwork::submitted(const EsmeSessions::Submission& submission, Time now) {
    if (auto* phone = find_phone(submission.system_id)) return submitted_by(*phone, submission, now);
    ++counts_.submitted;
    auto status = admit(submission, now);
    auto deliver = deliver_of(submission.message);
    if (status == smpp_status::kOk && !deliver) status = smpp_status::kInvalidSource;
    if (status != smpp_status::kOk) {
        ++counts_.refused;
        return esmes_.refuse(submission, status);
    }
    auto stored = std::make_shared<Stored>(next_message_id(), submission.system_id, submission.message,
                                           std::move(*deliver), now);
    esmes_.accept(submission, stored->id);
    auto& handset = *find(submission.message.destination.digits);
    if (!handset.down.accept(now, stored)) settle(*stored, "EXPIRED", now);
}

/// When it is valid no more.
MobileNetwork::Time MobileNetwork::end_of(const Stored& stored) const {
    return stored.accepted + options_.down.validity + Duration(1);
}

/// The next of those that have arrived, if there is one and none is in hand.
bool MobileNetwork::take_in_hand(Recipient& recipient, Time now) {
    while (auto stored = recipient.down.take(now)) recipient.arrived.push_back(std::move(*stored));
    while (!recipient.in_hand && !recipient.arrived.empty() && recipient.not_before <= now) {
        auto stored = std::move(recipient.arrived.front());
        recipient.arrived.pop_front();
        if (now >= end_of(*stored)) {
            settle(*stored, "EXPIRED", now);
        } else if (!recipient.is_phone && !stored->deliver.content.is_for_card()) {
            settle(*stored, "DELIVRD", now);
        } else {
            auto& senders = recipient.senders;
            const auto& message = stored->message;
            std::erase_if(senders, [&](const auto& it) { return it.number == message.source; });
            if (senders.size() == kMaxSenders) senders.pop_back();
            senders.push_front({stored->system_id, message.source, message.destination});
            recipient.in_hand = std::move(stored);
            return true;
        }
    }
    return false;
}

std::optional<MobileNetwork::Delivery> MobileNetwork::next_delivery(Time now) {
    for (auto& handset : handsets_) {
        if (!handset.is_phone && take_in_hand(handset, now))
            return Delivery{handset.msisdn, handset.in_hand->deliver};
    }
    return std::nullopt;
}

/// That the phone is not there, or would rather have it later, is the affair of `esmes_`.
void MobileNetwork::hand_over(Recipient& phone, Time now) {
    if (phone.in_hand && now >= end_of(*phone.in_hand)) {
        esmes_.withdraw(phone.msisdn, phone.delivery, now);
        settle(*std::exchange(phone.in_hand, nullptr), "EXPIRED", now);
    }
    if (!take_in_hand(phone, now)) return;
    const auto& message = phone.in_hand->message;
    auto destination = message.destination;
    destination.digits = phone.msisdn;
    auto delivery = smpp_message_of(message.source, destination, phone.in_hand->deliver.content);
    delivery.coding = message.coding;
    phone.delivery = esmes_.deliver(phone.msisdn, std::move(delivery), now);
}

void MobileNetwork::answered(const EsmeSessions::Answer& answer, Time now) {
    auto phone = std::ranges::find_if(
        handsets_, [&](const auto& it) { return it.in_hand && it.delivery == answer.delivery; });
    if (phone == handsets_.end()) return;
    settle(*std::exchange(phone->in_hand, nullptr), answer.status == smpp_status::kOk ? "DELIVRD" : "UNDELIV",
           now);
    hand_over(*phone, now);
}

// From a handset to an ESME
// -------------------------------------------------------------------------------------------------------

void MobileNetwork::delivered(const std::string& msisdn, const Handset::Report& answer, Time now) {
    auto* handset = find_busy(msisdn);
    if (handset == nullptr) return;
    auto outcome = outcome_of(answer);
    if (outcome == Outcome::kBusy) return failed(msisdn, now);
    auto stored = std::exchange(handset->in_hand, nullptr);
    settle(*stored, outcome == Outcome::kTaken ? "DELIVRD" : "UNDELIV", now);
    if (answer.data.empty()) return;
    // Nor has the report an address.
    const auto& message = stored->message;
    send_back(*handset, {stored->system_id, message.source, message.destination},
              answer.as_answer_to(stored->deliver.content), message.source.digits, now);
}

void MobileNetwork::failed(const std::string& msisdn, Time now) {
    auto* handset = find_busy(msisdn);
    if (handset == nullptr) return;
    auto stored = std::exchange(handset->in_hand, nullptr);
    handset->not_before = now + options_.retry;
    if (handset->not_before >= end_of(*stored)) {
        settle(*stored, "EXPIRED", now);
    } else {
        handset->arrived.push_front(std::move(stored));
    }
}

void MobileNetwork::sent(const std::string& msisdn, const SmsSubmit& message, Time now) {
    auto* from = find(msisdn);
    if (from == nullptr) return;
    if (from->senders.empty()) return void(++counts_.dropped);
    const auto& digits = message.destination.digits;
    auto to = std::ranges::find(from->senders, std::string_view(digits),
                                [](const auto& sender) { return digits_of(sender.number.digits); });
    send_back(*from, to == from->senders.end() ? from->senders.front() : *to, message.content, digits, now);
}

void MobileNetwork::submitted_by(Recipient& phone, const EsmeSessions::Submission& submission, Time now) {
    auto wanted = submit_of(submission.message);
    auto status = submission.message.text().size() > kMaxUserData ? smpp_status::kInvalidMessageLength
                  : !wanted                                       ? smpp_status::kInvalidDestination
                  : phone.up.on_their_way() >= options_.capacity  ? smpp_status::kQueueFull
                                                                  : throttle(phone.msisdn, now);
    if (status != smpp_status::kOk) return esmes_.refuse(submission, status);
    esmes_.accept(submission, next_message_id());
    sent(phone.msisdn, *wanted, now);
}

void MobileNetwork::send_back(Recipient& from, const Sender& to, const SmsContent& content,
                              const std::string& destination, Time now) {
    auto number = to.number;
    number.digits = destination;
    (void)from.up.accept(now, {to.system_id, smpp_message_of(to.handset, std::move(number), content)});
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
        if (handset.is_phone) hand_over(handset, now);
    }
    esmes_.tick(now);
}

std::optional<MobileNetwork::Time> MobileNetwork::next_deadline() const {
    auto next = esmes_.next_deadline().value_or(Time::max());
    for (const auto& handset : handsets_) {
        if (auto up = handset.up.next()) next = std::min(next, *up);
        // While one message is in hand, the others wait for its end.
        if (handset.in_hand) {
            if (handset.is_phone) next = std::min(next, end_of(*handset.in_hand));
            continue;
        }
        if (!handset.arrived.empty()) next = std::min(next, handset.not_before);
        if (auto down = handset.down.next()) next = std::min(next, std::max(*down, handset.not_before));
    }
    if (next == Time::max()) return std::nullopt;
    return next;
}

}  // namespace oti::ota
