// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 02, card role (GlobalPlatform Card Specification 2.3.1, appendix E), with explicit
// initiation. Written separately from the host's role and sharing no derivation with it, so that each can
// find the other's errors.
#pragma once

#include <cstdint>
#include <optional>

#include "crypto/triple_des.h"
#include "scp/card_session.h"
#include "scp/key_set.h"

namespace oti::scp {

/// One secure channel session, from INITIALIZE UPDATE to its end; its states are those of `Scp03Card`, and a
/// security error is answered with 6982 here too. BEGIN and END R-MAC SESSION, which are optional
/// (table E-4), are not offered.
class Scp02Card final : public CardSession {
  public:
    /// What INITIALIZE UPDATE begins. `i` is the parameter of table E-1, `counter` the Sequence Counter of
    /// the key set, which the holder increments, durably, when `external_authenticate` has returned 9000
    /// (E.1.2). Errors: `scp.parameter` (`i` without explicit initiation, or with a reserved bit or an ICV
    /// over the AID), `scp.challenge` (not 8 bytes of the host and 6 of the card), `key.length` (not three
    /// keys of 16 bytes; one base key is given three times).
    static Result<Scp02Card> initialize(std::uint8_t i, const KeySet& keys, std::uint16_t counter,
                                        BytesView host_challenge, BytesView card_challenge);

    /// The 6-byte card challenge for the application with AID `aid` that invokes the channel (E.4.2.3).
    /// Error `key.length`.
    static Result<Bytes> pseudo_random_challenge(const KeySet& keys, std::uint16_t counter, BytesView aid);
    /// Whether `i` asks for pseudo-random card challenges (b7).
    static bool is_pseudo_random(std::uint8_t i) { return (i & 0x40) != 0; }

    /// For the response to INITIALIZE UPDATE; 8 bytes.
    BytesView card_cryptogram() const { return card_cryptogram_; }

    /// The whole command as received. 9000: the session is open. Otherwise it is aborted: 6300 wrong host
    /// cryptogram (E.5.2.7), 6982 wrong MAC or aborted session, 6985 already open, 6A86 a level that does not
    /// exist or that `i` does not offer, 6700 wrong length.
    iso7816::StatusWord external_authenticate(const iso7816::CommandApdu& command) override;

    /// Data decrypted, C-MAC verified and removed, the class byte without its indication of secure messaging
    /// (the logical channel stays). 6982 and an aborted session at any security error.
    std::expected<iso7816::CommandApdu, iso7816::StatusWord> unwrap(
        const iso7816::CommandApdu& wrapped) override;

    /// With R-MAC as the level says; an error has one too, and no data (E.4.5).
    Bytes wrap(const iso7816::ResponseApdu& response) override;

    /// Triple DES in ECB mode with the session's data encryption key (E.4.7).
    std::expected<crypto::SecretBytes, iso7816::StatusWord> decrypt_sensitive(BytesView data) const override;
    std::expected<Bytes, iso7816::StatusWord> encrypt_sensitive(BytesView data) const override;

    std::size_t sensitive_block_size() const override { return crypto::kDesBlock; }
    void abort() override;
    CurrentSecurityLevel level() const override { return level_; }
    bool is_open() const override { return state_ == State::kOpen; }
    bool is_aborted() const override { return state_ == State::kAborted; }
    std::size_t max_response_data(std::size_t wrapped_max) const override;

  private:
    enum class State : std::uint8_t { kInitialized, kOpen, kAborted };

    Scp02Card() = default;
    /// Verifies the MAC of a command whose data field, without MAC and encryption, is `data`; it becomes the
    /// next ICV.
    bool verify(const iso7816::CommandApdu& command, BytesView data, BytesView mac);
    std::unexpected<iso7816::StatusWord> security_error();

    State state_ = State::kInitialized;
    std::uint8_t i_ = 0;
    CurrentSecurityLevel level_;
    std::optional<crypto::TripleDes> encryption_;
    std::optional<crypto::RetailMac> c_mac_;
    std::optional<crypto::RetailMac> r_mac_;
    std::optional<crypto::TripleDes> data_encryption_;
    Bytes card_cryptogram_;
    crypto::SecretBytes host_cryptogram_;
    std::optional<crypto::DesBlock> verified_c_mac_;  ///< of the last command; nothing before the first
    crypto::DesBlock r_mac_icv_{};
    std::optional<Bytes> answered_command_;  ///< what the next R-MAC covers of its command
};

}  // namespace oti::scp
