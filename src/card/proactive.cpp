// SPDX-License-Identifier: Apache-2.0
#include "card/proactive.h"

namespace oti::card {
namespace {

constexpr Tag kProactiveCommand = 0xD0;
constexpr std::uint8_t kComprehension = 0x80;

}  // namespace

Bytes encode_object(ObjectTag tag, BytesView value) {
    return encode_tlv(static_cast<Tag>(tag) | kComprehension, value);
}

std::optional<PhoneObjects> PhoneObjects::parse(BytesView bytes) {
    auto objects = read_all_tlv(bytes, "objects of a phone");
    if (!objects) return std::nullopt;
    PhoneObjects parsed;
    parsed.objects_ = std::move(*objects);
    return parsed;
}

std::optional<BytesView> PhoneObjects::find(ObjectTag tag) const {
    if (auto found = oti::find(objects_, static_cast<Tag>(tag) | kComprehension)) return found;
    return oti::find(objects_, static_cast<Tag>(tag));
}

void ProactiveQueue::add(ProactiveType type, std::uint8_t qualifier, std::uint8_t destination,
                         BytesView objects) {
    constexpr std::uint8_t kNumber = 1;
    auto details = Bytes{kNumber, static_cast<std::uint8_t>(type), qualifier};
    auto content = concat(encode_object(ObjectTag::kCommandDetails, details),
                          encode_object(ObjectTag::kDevices, Bytes{kCardDevice, destination}), objects);
    commands_.push_back({type, encode_tlv(kProactiveCommand, content)});
}

void ProactiveQueue::clear() {
    commands_.clear();
    fetched_ = false;
}

const Bytes& ProactiveQueue::fetch() {
    fetched_ = true;
    return commands_.front().bytes;
}

std::optional<TerminalResponse> ProactiveQueue::answer(BytesView bytes) {
    if (!fetched_) return std::nullopt;
    TerminalResponse response{commands_.front().type};
    fetched_ = false;
    commands_.pop_front();
    auto objects = PhoneObjects::parse(bytes);
    if (!objects) return response;
    response.objects = std::move(*objects);
    auto result = response.objects.find(ObjectTag::kResult);
    constexpr std::uint8_t kLastPerformed = 0x0F;
    response.performed = result && !result->empty() && result->front() <= kLastPerformed;
    return response;
}

}  // namespace oti::card
