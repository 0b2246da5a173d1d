// SPDX-License-Identifier: Apache-2.0
#include "manager/open_channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "scp/scp02_host.h"
#include "scp/scp03_host.h"

namespace oti::manager {
namespace {

using scp::SecurityLevel;

struct NamedLevel {
    std::string_view name;
    SecurityLevel level;
};

/// The highest first.
constexpr std::array kLevels{
    NamedLevel{"full", SecurityLevel::kFull},
    NamedLevel{"c-mac+c-enc+r-mac", SecurityLevel::kCMacCDecryptionRMac},
    NamedLevel{"c-mac+c-enc", SecurityLevel::kCMacCDecryption},
    NamedLevel{"c-mac+r-mac", SecurityLevel::kCMacRMac},
    NamedLevel{"c-mac", SecurityLevel::kCMac},
};

constexpr std::uint8_t kScp02 = 0x02, kScp03 = 0x03;
constexpr std::uint8_t kScp02Default = 0x55;

/// The highest level that the options offer, if none is asked for.
template <typename Options>
SecurityLevel level_for(const Options& options, std::optional<SecurityLevel> wanted) {
    auto offered = [&](const NamedLevel& one) { return options.supports(one.level); };
    return wanted ? *wanted : std::ranges::find_if(kLevels, offered)->level;
}

template <typename Host>
OpenedChannel opened(Host host) {
    auto first = host.external_authenticate();
    return {std::make_unique<Host>(std::move(host)), std::move(first)};
}

Result<OpenedChannel> open_scp03(const scp::KeySet& keys, BytesView host_challenge, BytesView response,
                                 std::optional<SecurityLevel> level) {
    OTI_TRY(auto card, scp::InitializeUpdateResponse::parse(response));
    OTI_TRY(auto host, scp::Scp03Host::open(keys, host_challenge, card, level_for(card.options, level)));
    return opened(std::move(host));
}

Result<OpenedChannel> open_scp02(const scp::KeySet& keys, BytesView host_challenge, BytesView response,
                                 std::optional<SecurityLevel> level, std::uint8_t i) {
    OTI_TRY(auto card, scp::Scp02InitializeUpdateResponse::parse(response));
    OTI_TRY(auto options, scp::Scp02Options::from_i(i));
    OTI_TRY(auto host, scp::Scp02Host::open(keys, options, host_challenge, card, level_for(options, level)));
    return opened(std::move(host));
}

}  // namespace

Result<ChannelOffer> ChannelOffer::parse(BytesView response) {
    constexpr std::size_t kDiversificationDataSize = 10;
    ByteReader reader(response, "response to INITIALIZE UPDATE");
    ChannelOffer offer;
    OTI_TRY(auto kdd, reader.take(kDiversificationDataSize));
    offer.key_diversification_data = to_bytes(kdd);
    OTI_TRY(offer.key_version, reader.u8());
    OTI_TRY(offer.protocol, reader.u8());
    return offer;
}

Result<OpenedChannel> open_channel(const scp::KeySet& keys, BytesView host_challenge, BytesView response,
                                   std::optional<SecurityLevel> level, std::optional<std::uint8_t> scp02_i) {
    OTI_TRY(auto offer, ChannelOffer::parse(response));
    if (offer.protocol == kScp03) return open_scp03(keys, host_challenge, response, level);
    if (offer.protocol == kScp02) {
        return open_scp02(keys, host_challenge, response, level, scp02_i.value_or(kScp02Default));
    }
    return fail(ErrorKind::kCard, "scp.unsupported",
                fmt::format("the card wants SCP{:02X}, which is not supported", offer.protocol),
                "name another key version of the domain, if it has one for SCP03 or SCP02");
}

Result<SecurityLevel> parse_level(std::string_view text) {
    auto found = std::ranges::find(kLevels, text, &NamedLevel::name);
    if (found != kLevels.end()) return found->level;
    if (auto byte = parse_hex(text); byte && byte->size() == 1) {
        auto level = static_cast<SecurityLevel>(byte->front());
        if (std::ranges::find(kLevels, level, &NamedLevel::level) != kLevels.end()) return level;
    }
    return fail(ErrorKind::kUsage, "scp.level", "there is no security level '" + std::string(text) + "'",
                "use c-mac, c-mac+c-enc, c-mac+r-mac, c-mac+c-enc+r-mac or full");
}

std::string_view name_of(SecurityLevel level) {
    auto found = std::ranges::find(kLevels, level, &NamedLevel::level);
    return found == kLevels.end() ? "none" : found->name;
}

}  // namespace oti::manager
