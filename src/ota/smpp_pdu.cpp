// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_pdu.h"

#include <array>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::ota {
namespace {

// Sizes of C-octet strings, their final zero included (4.1.1, 4.4.1, 4.4.2).
constexpr std::size_t kSystemId = 16, kPassword = 9, kSystemType = 13, kAddressRange = 41, kServiceType = 6,
                      kAddress = 21, kTime = 17, kMessageId = 65;
constexpr std::size_t kMaxShortMessage = 254;

enum class Body { kNone, kBind, kMessage, kReply };

std::optional<Body> body_of(std::uint32_t command) {
    switch (SmppCommand{command & ~kSmppResponse}) {
        case SmppCommand::kBindReceiver:
        case SmppCommand::kBindTransmitter:
        case SmppCommand::kBindTransceiver:
            return command & kSmppResponse ? Body::kReply : Body::kBind;
        case SmppCommand::kSubmit:
        case SmppCommand::kDeliver:
            return command & kSmppResponse ? Body::kReply : Body::kMessage;
        case SmppCommand::kUnbind:
        case SmppCommand::kEnquireLink:
            return Body::kNone;
        default:
            break;
    }
    if (SmppCommand{command} == SmppCommand::kGenericNack) return Body::kNone;
    return std::nullopt;
}

Result<std::string> read_text(ByteReader& reader, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        OTI_TRY(auto octet, reader.u8());
        if (octet == 0) return text;
        text.push_back(static_cast<char>(octet));
    }
    return reader.invalid("a text without an end");
}

Result<std::vector<SmppTlv>> read_optional(ByteReader& reader) {
    std::vector<SmppTlv> all;
    while (!reader.empty()) {
        OTI_TRY(auto tag, reader.u16());
        OTI_TRY(auto length, reader.u16());
        OTI_TRY(auto value, reader.take(length));
        all.push_back({tag, to_bytes(value)});
    }
    return all;
}

Result<SmppBind> read_bind(ByteReader& reader) {
    SmppBind bind;
    OTI_TRY(bind.system_id, read_text(reader, kSystemId));
    OTI_TRY(bind.password, read_text(reader, kPassword));
    OTI_TRY(bind.system_type, read_text(reader, kSystemType));
    OTI_TRY(bind.interface_version, reader.u8());
    OTI_TRY(bind.address_ton, reader.u8());
    OTI_TRY(bind.address_npi, reader.u8());
    OTI_TRY(bind.address_range, read_text(reader, kAddressRange));
    return bind;
}

Result<SmppAddress> read_address(ByteReader& reader) {
    SmppAddress address;
    OTI_TRY(address.ton, reader.u8());
    OTI_TRY(address.npi, reader.u8());
    OTI_TRY(address.digits, read_text(reader, kAddress));
    return address;
}

Result<SmppMessage> read_message(ByteReader& reader) {
    SmppMessage message;
    OTI_TRY(message.service_type, read_text(reader, kServiceType));
    OTI_TRY(message.source, read_address(reader));
    OTI_TRY(message.destination, read_address(reader));
    OTI_TRY(message.esm_class, reader.u8());
    OTI_TRY(message.protocol, reader.u8());
    OTI_TRY(message.priority, reader.u8());
    OTI_TRY(message.schedule, read_text(reader, kTime));
    OTI_TRY(message.validity, read_text(reader, kTime));
    OTI_TRY(message.registered_delivery, reader.u8());
    OTI_TRY(message.replace_if_present, reader.u8());
    OTI_TRY(message.coding, reader.u8());
    OTI_TRY(message.default_message, reader.u8());
    OTI_TRY(auto text, reader.take_lv());
    if (text.size() > kMaxShortMessage) return reader.invalid("a short message over 254 octets");
    message.short_message = to_bytes(text);
    OTI_TRY(message.optional, read_optional(reader));
    if (!text.empty() && message.find(smpp_tag::kMessagePayload))
        return reader.invalid("a short message and a message payload");
    return message;
}

Result<SmppReply> read_reply(ByteReader& reader, std::uint32_t status) {
    // An error's response may have no body (4.1.2, 4.4.2).
    SmppReply reply;
    if (status != 0 && reader.empty()) return reply;
    OTI_TRY(reply.id, read_text(reader, kMessageId));
    OTI_TRY(reply.optional, read_optional(reader));
    return reply;
}

class Writer {
  public:
    ByteWriter& bytes() { return bytes_; }
    void text(const std::string& text, std::size_t size) {
        if (text.size() >= size || text.find('\0') != std::string::npos) fits_ = false;
        bytes_.put(as_bytes(text)).u8(0);
    }
    void address(const SmppAddress& address) {
        bytes_.u8(address.ton).u8(address.npi);
        text(address.digits, kAddress);
    }
    void optional(const std::vector<SmppTlv>& all) {
        for (const auto& [tag, value] : all) {
            if (value.size() > 0xFFFF) fits_ = false;
            bytes_.u16(tag).u16(static_cast<unsigned>(value.size() & 0xFFFF)).put(value);
        }
    }
    void operator()(std::monostate) {}
    void operator()(const SmppBind& bind) {
        text(bind.system_id, kSystemId);
        text(bind.password, kPassword);
        text(bind.system_type, kSystemType);
        bytes_.u8(bind.interface_version).u8(bind.address_ton).u8(bind.address_npi);
        text(bind.address_range, kAddressRange);
    }
    void operator()(const SmppMessage& message) {
        text(message.service_type, kServiceType);
        address(message.source);
        address(message.destination);
        bytes_.u8(message.esm_class).u8(message.protocol).u8(message.priority);
        text(message.schedule, kTime);
        text(message.validity, kTime);
        bytes_.u8(message.registered_delivery).u8(message.replace_if_present);
        bytes_.u8(message.coding).u8(message.default_message);
        if (message.short_message.size() <= kMaxShortMessage)
            bytes_.lv(message.short_message);
        else
            fits_ = false;
        optional(message.optional);
    }
    void operator()(const SmppReply& reply) {
        text(reply.id, kMessageId);
        optional(reply.optional);
    }
    bool fits() const { return fits_; }

