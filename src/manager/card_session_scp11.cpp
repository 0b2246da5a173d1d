// SPDX-License-Identifier: Apache-2.0
// SCP11 (Amendment F 1.4) as a session opens it: certificates of the card, certificates for the card, key
// agreement.
#include <fmt/format.h>

#include "base/hex.h"
#include "globalplatform/card_recognition.h"
#include "globalplatform/key_information.h"
#include "manager/card_session.h"

namespace oti::manager {
namespace {

using iso7816::ResponseApdu;
using iso7816::StatusWord;
using scp::Scp11Variant;

constexpr std::uint8_t kScp11 = 0x11;
constexpr std::uint8_t kS16 = 0x40;  ///< of `i` (table 4-1)
constexpr Tag kCardRecognitionData = 0x66, kKeyInformation = 0xE0;

std::string_view name_of(Scp11Variant variant) {
    if (variant == Scp11Variant::kA) return "SCP11a";
    return variant == Scp11Variant::kB ? "SCP11b" : "SCP11c";
}

/// What the domain's refusal means for this step; without that the status word alone would mislead, since
/// these commands share their instructions with others.
std::unexpected<Error> refused(const ResponseApdu& response, std::string_view step, std::string hint) {
    return std::unexpected(Error{ErrorKind::kAuthentication, "scp.refused",
                                 fmt::format("the domain refused {} ({:04X})", step, value(response.sw)),
                                 std::move(hint), value(response.sw)});
}

}  // namespace

Result<scp::KeyVersion> CardSession::scp11_key_version(const Scp11Access& access) {
    if (access.key_version) return *access.key_version;
    auto identifier = scp::scp11_key_identifier(access.variant);
    OTI_TRY(auto data, read_data(kKeyInformation));
    if (data) {
        OTI_TRY(auto keys, globalplatform::parse_key_information(*data));
        auto found = std::ranges::find(keys, identifier, &globalplatform::KeyInformation::identifier);
        if (found != keys.end()) return scp::KeyVersion(found->version);
    }
    return fail(ErrorKind::kCard, "card.no_key",
                fmt::format("{} tells of no key for {} (identifier {:02X})", domain_.hex(),
                            name_of(access.variant), identifier),
                "name its version with --key-version if it has one; 'oti card info' shows what it tells, and "
                "'oti card setup-scp11' gives it one");
}

Result<crypto::PublicKey> CardSession::certified_key(const Scp11Access& access, scp::KeyVersion version,
                                                     std::chrono::year_month_day today) {
    auto identifier = scp::scp11_key_identifier(access.variant);
    OTI_TRY(auto response, send(scp::get_certificate_store(identifier, version)));
    if (response.sw != StatusWord::kOk) {
        return refused(
            response,
            fmt::format("to show the certificate of its key {:02X}/{:02X}", identifier, version.value()),
            "it may have no such key, or no certificate for it");
    }
    OTI_TRY(auto chain, scp::parse_certificate_store(response.data));
    auto key = crypto::verify_chain(chain, access.card_authority, today);
    if (!key && key.error().code == "certificate.untrusted") {
        auto error = key.error();
        error.message = "the domain's certificate is not by the authority that is trusted here";
        error.hint =
            "nothing was sent that could help a false card; is --ca-klcc the key of the authority "
            "that certified this card?";
        return std::unexpected(std::move(error));
    }
    return key;
}

Status CardSession::present(const Scp11Access& access) {
    for (const auto& command : scp::perform_security_operation(access.chain, access.authority_version)) {
        OTI_TRY(auto response, send(command));
        if (response.sw == StatusWord::kOk) continue;
        return refused(response, "the certificate of the off-card entity",
                       "it has to be signed by the authority whose key (CA-KLOC, identifier 10) the domain "
                       "has, and be on its allowlist where it keeps one");
    }
    return {};
}

Status CardSession::authenticate(const Scp11Access& access, std::optional<scp::SecurityLevel> level,
                                 std::chrono::year_month_day today) {
    channel_.reset();
    std::uint8_t options = 0;
    OTI_TRY(auto data, read_data(kCardRecognitionData));
    if (data) {
        if (auto recognition = globalplatform::CardRecognition::parse(*data)) {
            for (const auto& channel : recognition->channels) {
                if (channel.protocol == kScp11) options = channel.options;
            }
        }
    }
    OTI_TRY(auto version, scp11_key_version(access));
    OTI_TRY(auto card_key, certified_key(access, version, today));
    scp::Scp11Request request;
    request.variant = access.variant;
    request.key_version = version;
    request.level = level.value_or(scp::SecurityLevel::kFull);
    request.key_size = access.key_size;
    request.s16 = (options & kS16) != 0;
    std::optional<crypto::PrivateKey> own;
    if (access.key && access.variant != Scp11Variant::kB) own = access.key->clone();
    OTI_TRY(auto host, scp::Scp11Host::begin(std::move(request), std::move(card_key), std::move(own)));
    if (access.variant != Scp11Variant::kB) OTI_CHECK(present(access));

    OTI_TRY(auto response, send(host.authenticate()));
    if (response.sw != StatusWord::kOk) {
        return refused(response, fmt::format("to agree on keys by {}", name_of(access.variant)),
                       "6A88: it lacks one of the keys; 6A80: it does not know this variant, level or length "
                       "of keys");
    }
    OTI_TRY(auto channel, host.finish(response.data, access.key_dek ? &*access.key_dek : nullptr));
    offer_ = ChannelOffer{{}, version.value(), kScp11};
    channel_ = std::make_unique<scp::Scp03Host>(std::move(channel));
    return {};
}

}  // namespace oti::manager
