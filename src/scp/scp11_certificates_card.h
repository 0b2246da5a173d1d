// SPDX-License-Identifier: Apache-2.0
// How a security domain takes the certificates of off-card entities (Amendment F, 7.5).
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "crypto/public_key.h"
#include "iso7816/apdu.h"

namespace oti::scp {

/// Parameter `i` of SCP11, which has one byte or two (tables 4-1 and 4-2).
struct Scp11Options {
    bool variant_a = false;
    bool variant_b = false;
    bool variant_c = false;
    bool keeps_oce = false;         ///< PK.OCE.ECKA stays for later sessions
    bool chains = false;            ///< certificates may come in chains
    bool authorizations_a = false;  ///< rules in certificates (BF20) are enforced in SCP11a
    bool authorizations_c = false;  ///< and in SCP11c
    bool s16 = false;

    static Scp11Options from_i(std::uint8_t first, std::uint8_t second = 0);
};

/// Names a key of a domain; version 0: to be found otherwise.
struct Scp11KeyReference {
    std::uint8_t identifier = 0;
    std::uint8_t version = 0;
};

/// A PK.CA-KLOC.ECDSA that the domain trusts.
struct Scp11Authority {
    crypto::PublicKey key;
    /// Serial numbers of the certificates that it accepts; nothing: all that the key signed.
    std::optional<std::vector<Bytes>> allowlist = {};
};

/// An off-card entity whose certificate was verified.
struct Scp11Oce {
    crypto::PublicKey key;
    Bytes subject_identifier;
    std::optional<Bytes> authorizations = {};  ///< value of BF20
};

/// Takes PERFORM SECURITY OPERATION commands, block by block and certificate by certificate. Any error
/// begins the chain anew.
class Scp11Certificates {
  public:
    /// The authority with this reference or, if its version is 0, with this CA identifier.
    using FindAuthority =
        std::function<std::optional<Scp11Authority>(Scp11KeyReference, BytesView ca_identifier)>;

    /// 9000; 6600 a certificate does not verify or is for something else; 6640 not in the allowlist; 6700 too
    /// long; 6A80 no certificate; 6A81 authorization rules are not supported; 6A86 chains are not, or blocks
    /// do not belong together; 6A87 X.509; 6A88 no such authority.
    iso7816::StatusWord perform_security_operation(const Scp11Options& options,
                                                   const iso7816::CommandApdu& command,
                                                   const FindAuthority& find_authority);

    /// Who may open a session with the next MUTUAL AUTHENTICATE. The holder takes it away afterwards, or when
    /// an allowlist changes.
    const std::optional<Scp11Oce>& oce() const { return oce_; }
    void forget() { *this = {}; }

  private:
    iso7816::StatusWord take(const Scp11Options& options, Scp11KeyReference reference, bool last,
                             const FindAuthority& find_authority);

    std::optional<Scp11KeyReference> reference_;  ///< of the blocks that are being collected
    Bytes blocks_;
    std::optional<crypto::PublicKey> issuer_;  ///< of the next certificate in a chain
    std::optional<Scp11Oce> oce_;
};

}  // namespace oti::scp
