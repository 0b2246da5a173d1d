// SPDX-License-Identifier: Apache-2.0
#include "scp/scp11_certificates_card.h"

#include <algorithm>

#include "crypto/gp_certificate.h"

namespace oti::scp {
namespace {

using crypto::GpCertificate;
using crypto::GpKeyUsage;
using iso7816::CommandApdu;
using iso7816::StatusWord;

/// Table 7-13.
constexpr StatusWord kVerificationFailed{0x6600}, kNotInAllowlist{0x6640}, kFormatNotSupported{0x6A87};

constexpr std::uint8_t kMore = 0x80, kSequence = 0x30;
constexpr std::size_t kMaxCertificate = 2048;

}  // namespace

Scp11Options Scp11Options::from_i(std::uint8_t first, std::uint8_t second) {
    return {.variant_a = (first & 0x01) != 0,
            .variant_b = (first & 0x02) != 0,
            .variant_c = (first & 0x10) != 0,
            .keeps_oce = (first & 0x04) != 0,
            .chains = (first & 0x08) != 0,
            .authorizations_a = (second & 0x01) != 0,
            .authorizations_c = (first & 0x20) != 0,
            .s16 = (first & 0x40) != 0};
}

StatusWord Scp11Certificates::perform_security_operation(const Scp11Options& options,
                                                         const CommandApdu& command,
                                                         const FindAuthority& find_authority) {
    auto refuse = [this](StatusWord sw) {
        forget();
        return sw;
    };
    Scp11KeyReference reference{static_cast<std::uint8_t>(command.p2 & ~kMore),
                                static_cast<std::uint8_t>(command.p1 & ~kMore)};
    bool more_blocks = (command.p1 & kMore) != 0, more_certificates = (command.p2 & kMore) != 0;
    if (more_certificates && !options.chains) return refuse(StatusWord::kIncorrectP1P2);
    if (reference_ &&
        (reference_->identifier != reference.identifier || reference_->version != reference.version)) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    if (blocks_.size() + command.data.size() > kMaxCertificate) return refuse(StatusWord::kWrongLength);
    append(blocks_, command.data);
    if (more_blocks) {
        reference_ = reference;
        return StatusWord::kOk;
    }
    auto sw = take(options, reference, !more_certificates, find_authority);
    if (sw != StatusWord::kOk) return refuse(sw);
    reference_.reset();
    blocks_.clear();
    return sw;
}

StatusWord Scp11Certificates::take(const Scp11Options& options, Scp11KeyReference reference, bool last,
                                   const FindAuthority& find_authority) {
    oce_.reset();
    if (!blocks_.empty() && blocks_.front() == kSequence) return kFormatNotSupported;
    auto certificate = GpCertificate::parse(blocks_);
    if (!certificate) return StatusWord::kWrongData;
    auto issuer = issuer_;
    if (!issuer) {  // the first one, whose issuer the domain knows
        auto authority = find_authority(reference, certificate->ca_identifier());
        if (!authority) return StatusWord::kReferencedDataNotFound;
        const auto& allowlist = authority->allowlist;
        if (!certificate->verify(authority->key)) return kVerificationFailed;
        if (allowlist && std::ranges::find(*allowlist, certificate->serial_number()) == allowlist->end()) {
            return kNotInAllowlist;
        }
    } else if (!certificate->verify(*issuer)) {
        return kVerificationFailed;
    }
    if ((certificate->usage() == GpKeyUsage::kKeyAgreement) != last) return kVerificationFailed;
    const auto& rules = certificate->authorizations();
    if (!last) {
        // 7.5.4: rules have no place in an authority's certificate.
        if (rules) return StatusWord::kWrongData;
        issuer_ = certificate->key();
        return StatusWord::kOk;
    }
    if (rules && !options.authorizations_a && !options.authorizations_c) {
        return StatusWord::kFunctionNotSupported;
    }
    issuer_.reset();
    oce_ = Scp11Oce{certificate->key(), certificate->subject_identifier(), rules};
    return StatusWord::kOk;
}

}  // namespace oti::scp
