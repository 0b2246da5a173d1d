// SPDX-License-Identifier: Apache-2.0
#include "scp/host_session.h"

#include <array>

#include "base/byte_reader.h"
#include "scp/scp02_host.h"
#include "scp/scp03_host.h"

namespace oti::scp {
namespace {

constexpr std::uint8_t kScp02 = 0x02, kScp03 = 0x03;
constexpr std::uint8_t kUsualScp02 = 0x55;
constexpr std::array kFromStrongest{SecurityLevel::kFull, SecurityLevel::kCMacCDecryptionRMac,
                                    SecurityLevel::kCMacCDecryption};

template <typename Options>
SecurityLevel strongest_of(const Options& options) {
    return *std::ranges::find_if(kFromStrongest, [&](auto level) { return options.supports(level); });
}

template <typename Host>
HostSession session_of(Host host) {
    auto channel = std::make_unique<Host>(std::move(host));
    auto external_authenticate = channel->external_authenticate();
    return {std::move(channel), std::move(external_authenticate)};
}

}  // namespace

Result<std::uint8_t> protocol_of(BytesView initialize_update_response) {
    ByteReader reader(initialize_update_response, "response to INITIALIZE UPDATE");
    OTI_CHECK(reader.skip(11));
    return reader.u8();
}

Result<SecurityLevel> strongest_level(std::uint8_t protocol, std::uint8_t i) {
    if (protocol == kScp03) return strongest_of(Scp03Options::from_i(i));
    if (protocol == kScp02) {
        OTI_TRY(auto options, Scp02Options::from_i(i));
        return strongest_of(options);
    }
    return fail(ErrorKind::kCard, "scp.unsupported",
                "the card speaks secure channel protocol " + std::to_string(protocol) +
                    ", which is neither SCP02 nor SCP03");
}

Result<HostSession> open_host_session(const KeySet& keys, BytesView host_challenge,
                                      BytesView initialize_update_response,
                                      std::optional<SecurityLevel> level,
                                      std::optional<std::uint8_t> scp02_i) {
    OTI_TRY(auto protocol, protocol_of(initialize_update_response));
    if (protocol == kScp02) {
        OTI_TRY(auto card, Scp02InitializeUpdateResponse::parse(initialize_update_response));
        OTI_TRY(auto options, Scp02Options::from_i(scp02_i.value_or(kUsualScp02)));
        OTI_TRY(auto host,
                Scp02Host::open(keys, options, host_challenge, card, level.value_or(strongest_of(options))));
        return session_of(std::move(host));
    }
    OTI_TRY(auto card, InitializeUpdateResponse::parse(initialize_update_response));
    OTI_TRY(auto host,
            Scp03Host::open(keys, host_challenge, card, level.value_or(strongest_of(card.options))));
    return session_of(std::move(host));
}

}  // namespace oti::scp
