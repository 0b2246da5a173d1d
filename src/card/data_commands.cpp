// SPDX-License-Identifier: Apache-2.0
#include "card/data_commands.h"

#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "card/secure_channel_commands.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kScp03 = 0x03;
// P1 of STORE DATA (table 11-88): the last block; the data are BER-TLV, or of a form known to the domain.
constexpr std::uint8_t kLastBlock = 0x80, kBerTlv = 0x10;

/// Card Recognition Data (GPCS 2.3.1, H.2): object identifiers below 1.2.840.114283.
Bytes card_recognition_data(const Environment& environment, std::uint8_t i) {
    auto oid = [](std::string_view hex) { return encode_tlv(0x06, from_hex(hex)); };
    bool old = environment.profile.gp_version == "2.2.1";
    auto scp = from_hex("2A864886FC6B04");
    scp.push_back(kScp03);
    scp.push_back(i);
    auto content = concat(oid("2A864886FC6B01"),
                          encode_tlv(0x60, oid(old ? "2A864886FC6B02020201" : "2A864886FC6B02020301")),
                          encode_tlv(0x63, oid("2A864886FC6B03")), encode_tlv(0x64, encode_tlv(0x06, scp)));
    return encode_tlv(0x66, encode_tlv(0x73, content));
}

/// Key Information Template (GPCS 2.3.1, 11.3.3.1): key identifier, version, then type and length of each
/// component.
Bytes key_information(const Environment& environment, const Aid& domain) {
    Bytes content;
    for (auto place : environment.keys.places(domain)) {
        Bytes entry{place.id, place.version};
        for (const auto& [type, value] : environment.keys.find(domain, place)->components) {
            append(entry, Bytes{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(value.size())});
        }
        append(content, encode_tlv(0xC0, entry));
    }
    return encode_tlv(0xE0, content);
}

}  // namespace

Answer get_data(Environment& environment, Channel& /*channel*/, const Application& domain,
                const CommandApdu& command) {
    const auto& identity = environment.identity;
    // A domain to which nothing else was given says what the card was given.
    auto stored = [&](Tag tag, const Bytes& original) {
        auto value = environment.registry.data_object(domain.aid, tag);
        return ResponseApdu{encode_tlv(tag, value ? *value : BytesView(original))};
    };
    switch (command.p1 << 8 | command.p2) {
        case 0x0042:
            return stored(0x42, identity.iin);
        case 0x0045:
            return stored(0x45, identity.cin);
        case 0x0066:
            return ResponseApdu{card_recognition_data(environment, domain.scp03_i)};
        case 0x9F7F:
            return ResponseApdu{encode_tlv(0x9F7F, identity.cplc)};
        case 0x00CF:
            return ResponseApdu{encode_tlv(0xCF, identity.key_diversification_data)};
        case 0x00E0:
            return ResponseApdu{key_information(environment, domain.aid)};
        case 0x00C1: {
            auto set = environment.keys.find_set(key_holder(environment, domain), 0);
            if (!set) return refuse(StatusWord::kReferencedDataNotFound);
            auto counter = ByteWriter().u32(set->sequence_counter).take();
            return ResponseApdu{encode_tlv(0xC1, BytesView(counter).subspan(1))};
        }
        default:
            return refuse(StatusWord::kReferencedDataNotFound);
    }
}

Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command) {
    auto expected_block = std::exchange(channel.next_data_block, 0);
    // The application that is personalized is not run, so nobody takes the data.
    if (std::exchange(channel.personalized, std::nullopt)) return refuse(StatusWord::kConditionsNotSatisfied);
    if ((command.p1 & ~(kLastBlock | kBerTlv)) != 0 || command.p2 != (expected_block & 0xFF)) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    auto objects = read_all_tlv(command.data, "STORE DATA");
    if (!objects || objects->empty()) return refuse(StatusWord::kWrongData);
    for (const auto& object : *objects) {
        bool known = object.tag == 0x42 || object.tag == 0x45;
        if (!known || object.value.size() > kMaxStoredData) return refuse(StatusWord::kWrongData);
        environment.registry.put_data_object(domain.aid, object.tag, object.value);
    }
    if ((command.p1 & kLastBlock) == 0) channel.next_data_block = expected_block + 1;
    return ResponseApdu{};
}

}  // namespace oti::card
