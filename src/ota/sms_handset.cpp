// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_handset.h"

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "iso7816/apdu.h"

namespace oti::ota {
namespace {

// TS 102 221, 10.1.2; class 80.
constexpr std::uint8_t kTerminalProfile = 0x10, kFetch = 0x12, kTerminalResponse = 0x14, kEnvelope = 0xC2;
// TS 102 223, 9.2 and 9.3; b8 of a tag says only that its object matters.
constexpr Tag kSmsDownload = 0xD1, kProactive = 0xD0;
constexpr std::uint8_t kCommandDetails = 0x01, kDevices = 0x02, kResult = 0x03, kAddress = 0x06, kTpdu = 0x0B;
constexpr std::uint8_t kMatters = 0x80;
constexpr std::uint8_t kCard = 0x81, kTerminal = 0x82, kNetwork = 0x83;
constexpr std::uint8_t kSendShortMessage = 0x13;
constexpr std::uint8_t kPerformed = 0x00, kBeyondCapabilities = 0x30;

/// A compact object with b8 of its tag set or not; the ones looked for here have one octet of tag.
std::optional<BytesView> find_object(const std::vector<Tlv>& objects, std::uint8_t tag) {
    if (auto found = find(objects, tag | kMatters)) return found;
    return find(objects, tag);
}

/// What a proactive command is, and the message in it.
struct Proactive {
    Bytes details;
    std::uint8_t type = 0;
    std::optional<SmsSubmit> message;

    static Result<Proactive> parse(BytesView response) {
        OTI_TRY(auto outer, read_all_tlv(response, "proactive command"));
        auto command = find(outer, kProactive);
        if (!command)
            return fail(ErrorKind::kCard, "sms.proactive", "what the card wants is no proactive command");
        OTI_TRY(auto objects, read_all_tlv(*command, "proactive command"));
        auto details = find_object(objects, kCommandDetails);
        constexpr std::size_t kDetails = 3;
        if (!details || details->size() != kDetails)
            return fail(ErrorKind::kCard, "sms.proactive", "a proactive command does not say what it is");
        Proactive proactive{to_bytes(*details), (*details)[1], std::nullopt};
        auto tpdu = find_object(objects, kTpdu);
        if (proactive.type == kSendShortMessage && tpdu) {
            OTI_TRY(proactive.message, SmsSubmit::parse(*tpdu));
        }
        return proactive;
    }
};

Bytes object(std::uint8_t tag, BytesView value) {
    return encode_tlv(tag | kMatters, value);
}

}  // namespace

Result<Bytes> SmsHandset::send(std::uint8_t ins, BytesView data, std::uint16_t& sw) {
    iso7816::CommandApdu command{0x80, ins, 0x00, 0x00, to_bytes(data), 0};
    if (ins == kEnvelope) command.ne = iso7816::kMaxShortNe;
    OTI_TRY(auto bytes, card_->transmit(command.encode()));
    OTI_TRY(auto response, iso7816::ResponseApdu::parse(bytes));
    sw = static_cast<std::uint16_t>(response.sw);
    return response.data;
}

Status SmsHandset::start() {
    // Profile download, SMS-PP data download; commands by 91xx; SEND SHORT MESSAGE (TS 102 223, 5.2).
    constexpr std::array<std::uint8_t, 4> kProfile{0x03, 0x01, 0x01, 0x02};
    std::uint16_t sw = 0;
    OTI_CHECK(send(kTerminalProfile, kProfile, sw));
    std::vector<SmsSubmit> wanted;
    return serve(sw, wanted);
}

Result<SmsHandset::Answer> SmsHandset::deliver(const SmsDeliver& message) {
    auto address = centre_.encode();
    // Its length counts octets here, type included (TS 102 223, 8.1).
    auto content =
        concat(object(kDevices, Bytes{kNetwork, kCard}), encode_tlv(kAddress, BytesView(address).subspan(1)),
               object(kTpdu, message.encode()));
    Answer answer;
    OTI_TRY(answer.report, send(kEnvelope, encode_tlv(kSmsDownload, content), answer.sw));
    OTI_CHECK(serve(answer.sw, answer.wanted));
    return answer;
}

Status SmsHandset::serve(std::uint16_t sw, std::vector<SmsSubmit>& wanted) {
    constexpr std::uint16_t kWants = 0x91;
    constexpr int kMostAtOnce = 64;
    for (int n = 0; sw >> 8 == kWants; ++n) {
        if (n == kMostAtOnce)
            return fail(ErrorKind::kCard, "sms.endless", "the card wants one thing after another");
        auto length = static_cast<std::uint8_t>(sw);
        iso7816::CommandApdu fetch{0x80, kFetch, 0x00, 0x00, {}, length == 0 ? iso7816::kMaxShortNe : length};
        OTI_TRY(auto bytes, card_->transmit(fetch.encode()));
        OTI_TRY(auto response, iso7816::ResponseApdu::parse(bytes));
        OTI_TRY(auto proactive, Proactive::parse(response.data));
        auto result = proactive.message ? kPerformed : kBeyondCapabilities;
        if (proactive.message) wanted.push_back(*proactive.message);
        auto said = concat(object(kCommandDetails, proactive.details),
                           encode_tlv(kDevices, Bytes{kTerminal, kCard}), object(kResult, Bytes{result}));
        OTI_CHECK(send(kTerminalResponse, said, sw));
    }
    return {};
}

}  // namespace oti::ota
