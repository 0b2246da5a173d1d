// SPDX-License-Identifier: Apache-2.0
#include "iso7816/apdu.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::iso7816 {
namespace {

std::unexpected<Error> malformed(BytesView bytes) {
    return fail(ErrorKind::kUsage, "apdu.invalid",
                fmt::format("{} bytes are not a command APDU", bytes.size()));
}

}  // namespace

Result<CommandApdu> CommandApdu::parse(BytesView bytes) {
    ByteReader reader(bytes, "command APDU");
    auto header = reader.take(4);
    if (!header) return malformed(bytes);
    CommandApdu apdu{(*header)[0], (*header)[1], (*header)[2], (*header)[3]};
    if (reader.empty()) return apdu;  // case 1

    std::uint8_t first = *reader.u8();
    if (reader.empty()) {  // case 2 short
        apdu.ne = first == 0 ? kMaxShortNe : first;
        return apdu;
    }
    if (first != 0) {  // cases 3 and 4 short
        auto data = reader.take(first);
        if (!data || reader.remaining() > 1) return malformed(bytes);
        apdu.data = to_bytes(*data);
        if (reader.empty()) return apdu;
        std::uint8_t le = *reader.u8();
        apdu.ne = le == 0 ? kMaxShortNe : le;
        return apdu;
    }
    auto length = reader.u16();
    if (!length) return malformed(bytes);
    if (reader.empty()) {  // case 2 extended
        apdu.ne = *length == 0 ? kMaxExtendedNe : *length;
        return apdu;
    }
    auto data = reader.take(*length);  // cases 3 and 4 extended
    if (*length == 0 || !data) return malformed(bytes);
    apdu.data = to_bytes(*data);
    if (reader.empty()) return apdu;
    auto le = reader.u16();
    if (!le || !reader.empty()) return malformed(bytes);
    apdu.ne = *le == 0 ? kMaxExtendedNe : *le;
    return apdu;
}

Bytes CommandApdu::encode() const {
    ByteWriter writer;
    writer.u8(cla).u8(ins).u8(p1).u8(p2);
    auto length = static_cast<unsigned>(data.size());
    if (length <= kMaxShortData && ne <= kMaxShortNe) {
        if (length > 0) writer.u8(length).put(data);
        if (ne > 0) writer.u8(ne);  // 256 becomes 00
        return writer.take();
    }
    writer.u8(0);
    if (length > 0) writer.u16(length).put(data);
    if (ne > 0) writer.u16(ne);  // 65536 becomes 0000
    return writer.take();
}

Result<ResponseApdu> ResponseApdu::parse(BytesView bytes) {
    if (bytes.size() < 2) {
        return fail(ErrorKind::kIo, "apdu.invalid",
                    fmt::format("a response APDU has at least 2 bytes, this one has {}", bytes.size()));
    }
    auto split = bytes.size() - 2;
    return ResponseApdu{to_bytes(bytes.first(split)),
                        static_cast<StatusWord>(bytes[split] << 8 | bytes[split + 1])};
}

Bytes ResponseApdu::encode() const {
    Bytes bytes = data;
    bytes.push_back(static_cast<std::uint8_t>(value(sw) >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value(sw)));
    return bytes;
}

Error card_error(StatusWord sw, std::uint8_t ins, std::uint8_t p1) {
    Error error{ErrorKind::kCard, fmt::format("card.{:04x}", value(sw)),
                fmt::format("the card answered {:04X} to {}: {}", value(sw), name(ins), meaning(sw, ins, p1)),
                hint(sw, ins, p1)};
    if (sw == StatusWord::kNoSpace) error.code = "card.no_space";
    error.sw = value(sw);
    return error;
}

std::uint8_t channel_of(std::uint8_t cla) {
    bool further = (cla & 0x40) != 0;
    return further ? static_cast<std::uint8_t>(4 + (cla & 0x0F)) : cla & 0x03;
}

std::uint8_t with_channel(std::uint8_t cla, std::uint8_t channel) {
    bool was_further = (cla & 0x40) != 0;
    bool secured = was_further ? (cla & 0x20) != 0 : (cla & 0x0C) != 0;
    auto rest = was_further ? cla & 0x90 : cla & 0xB0;
    if (channel < 4) {
        auto messaging = was_further ? (secured ? 0x04 : 0) : cla & 0x0C;
        return static_cast<std::uint8_t>(rest | messaging | channel);
    }
    return static_cast<std::uint8_t>((rest & 0x90) | 0x40 | (secured ? 0x20 : 0) | ((channel - 4) & 0x0F));
}

}  // namespace oti::iso7816
