// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/card_recognition.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/hex.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

constexpr Tag kCardData = 0x66, kRecognition = 0x73, kOid = 0x06;
constexpr Tag kManagement = 0x60, kIdentification = 0x63, kChannels = 0x64, kConfiguration = 0x65,
              kChip = 0x66, kTrustPoint = 0x67, kCertificates = 0x68;
/// 1.2.840.114283, GlobalPlatform.
constexpr std::string_view kGlobalPlatform = "1.2.840.114283.";
/// 1.3.6.1.4.1.42.2.110.1, Java Card.
constexpr std::string_view kJavaCard = "1.3.6.1.4.1.42.2.110.1.";

Result<std::vector<std::string>> oids_in(BytesView content) {
    OTI_TRY(auto objects, read_all_tlv(content, "card recognition data"));
    std::vector<std::string> texts;
    for (const auto& object : objects) {
        if (object.tag != kOid) continue;
        OTI_TRY(auto text, oid_text(object.value));
        texts.push_back(std::move(text));
    }
    return texts;
}

void append_all(std::vector<std::string>& to, std::vector<std::string> what) {
    for (auto& text : what) to.push_back(std::move(text));
}

/// The two bytes after {globalPlatform 4}: protocol and options. They are taken as they are: cards write 80
/// and above as one byte, where an object identifier would have two.
std::optional<ChannelProtocol> channel_of(BytesView oid) {
    const auto kChannel = from_hex("2A864886FC6B04");
    if (oid.size() != kChannel.size() + 2 || !same(oid.first(kChannel.size()), kChannel)) return std::nullopt;
    auto two = oid.last(2);
    return ChannelProtocol{two.front(), two.back()};
}

Result<std::vector<ChannelProtocol>> channels_in(BytesView content) {
    OTI_TRY(auto objects, read_all_tlv(content, "card recognition data"));
    std::vector<ChannelProtocol> channels;
    for (const auto& object : objects) {
        if (auto channel = object.tag == kOid ? channel_of(object.value) : std::nullopt)
            channels.push_back(*channel);
    }
    return channels;
}

void add(CardRecognition& data, Tag tag, std::vector<std::string> oids) {
    switch (tag) {
        case kManagement:
            for (std::string_view oid : oids) {
                constexpr std::string_view kVersion = "1.2.840.114283.2.";
                if (oid.starts_with(kVersion)) data.version = oid.substr(kVersion.size());
            }
            break;
        case kIdentification:
            data.identified_by_iin_and_cin = !oids.empty() && oids.front() == "1.2.840.114283.3";
            break;
        case kConfiguration:
            append_all(data.configuration_oids, std::move(oids));
            break;
        case kChip:
            append_all(data.chip_oids, std::move(oids));
            break;
        case kTrustPoint:
            append_all(data.trust_point_oids, std::move(oids));
            break;
        case kCertificates:
            append_all(data.certificate_oids, std::move(oids));
            break;
        default:
            break;
    }
}

/// GPCS 2.3.1, table E-1.
std::string scp02_options(std::uint8_t i) {
    std::vector<std::string_view> options;
    options.emplace_back((i & 0x01) != 0 ? "three keys" : "one base key");
    options.emplace_back((i & 0x02) != 0 ? "C-MAC on the unmodified command"
                                         : "C-MAC on the modified command");
    options.emplace_back((i & 0x04) != 0 ? "explicit initiation" : "implicit initiation");
    options.emplace_back((i & 0x08) != 0 ? "ICV is a MAC over the AID" : "ICV is zero");
    if ((i & 0x10) != 0) options.emplace_back("ICV encryption");
    if ((i & 0x20) != 0) options.emplace_back("R-MAC");
    options.emplace_back((i & 0x40) != 0 ? "pseudo-random challenge" : "random challenge");
    return fmt::format("{}", fmt::join(options, ", "));
}

/// Amendment D 1.2, table 5-1.
std::string scp03_options(std::uint8_t i) {
    std::vector<std::string_view> options;
    options.emplace_back((i & 0x01) != 0 ? "S16" : "S8");
    options.emplace_back((i & 0x10) != 0 ? "pseudo-random challenge" : "random challenge");
    if ((i & 0x20) != 0) options.emplace_back("R-MAC");
    if ((i & 0x40) != 0) options.emplace_back("R-ENCRYPTION");
    return fmt::format("{}", fmt::join(options, ", "));
}

}  // namespace

std::string describe(const ChannelProtocol& channel) {
    auto name = fmt::format("SCP{:02X} i={:02X}", channel.protocol, channel.options);
    if (channel.protocol == 0x02) return name + ": " + scp02_options(channel.options);
    if (channel.protocol == 0x03) return name + ": " + scp03_options(channel.options);
    if (channel.protocol == 0x80) return name + ": over the air (SMS)";
    if (channel.protocol == 0x81) return name + ": over HTTP with TLS";
    return name;
}

Result<std::string> oid_text(BytesView encoded) {
    ByteReader reader(encoded, "object identifier");
    std::string text;
    while (!reader.empty()) {
        std::uint64_t arc = 0;
        std::uint8_t byte = 0;
        do {
            OTI_TRY(byte, reader.u8());
            if (arc > UINT32_MAX) return reader.invalid("an arc is too large");
            arc = arc << 7 | (byte & 0x7FU);
        } while ((byte & 0x80) != 0);
        if (text.empty()) {
            auto first = std::min<std::uint64_t>(arc / 40, 2);
            text = fmt::format("{}.{}", first, arc - 40 * first);
        } else {
            text += fmt::format(".{}", arc);
        }
    }
    if (text.empty()) return reader.invalid("it is empty");
    return text;
}

std::string oid_meaning(std::string_view dotted) {
    if (dotted.starts_with(kJavaCard)) {
        auto version = dotted.substr(kJavaCard.size());
        if (version == "2") return "Java Card 2.2.x";
        if (version == "3") return "Java Card 3";
        return "Java Card, arc " + std::string(version);
    }
    if (dotted.starts_with(kGlobalPlatform)) return "GlobalPlatform";
    return {};
}

Result<CardRecognition> CardRecognition::parse(BytesView object) {
    ByteReader reader(object, "card recognition data");
    OTI_TRY(auto outer, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    BytesView content;
    if (outer.tag == kCardData) {
        OTI_TRY(auto objects, read_all_tlv(outer.value, "card data"));
        auto inner = find(objects, kRecognition);
        if (!inner) return reader.invalid("there is no tag 73 in it");
        content = *inner;
    } else if (outer.tag == kRecognition) {
        content = outer.value;
    } else {
        return reader.invalid("the tag is neither 66 nor 73");
    }
    OTI_TRY(auto objects, read_all_tlv(content, "card recognition data"));
    CardRecognition data;
    for (const auto& item : objects) {
        if (item.tag == kChannels) {
            OTI_TRY(auto channels, channels_in(item.value));
            data.channels.insert(data.channels.end(), channels.begin(), channels.end());
        } else if (item.tag >= kManagement && item.tag <= kCertificates) {
            // Details of the configuration and of certificates have a form of their own on some cards.
            if (auto oids = oids_in(item.value)) add(data, item.tag, std::move(*oids));
        }
    }
    return data;
}

}  // namespace oti::globalplatform
