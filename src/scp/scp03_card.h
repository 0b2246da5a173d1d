// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 03, card role (GlobalPlatform Card Specification, Amendment D 1.1.1 and 1.2).
// Written separately from the host's role and sharing no derivation with it, so that each can find the
// other's errors. References without a document are to Amendment D 1.1.1; "GPCS" is the Card
// Specification 2.3.1.
#pragma once

#include <cstdint>
#include <optional>

#include "crypto/aes.h"
#include "scp/card_session.h"
#include "scp/key_set.h"
#include "scp/scp03_session_keys.h"

namespace oti::scp {

/// One secure channel session, from INITIALIZE UPDATE to its end; who holds the object keeps the session, and
/// terminates it by dropping it. Bytes in, bytes out; no state outlives the object.
///
///     initialized   --EXTERNAL AUTHENTICATE-->   open
///     initialized, open   --any security error-->   aborted
///
/// Aborted is not terminated (5.6): the session keys are gone, and each command is refused with 6982 until a
/// new INITIALIZE UPDATE or a SELECT makes the holder drop the object.
///
/// A security error is answered with 6982, "Security status not satisfied": 5.6 speaks of "a security error"
/// only, and GPCS table 11-10 has no other status for it (6988 is ISO 7816-4's, and not in GPCS).
class Scp03Card final : public CardSession {
  public:
    /// What INITIALIZE UPDATE begins. `i` is the parameter of table 5-1; `card_challenge` is random, or
    /// `pseudo_random_challenge`. Errors: `scp.parameter` (`i` with reserved bits, or with R-ENCRYPTION but
    /// no R-MAC), `scp.challenge` (a challenge that has not the length that `i` says), `key.length`.
    static Result<Scp03Card> initialize(std::uint8_t i, const KeySet& keys, BytesView host_challenge,
                                        BytesView card_challenge);

    /// An open session whose keys another protocol has agreed on; its MAC chain begins with `chaining_value`
    /// (SCP11: the receipt; Amendment F, 5.3.2). Error `key.length`.
    static Result<Scp03Card> from_session_keys(const Scp03SessionKeys& keys,
                                               const CurrentSecurityLevel& level, bool s16,
                                               const crypto::AesBlock& chaining_value);

    /// The card challenge of a key set whose sequence counter, already incremented, is `counter` (at most
    /// 0xFFFFFF), for the application with AID `aid` that invokes the channel (6.2.2.1). Error `key.length`.
    static Result<Bytes> pseudo_random_challenge(const KeySet& keys, std::uint8_t i, std::uint32_t counter,
                                                 BytesView aid);

    /// Length of challenges, cryptograms and MACs: 16 in S16 mode (`i` b1), else 8.
    static std::size_t mac_size(std::uint8_t i) { return (i & 0x01) != 0 ? 16 : 8; }
    /// Whether `i` asks for pseudo-random card challenges (b5).
    static bool is_pseudo_random(std::uint8_t i) { return (i & 0x10) != 0; }

    /// For the response to INITIALIZE UPDATE; 8 or 16 bytes.
    BytesView card_cryptogram() const { return card_cryptogram_; }

    /// The whole command as received. 9000: the session is open. Otherwise it is aborted, since a failed
    /// authentication begins again with new challenges (5.2): 6300 wrong host cryptogram (GPCS D.4.2 and
    /// E.5.2), 6982 wrong MAC or aborted session, 6985 already open, 6A86 a level that does not exist or that
    /// `i` does not offer, 6700 wrong length.
    iso7816::StatusWord external_authenticate(const iso7816::CommandApdu& command) override;

    /// The plain command: C-MAC verified and removed, data decrypted, the class byte without its indication
    /// of secure messaging (the logical channel stays). A command that came in several parts is reassembled
    /// before, with P1 as it was wrapped. 6982 and an aborted session at any security error. Before EXTERNAL
    /// AUTHENTICATE a command without secure messaging passes unchanged, for 5.6 asks for no verification
    /// then.
    std::expected<iso7816::CommandApdu, iso7816::StatusWord> unwrap(
        const iso7816::CommandApdu& wrapped) override;

    /// The R-APDU for the command unwrapped last: data encrypted and R-MAC added as the level says, if the
    /// status is 9000, 62xx or 63xx; of any other status nothing but the two bytes (6.2.5). A response to a
    /// command that was not unwrapped stays plain.
    Bytes wrap(const iso7816::ResponseApdu& response) override;

    /// Decrypts key data with the static Key-DEK (6.2.8). 6985 unless the session is open, 6A80 unless whole
    /// blocks.
    std::expected<crypto::SecretBytes, iso7816::StatusWord> decrypt_sensitive(BytesView data) const override;
    std::expected<Bytes, iso7816::StatusWord> encrypt_sensitive(BytesView data) const override;

    std::size_t sensitive_block_size() const override { return crypto::kAesBlock; }
    /// Gives the session up, as after a security error that the caller found.
    void abort() override;

    CurrentSecurityLevel level() const override { return level_; }
    bool is_open() const override { return state_ == State::kOpen; }
    bool is_aborted() const override { return state_ == State::kAborted; }
    /// Largest plain response data field whose wrapped form has at most `wrapped_max` bytes of data.
    std::size_t max_response_data(std::size_t wrapped_max) const override;

  private:
    enum class State : std::uint8_t { kInitialized, kOpen, kAborted };

    Scp03Card() = default;
    crypto::AesBlock icv(std::uint8_t top) const;
    /// The MAC over chaining value, header and `data`, of a command with `lc` bytes in all.
    crypto::AesBlock command_mac(const iso7816::CommandApdu& command, BytesView data);
    std::unexpected<iso7816::StatusWord> security_error();

    State state_ = State::kInitialized;
    std::uint8_t i_ = 0;
    CurrentSecurityLevel level_;
    crypto::SecretBytes dek_;
    std::optional<crypto::Aes> s_enc_;
    std::optional<crypto::Cmac> s_mac_;
    std::optional<crypto::Cmac> s_rmac_;
    Bytes card_cryptogram_;
    crypto::SecretBytes host_cryptogram_;
    crypto::AesBlock chaining_value_{};
    std::uint64_t counter_ = 0;  ///< of the command unwrapped last; the first one has 1
    bool response_due_ = false;
};

}  // namespace oti::scp
