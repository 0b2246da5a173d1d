// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 11, the security domain's role (GlobalPlatform Card Specification 2.3, Amendment F
// 1.4). Written separately from the host's role and sharing no derivation with it, so that each can find the
// other's errors. References without a document are to Amendment F.
#pragma once

#include <expected>
#include <optional>

#include "crypto/private_key.h"
#include "crypto/random.h"
#include "scp/scp03_card.h"
#include "scp/scp11_certificates_card.h"
#include "scp/scp11_variant.h"

namespace oti::scp {

/// What the security domain has for key agreement.
struct Scp11DomainKeys {
    const crypto::PrivateKey& sk_sd;               ///< SK.SD.ECKA
    const crypto::SecretBytes* key_dek = nullptr;  ///< static Key-DEK; null: one is agreed on
    BytesView sin = {};                            ///< value of tag 42; empty: none
    BytesView sdin = {};                           ///< value of tag 45; empty: none
    BytesView card_group_id = {};                  ///< subject identifier of CERT.SD.ECKA, for SCP11c
    BytesView owner = {};  ///< Application Provider Identifier of the domain (5F20); empty: none
};

/// A session that was opened, and the data of the response that says so.
struct Scp11Opening {
    Scp03Card session;
    Bytes response;
};

/// A MUTUAL AUTHENTICATE or INTERNAL AUTHENTICATE command that was read (7.6, 7.7): the holder looks for the
/// keys that it names, terminates any session of the channel, and opens the new one.
class Scp11Card {
  public:
    /// 6A80 values that are not allowed or do not go together, or that `options` does not offer.
    static std::expected<Scp11Card, iso7816::StatusWord> read(const Scp11Options& options,
                                                              const iso7816::CommandApdu& command);

    Scp11Variant variant() const { return variant_; }
    /// Of SK.SD.ECKA; version 0: that to which `ca_klcc_identifier` belongs.
    Scp11KeyReference key() const { return key_; }
    BytesView ca_klcc_identifier() const { return ca_klcc_identifier_; }

    /// The ephemeral key comes from `random`. `oce` is the off-card entity that presented its certificate;
    /// null: none did. The Current Security Level is that of tables 4-3 and 4-4. 6985: SCP11a or c without an
    /// off-card entity, or one whose authorization rules this variant does not enforce; 6A80: keys of other
    /// curves or no points; 6A88: no SIN, SDIN or Card Group ID where they are asked for.
    std::expected<Scp11Opening, iso7816::StatusWord> open(const Scp11DomainKeys& keys, const Scp11Oce* oce,
                                                          crypto::Random& random) const;

  private:
    Scp11Card() = default;
    std::expected<Bytes, iso7816::StatusWord> shared_info(const Scp11DomainKeys& keys) const;

    Scp11Options options_;
    Scp11Variant variant_ = Scp11Variant::kA;
    Scp11KeyReference key_;
    Bytes ca_klcc_identifier_;
    Bytes host_id_;  ///< empty: identities are not wanted
    std::uint8_t key_usage_ = 0;
    std::uint8_t key_length_ = 0;
    Bytes host_point_;
    Bytes data_;  ///< the whole data field, which the receipt covers
};

}  // namespace oti::scp