  private:
    ByteWriter bytes_;
    bool fits_ = true;
};

}  // namespace

std::optional<BytesView> SmppMessage::find(std::uint16_t tag) const {
    for (const auto& tlv : optional)
        if (tlv.tag == tag) return BytesView(tlv.value);
    return std::nullopt;
}

BytesView SmppMessage::text() const {
    auto payload = find(smpp_tag::kMessagePayload);
    return payload ? *payload : BytesView(short_message);
}

Result<SmppHeader> SmppHeader::read(BytesView bytes) {
    ByteReader reader(bytes, "SMPP header");
    SmppHeader header;
    OTI_TRY(header.length, reader.u32());
    OTI_TRY(header.command, reader.u32());
    OTI_TRY(header.status, reader.u32());
    OTI_TRY(header.sequence, reader.u32());
    return header;
}

Result<SmppPdu> SmppPdu::parse(BytesView bytes) {
    OTI_TRY(auto header, SmppHeader::read(bytes));
    ByteReader reader(bytes, "SMPP PDU");
    OTI_CHECK(reader.skip(SmppHeader::kSize));
    if (header.length != bytes.size()) return reader.invalid("command_length is not the PDU's");
    auto body = body_of(header.command);
    if (!body) return fail(ErrorKind::kIo, "smpp.command", "SMPP PDU: unknown command");
    SmppPdu pdu{SmppCommand{header.command}, header.status, header.sequence, {}};
    switch (*body) {
        case Body::kNone:
            break;
        case Body::kBind: {
            OTI_TRY(pdu.body, read_bind(reader));
            break;
        }
        case Body::kMessage: {
            OTI_TRY(pdu.body, read_message(reader));
            break;
        }
        case Body::kReply: {
            OTI_TRY(pdu.body, read_reply(reader, header.status));
            break;
        }
    }
    OTI_CHECK(reader.expect_end());
    return pdu;
}

Result<Bytes> SmppPdu::encode() const {
    Writer writer;
    std::visit(writer, body);
    auto content = writer.bytes().take();
    if (!writer.fits() || content.size() > kMaxSize - SmppHeader::kSize)
        return fail(ErrorKind::kUsage, "smpp.field", "SMPP PDU: a field is too long for its place");
    ByteWriter pdu;
    pdu.u32(static_cast<std::uint32_t>(content.size() + SmppHeader::kSize));
    pdu.u32(static_cast<std::uint32_t>(command)).u32(status).u32(sequence).put(content);
    return pdu.take();
}

std::optional<SmppReceipt> SmppReceipt::of(const SmppMessage& message) {
    if ((message.esm_class & SmppMessage::kTypeMask) != SmppMessage::kReceipt) return std::nullopt;
    // message_state (5.2.28), by value.
    static constexpr std::array<std::string_view, 9> kStates = {
        "", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"};
    auto text = as_text(message.text());
    auto field = [&](std::string_view name) {
        auto at = text.find(name);
        if (at == std::string::npos) return std::string();
        at += name.size();
        return text.substr(at, text.find(' ', at) - at);
    };
    SmppReceipt receipt;
    if (auto id = message.find(smpp_tag::kReceiptedMessageId))
        receipt.message_id = as_text(id->first(id->empty() || id->back() != 0 ? id->size() : id->size() - 1));
    else
        receipt.message_id = field("id:");
    if (auto state = message.find(smpp_tag::kMessageState);
        state && state->size() == 1 && state->front() < kStates.size())
        receipt.state = kStates[state->front()];
    else
        receipt.state = field("stat:");
    if (receipt.message_id.empty() || receipt.state.empty()) return std::nullopt;
    receipt.delivered = receipt.state == "DELIVRD";
    receipt.final = receipt.state != "ENROUTE" && receipt.state != "ACCEPTD";
    return receipt;
}

Result<std::optional<Bytes>> SmppStream::next() {
    if (bytes_.size() < SmppHeader::kSize) return std::nullopt;
    OTI_TRY(auto header, SmppHeader::read(bytes_));
    if (header.length < SmppHeader::kSize || header.length > SmppPdu::kMaxSize)
        return fail(ErrorKind::kIo, "smpp.length", "SMPP: a PDU of impossible length");
    if (bytes_.size() < header.length) return std::nullopt;
    auto end = bytes_.begin() + header.length;
    Bytes pdu(bytes_.begin(), end);
    bytes_.erase(bytes_.begin(), end);
    return pdu;
}

}  // namespace oti::ota
