// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_sms.h"

namespace oti::ota {
namespace {

/// SMPP's own values for octets (5.2.19) say nothing of a class; to a card they go as class 2.
std::uint8_t coding_of(const SmppMessage& message) {
    constexpr std::uint8_t kOctets = 0x04, kOctetsToo = 0x02;
    bool octets = message.coding == kOctets || message.coding == kOctetsToo;
    return octets && message.protocol == kDataDownload ? kClass2Data : message.coding;
}

SmsContent content_of(const SmppMessage& message) {
    return {message.protocol, message.coding, (message.esm_class & SmppMessage::kHasHeader) != 0,
            to_bytes(message.text())};
}

Result<SmsAddress> address_of(const SmppAddress& address) {
    constexpr std::uint8_t kInternational = 1;
    return SmsAddress::of_number((address.ton == kInternational ? "+" : "") +
                                 std::string(digits_of(address.digits)));
}

}  // namespace

std::string_view digits_of(std::string_view number) {
    return number.starts_with('+') ? number.substr(1) : number;
}

Result<SmsDeliver> deliver_of(const SmppMessage& message) {
    SmsDeliver deliver;
    OTI_TRY(deliver.originator, address_of(message.source));
    deliver.content = content_of(message);
    deliver.content.coding = coding_of(message);
    return deliver;
}

Result<SmsSubmit> submit_of(const SmppMessage& message) {
    SmsSubmit submit;
    OTI_TRY(submit.destination, address_of(message.destination));
    submit.content = content_of(message);
    return submit;
}

SmppMessage smpp_message_of(SmppAddress source, SmppAddress destination, const SmsContent& content) {
    SmppMessage message;
    message.source = std::move(source);
    message.destination = std::move(destination);
    message.esm_class = content.has_header ? SmppMessage::kHasHeader : 0;
    message.protocol = content.protocol;
    message.coding = content.coding;
    message.short_message = content.user_data;
    return message;
}

/// Type of number and numbering plan are the same values in both (TS 23.040, 9.1.2.5; SMPP 3.4, 5.2.5 and
/// 5.2.6).
SmppAddress smpp_address_of(const SmsAddress& address) {
    constexpr std::uint8_t kType = 0x07, kPlan = 0x0F;
    return {static_cast<std::uint8_t>(address.type >> 4 & kType),
            static_cast<std::uint8_t>(address.type & kPlan), address.digits};
}

}  // namespace oti::ota
