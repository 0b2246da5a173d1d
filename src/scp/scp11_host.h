// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 11, the off-card entity's role (GlobalPlatform Card Specification 2.3, Amendment F
// 1.4): a session without shared keys, from certified elliptic-curve keys. The card's role is written
// separately and shares nothing with this one. References without a document are to Amendment F.
#pragma once

#include <optional>
#include <vector>

#include "crypto/gp_certificate.h"
#include "scp/scp03_host.h"
#include "scp/scp11_variant.h"

namespace oti::scp {

/// Names that go into the keys of both sides, if wanted (b3 of the SCP parameters): each 1 to 127 bytes, but
/// those that the variant does not use.
struct Scp11Identities {
    Bytes host_id;        ///< of the off-card entity
    Bytes sin;            ///< SCP11a and b: Security Domain Provider Identification Number (tag 42)
    Bytes sdin;           ///< SCP11a and b: Security Domain Image Number (tag 45)
    Bytes card_group_id;  ///< SCP11c: subject identifier of CERT.SD.ECKA
};

/// What session is wanted with which key of the security domain.
struct Scp11Request {
    Scp11Variant variant = Scp11Variant::kA;
    /// Of SK.SD.ECKA, 01 to 7F; its key identifier is that of the variant (5.1).
    KeyVersion key_version{0x01};
    /// SCP11a and c: names SK.SD.ECKA by the authority that certified it, instead of by its version
    /// (7.6.2.1); 1 to 127 bytes.
    std::optional<Bytes> ca_klcc_identifier = {};
    SecurityLevel level = SecurityLevel::kFull;  ///< 11 or 33; for SCP11c also 03 and 13 (table 7-15)
    std::size_t key_size = 16;                   ///< of the session keys: 16, 24 or 32
    bool s16 = false;                            ///< as the card's `i` says (table 4-1, b7)
    std::optional<Scp11Identities> identities = {};
};

/// KID of SK.SD.ECKA (5.1): 11, 13 or 15.
std::uint8_t scp11_key_identifier(Scp11Variant variant);
/// KID of PK.CA-KLOC.ECDSA (5.1), if it is not another one between 20 and 2F.
inline constexpr std::uint8_t kCaKlocKeyIdentifier = 0x10;

/// GET DATA for the certificates of SK.SD.ECKA (7.2).
iso7816::CommandApdu get_certificate_store(std::uint8_t key_identifier, KeyVersion key_version);
/// Its response, BF21; to be verified by `crypto::verify_chain` with PK.CA-KLCC.ECDSA. Errors `parse.*`,
/// `certificate.invalid`.
Result<std::vector<crypto::GpCertificate>> parse_certificate_store(BytesView response);

/// The PERFORM SECURITY OPERATION commands that present a chain which ends in CERT.OCE.ECKA to the card
/// (7.5); at most 255 bytes of data each. `key_version` and `key_identifier` name PK.CA-KLOC.ECDSA;
/// version 0: the card finds it by the first certificate's CA identifier.
std::vector<iso7816::CommandApdu> perform_security_operation(
    const std::vector<crypto::GpCertificate>& chain, KeyVersion key_version,
    std::uint8_t key_identifier = kCaKlocKeyIdentifier);

/// The key agreement of one session. The ephemeral key is dropped with the object; `finish` uses it up.
class Scp11Host {
  public:
    /// `sd` is the verified PK.SD.ECKA, `oce` SK.OCE.ECKA (not for SCP11b), all of one curve. Errors
    /// `scp.level`, `scp.parameter` (keys or identities that the variant needs are missing), `key.length`,
    /// `key.invalid`.
    static Result<Scp11Host> begin(Scp11Request request, crypto::PublicKey sd,
                                   std::optional<crypto::PrivateKey> oce);
    /// With an ephemeral key that is given, to replay recorded sessions.
    static Result<Scp11Host> begin_with(Scp11Request request, crypto::PublicKey sd,
                                        std::optional<crypto::PrivateKey> oce, crypto::PrivateKey ephemeral);

    /// MUTUAL AUTHENTICATE, or INTERNAL AUTHENTICATE for SCP11b (7.6, 7.7).
    const iso7816::CommandApdu& authenticate() const { return command_; }

    /// The session, from the data of the response. `key_dek`: the domain's static Key-DEK, if it has one.
    /// Errors `parse.*`, `key.invalid`, `scp.receipt` (this is not the card whose key was certified).
    Result<Scp03Host> finish(BytesView response, const crypto::SecretBytes* key_dek = nullptr) const;

    /// SCP11c: the session before the card has answered, for a script that is made in advance. What comes
    /// back proves the card by its R-MACs, or by `expected_response`. Error `scp.parameter` for a and b.
    Result<Scp03Host> finish_ahead(const crypto::SecretBytes* key_dek = nullptr) const;
    /// SCP11c: the only data with which the right card answers `authenticate`. Error `scp.parameter`.
    Result<Bytes> expected_response() const;

  private:
    struct Keys {
        crypto::SecretBytes receipt;
        Scp03SessionKeys session;
    };

    Scp11Host(Scp11Request request, crypto::PublicKey sd, std::optional<crypto::PrivateKey> oce,
              crypto::PrivateKey ephemeral)
        : request_(std::move(request)),
          sd_(std::move(sd)),
          oce_(std::move(oce)),
          ephemeral_(std::move(ephemeral)) {}

    Result<crypto::SecretBytes> shared_secret(const crypto::PublicKey& card) const;
    Bytes shared_info() const;
    Result<Keys> derive(const crypto::PublicKey& card) const;
    Result<crypto::AesBlock> receipt(const Keys& keys, BytesView card_point) const;
    Status check_ahead() const;
    Result<Scp03Host> open(const Keys& keys, const crypto::AesBlock& receipt,
                           const crypto::SecretBytes* key_dek) const;

    Scp11Request request_;
    crypto::PublicKey sd_;
    std::optional<crypto::PrivateKey> oce_;
    crypto::PrivateKey ephemeral_;
    iso7816::CommandApdu command_;
};

}  // namespace oti::scp
