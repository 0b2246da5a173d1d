// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_tpdu.h"

#include "base/byte_writer.h"

namespace oti::ota {
namespace {

// The first octet.
constexpr std::uint8_t kTypeMask = 0x03, kDeliver = 0x00, kSubmit = 0x01;
constexpr std::uint8_t kNoMoreMessages = 0x04, kReport = 0x20, kHasHeader = 0x40;
constexpr std::uint8_t kValidity = 0x18, kRelative = 0x10, kEnhanced = 0x08, kAbsolute = 0x18;

/// Whether TP-UDL counts octets (TS 23.038, 4); else it counts characters of seven bits.
bool is_octets(std::uint8_t coding) {
    if ((coding & 0xF0) == 0xF0) return (coding & 0x04) != 0;
    if ((coding & 0xC0) == 0x00) return (coding & 0x0C) == 0x04 || (coding & 0x0C) == 0x08;
    return (coding & 0xF0) == 0xE0;
}

/// TP-UDL and TP-UD, to the end.
Result<Bytes> read_user_data(ByteReader& reader, std::uint8_t coding) {
    constexpr std::size_t kBits = 7;
    OTI_TRY(std::size_t length, reader.u8());
    if (!is_octets(coding)) length = (length * kBits + 7) / 8;
    if (length > kMaxUserData) return reader.invalid("more than 140 octets of user data");
    OTI_TRY(auto data, reader.take(length));
    OTI_CHECK(reader.expect_end());
    return to_bytes(data);
}

Result<SmsContent> read_header(ByteReader& reader, std::uint8_t first) {
    SmsContent content;
    content.has_header = (first & kHasHeader) != 0;
    OTI_TRY(content.protocol, reader.u8());
    OTI_TRY(content.coding, reader.u8());
    return content;
}

std::uint8_t header_bit(const SmsContent& content) {
    return content.has_header ? kHasHeader : 0;
}

std::size_t validity_length(std::uint8_t first) {
    constexpr std::size_t kLong = 7;
    switch (first & kValidity) {
        case kRelative:
            return 1;
        case kEnhanced:
        case kAbsolute:
            return kLong;
        default:
            return 0;
    }
}

}  // namespace

Result<SmsDeliver> SmsDeliver::parse(BytesView tpdu) {
    ByteReader reader(tpdu, "SMS-DELIVER");
    OTI_TRY(auto first, reader.u8());
    if ((first & kTypeMask) != kDeliver) return reader.invalid("another type of message");
    SmsDeliver message;
    message.more_messages = (first & kNoMoreMessages) == 0;
    OTI_TRY(message.originator, SmsAddress::read(reader));
    OTI_TRY(message.content, read_header(reader, first));
    OTI_TRY(auto time, reader.take(message.time.size()));
    std::ranges::copy(time, message.time.begin());
    OTI_TRY(message.content.user_data, read_user_data(reader, message.content.coding));
    return message;
}

Bytes SmsDeliver::encode() const {
    ByteWriter writer;
    writer.u8(kDeliver | header_bit(content) | (more_messages ? 0U : kNoMoreMessages));
    writer.put(originator.encode()).u8(content.protocol).u8(content.coding).put(time);
    return writer.lv(content.user_data).take();
}

bool SmsContent::is_for_card() const {
    bool class2 = (coding & 0xF3) == 0xF2 || (coding & 0xD3) == 0x12;
    return protocol == kDataDownload && class2;
}

Result<SmsSubmit> SmsSubmit::parse(BytesView tpdu) {
    ByteReader reader(tpdu, "SMS-SUBMIT");
    OTI_TRY(auto first, reader.u8());
    if ((first & kTypeMask) != kSubmit) return reader.invalid("another type of message");
    SmsSubmit message;
    message.report = (first & kReport) != 0;
    OTI_TRY(message.reference, reader.u8());
    OTI_TRY(message.destination, SmsAddress::read(reader));
    OTI_TRY(message.content, read_header(reader, first));
    OTI_TRY(auto validity, reader.take(validity_length(first)));
    message.validity = to_bytes(validity);
    OTI_TRY(message.content.user_data, read_user_data(reader, message.content.coding));
    return message;
}

Bytes SmsSubmit::encode() const {
    auto format = validity.empty() ? 0U : validity.size() == 1 ? kRelative : kAbsolute;
    ByteWriter writer;
    writer.u8(kSubmit | header_bit(content) | (report ? kReport : 0U) | format).u8(reference);
    writer.put(destination.encode()).u8(content.protocol).u8(content.coding).put(validity);
    return writer.lv(content.user_data).take();
}

}  // namespace oti::ota
