// SPDX-License-Identifier: Apache-2.0
#include "bearer/sms_mailboxes.h"

#include <algorithm>

namespace oti::bearer {

SmsMailboxes::Box& SmsMailboxes::box(const std::string& number, Time now) {
    expire(now);
    if (!boxes_.contains(number) && boxes_.size() == kMaxBoxes) {
        auto oldest =
            std::ranges::min_element(boxes_, {}, [](const auto& entry) { return entry.second.touched; });
        forget_undecided(oldest->second);
        boxes_.erase(oldest);
    }
    auto& box = boxes_[number];
    box.touched = now;
    return box;
}

void SmsMailboxes::forget_undecided(Box& box) {
    for (const auto& id : box.undecided) recipients_.erase(id);
    box.undecided.clear();
}

void SmsMailboxes::expire(Time now) {
    if (now < next_look_) return;
    next_look_ = now + kept_ / 8;
    for (auto box = boxes_.begin(); box != boxes_.end();) {
        bool old = now - box->second.touched > kept_;
        if (old) forget_undecided(box->second);
        box = old ? boxes_.erase(box) : std::next(box);
    }
}

void SmsMailboxes::sent(const std::string& number, const std::string& message_id, Time now) {
    auto& box = this->box(number, now);
    if (message_id.empty() || box.undecided.size() == kMaxUndecided) return;
    box.undecided.insert(message_id);
    recipients_[message_id] = number;
}

void SmsMailboxes::arrived(const std::string& number, Bytes user_data, Time now) {
    auto& box = this->box(number, now);
    forget_undecided(box);
    std::erase_if(box.messages, [](const auto& message) { return !message; });
    if (box.messages.size() == kMaxMessages) box.messages.pop_front();
    box.messages.emplace_back(std::move(user_data));
}

std::optional<std::string> SmsMailboxes::undelivered(const std::string& message_id, const std::string& state,
                                                     Time now) {
    auto found = recipients_.find(message_id);
    if (found == recipients_.end()) return std::nullopt;
    auto number = found->second;
    auto& box = this->box(number, now);
    forget_undecided(box);
    box.messages.emplace_back(
        fail(ErrorKind::kIo, "smpp.undelivered",
             "the message centre could not deliver a message to " + number + ": " + state,
             "send again when the phone is on and in reach"));
    return number;
}

void SmsMailboxes::delivered(const std::string& message_id) {
    auto found = recipients_.find(message_id);
    if (found == recipients_.end()) return;
    if (auto box = boxes_.find(found->second); box != boxes_.end()) box->second.undecided.erase(message_id);
    recipients_.erase(found);
}

void SmsMailboxes::discard(const std::string& number) {
    auto found = boxes_.find(number);
    if (found == boxes_.end()) return;
    forget_undecided(found->second);
    boxes_.erase(found);
}

std::optional<Result<Bytes>> SmsMailboxes::take(const std::string& number, Time now) {
    expire(now);
    auto found = boxes_.find(number);
    if (found == boxes_.end() || found->second.messages.empty()) return std::nullopt;
    auto message = std::move(found->second.messages.front());
    found->second.messages.pop_front();
    return message;
}

}  // namespace oti::bearer
