// SPDX-License-Identifier: Apache-2.0
#include "ota/proactive_command.h"

namespace oti::ota {
namespace {

constexpr Tag kProactive = 0xD0;
constexpr std::uint8_t kMatters = 0x80;
constexpr std::uint8_t kFirstChannel = 0x20, kMostChannels = 7;
constexpr std::uint8_t kTcpClient = 0x02, kIpv4 = 0x21, kIpv6 = 0x57;

/// With b8 of its tag set or not; the ones looked for here have one octet of tag.
std::optional<BytesView> find_object(const std::vector<Tlv>& objects, std::uint8_t tag) {
    if (auto found = find(objects, tag | kMatters)) return found;
    return find(objects, tag);
}

std::optional<ChannelTarget> target_of(const std::vector<Tlv>& objects) {
    auto transport = find_object(objects, object_tag::kTransport);
    if (!transport || transport->size() != 3 || transport->front() != kTcpClient) return std::nullopt;
    ChannelTarget target;
    target.port = static_cast<std::uint16_t>((*transport)[1] << 8 | (*transport)[2]);
    // An address before the transport is the handset's own (6.6.27.2): the last one counts.
    for (const auto& object : objects) {
        if ((object.tag & ~Tag{kMatters}) != object_tag::kOtherAddress || object.value.empty()) continue;
        auto size = object.value.front() == kIpv4 ? 4U : object.value.front() == kIpv6 ? 16U : 0U;
        if (size == 0 || object.value.size() != 1 + size) return std::nullopt;
        target.address = to_bytes(object.value.subspan(1));
    }
    if (target.address.empty()) return std::nullopt;
    return target;
}

std::uint8_t swapped(unsigned number) {
    return static_cast<std::uint8_t>(number % 10 << 4 | number / 10);
}

}  // namespace

Bytes encode_object(std::uint8_t tag, BytesView value) {
    return encode_tlv(tag | kMatters, value);
}

Result<ProactiveCommand> ProactiveCommand::parse(BytesView response) {
    OTI_TRY(auto outer, read_all_tlv(response, "proactive command"));
    auto command = find(outer, kProactive);
    if (!command)
        return fail(ErrorKind::kCard, "sms.proactive", "what the card wants is no proactive command");
    OTI_TRY(auto objects, read_all_tlv(*command, "proactive command"));
    auto details = find_object(objects, object_tag::kDetails);
    constexpr std::size_t kDetails = 3;
    if (!details || details->size() != kDetails)
        return fail(ErrorKind::kCard, "sms.proactive", "a proactive command does not say what it is");
    ProactiveCommand parsed{to_bytes(*details), static_cast<Type>((*details)[1]), (*details)[2]};
    auto devices = find_object(objects, object_tag::kDevices);
    if (devices && devices->size() == 2 && (*devices)[1] > kFirstChannel &&
        (*devices)[1] <= kFirstChannel + kMostChannels) {
        parsed.channel = (*devices)[1] - kFirstChannel;
    }
    auto tpdu = find_object(objects, object_tag::kTpdu);
    if (parsed.type == Type::kSendShortMessage && tpdu) {
        OTI_TRY(parsed.message, SmsSubmit::parse(*tpdu));
    }
    parsed.target = target_of(objects);
    auto copy = [&](std::uint8_t tag) {
        auto value = find_object(objects, tag);
        return value ? to_bytes(*value) : Bytes{};
    };
    parsed.bearer = copy(object_tag::kBearer);
    parsed.buffer_size = copy(object_tag::kBufferSize);
    parsed.data = copy(object_tag::kData);
    if (auto length = copy(object_tag::kDataLength); length.size() == 1) parsed.length = length.front();
    if (auto timer = copy(object_tag::kTimer); timer.size() == 1) parsed.timer = timer.front();
    parsed.duration = read_timer(copy(object_tag::kTimerValue));
    return parsed;
}

std::chrono::seconds read_timer(BytesView value) {
    constexpr std::size_t kFields = 3;
    if (value.size() != kFields) return {};
    auto number = [](std::uint8_t octet) { return (octet & 0x0F) * 10 + (octet >> 4); };
    return std::chrono::hours(number(value[0])) + std::chrono::minutes(number(value[1])) +
           std::chrono::seconds(number(value[2]));
}

Bytes encode_timer(std::chrono::seconds duration) {
    auto all = static_cast<unsigned>(duration.count());
    return {swapped(all / 3600 % 100), swapped(all / 60 % 60), swapped(all % 60)};
}

}  // namespace oti::ota
