// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 02, host role (GlobalPlatform Card Specification 2.3.1, appendix E), with explicit
// initiation. For cards that know nothing newer; the card's role is written separately and shares nothing
// with this one.
#pragma once

#include <deque>
#include <optional>

#include "crypto/triple_des.h"
#include "iso7816/aid.h"
#include "scp/host_channel.h"
#include "scp/key_set.h"
#include "scp/key_version.h"

namespace oti::scp {

/// Parameter `i` of SCP02 (table E-1). INITIALIZE UPDATE does not tell it, Card Recognition Data do; `15` and
/// `55` (the default) differ only in the card's challenge.
struct Scp02Options {
    bool unmodified_apdu = false;  ///< b2: the C-MAC covers the command as it was before the MAC was added
    bool icv_encryption = true;    ///< b5: the ICV of a C-MAC is encrypted before use
    bool r_mac = false;            ///< b6
    bool pseudo_random = true;     ///< b7: the card challenge can be computed by the host

    /// Error `scp.unsupported` unless the channel is initiated explicitly with an ICV of zeros (b3, not b4).
    /// Keys: one (b1 = 0) is given as a key set of three equal ones.
    static Result<Scp02Options> from_i(std::uint8_t i);
    bool supports(SecurityLevel level) const;
};

/// Response to INITIALIZE UPDATE of a card that speaks SCP02 (E.5.1.6).
struct Scp02InitializeUpdateResponse {
    Bytes key_diversification_data;  ///< 10 bytes
    KeyVersion key_version;
    std::uint16_t sequence_counter = 0;
    Bytes card_challenge;   ///< 6 bytes
    Bytes card_cryptogram;  ///< 8 bytes

    /// Errors `parse.*`, and `scp.unsupported` if the card answers with another protocol than SCP02.
    static Result<Scp02InitializeUpdateResponse> parse(BytesView data);
    Bytes encode() const;
    /// What a card with these keys will answer if its challenge is pseudo-random (E.4.2.3); `invoker` is the
    /// AID of the application that opens the channel. Error `key.length`.
    static Result<Scp02InitializeUpdateResponse> predict(
        const KeySet& keys, BytesView key_diversification_data, KeyVersion key_version,
        std::uint16_t sequence_counter, const iso7816::Aid& invoker, BytesView host_challenge);
};

/// One secure channel session. Commands may be wrapped ahead, any number of them; the responses are unwrapped
/// in the same order afterwards.
class Scp02Host final : public HostChannel {
  public:
    /// Derives the session keys and checks the card's cryptogram, before anything is sent that could cost the
    /// card a try. Errors `key.length` (three keys of 16 bytes), `scp.card_cryptogram` (wrong key),
    /// `scp.level` (SCP02 or the card's `i` does not offer the level).
    static Result<Scp02Host> open(const KeySet& keys, Scp02Options options, BytesView host_challenge,
                                  const Scp02InitializeUpdateResponse& card, SecurityLevel level);

    /// The first command of the session, already with its MAC. Its response (no data, no R-MAC) is not
    /// unwrapped.
    Bytes external_authenticate();

    Result<Bytes> wrap(const iso7816::CommandApdu& command) override;
    /// SCP02 puts an R-MAC on errors too; one without it is taken, since forged it can only stop the work.
    Result<iso7816::ResponseApdu> unwrap(BytesView response) override;
    /// Triple DES in ECB mode with the session's data encryption key (E.4.7); blocks of 8 bytes.
    Result<Bytes> encrypt_sensitive(BytesView data) const override;

    SecurityLevel level() const override { return level_; }
    std::size_t max_data(std::size_t wrapped_max) const override;
    /// Responses that are still to come.
    std::size_t outstanding() const { return outstanding_.size(); }

  private:
    Scp02Host() = default;
    bool has(std::uint8_t bit) const { return (static_cast<std::uint8_t>(level_) & bit) != 0; }
    /// The next C-MAC of the chain.
    crypto::DesBlock command_mac(BytesView covered);
    void close();

    SecurityLevel level_ = SecurityLevel::kNone;
    Scp02Options options_;
    std::optional<crypto::TripleDes> s_enc_;
    std::optional<crypto::RetailMac> s_mac_;
    std::optional<crypto::RetailMac> s_rmac_;
    std::optional<crypto::TripleDes> s_dek_;
    Bytes host_cryptogram_;
    bool first_ = true;              ///< the ICV of the first C-MAC is not encrypted
    crypto::DesBlock last_c_mac_{};  ///< ICV of the next C-MAC
    crypto::DesBlock last_r_mac_{};  ///< ICV of the next R-MAC
    std::deque<Bytes> outstanding_;  ///< of each command what its R-MAC covers
};

}  // namespace oti::scp
