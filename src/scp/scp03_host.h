// SPDX-License-Identifier: Apache-2.0
// Secure Channel Protocol 03, host role (GlobalPlatform Card Specification 2.3, Amendment D 1.2).
// The card's role is written separately and shares nothing with this one: an error of one is seen by the
// other.
#pragma once

#include <deque>
#include <optional>

#include "crypto/aes.h"
#include "iso7816/aid.h"
#include "scp/host_channel.h"
#include "scp/key_set.h"
#include "scp/key_version.h"
#include "scp/scp03_session_keys.h"

namespace oti::scp {

/// Parameter `i` of SCP03 (Amendment D, table 5-1).
struct Scp03Options {
    bool s16 = false;            ///< b1: challenges, cryptograms and MACs of 16 bytes instead of 8
    bool pseudo_random = false;  ///< b5: the card challenge can be computed by the host
    bool r_mac = false;          ///< b6
    bool r_encryption = false;   ///< b7

    static Scp03Options from_i(std::uint8_t i);
    std::uint8_t i() const;
    /// Length of challenges, cryptograms and MACs.
    std::size_t mac_size() const { return s16 ? 16 : 8; }
    bool supports(SecurityLevel level) const;
};

/// Response to INITIALIZE UPDATE (Amendment D, 7.1.1.6).
struct InitializeUpdateResponse {
    Bytes key_diversification_data;  ///< 10 bytes
    KeyVersion key_version;
    Scp03Options options;
    Bytes card_challenge;   ///< 8 or 16 bytes
    Bytes card_cryptogram;  ///< 8 or 16 bytes
    std::optional<std::uint32_t>
        sequence_counter;  ///< 3 bytes on the wire; only with a pseudo-random challenge

    /// Errors `parse.*`, and `scp.unsupported` if the card answers with another protocol than SCP03.
    static Result<InitializeUpdateResponse> parse(BytesView data);
    Bytes encode() const;
    /// What a card with these keys will answer if its challenge is pseudo-random and `sequence_counter` is
    /// the value that it will use next; `invoker` is the AID of the application that opens the channel
    /// (6.2.2.1).
    static Result<InitializeUpdateResponse> predict(const KeySet& keys, BytesView key_diversification_data,
                                                    KeyVersion key_version, Scp03Options options,
                                                    std::uint32_t sequence_counter,
                                                    const iso7816::Aid& invoker, BytesView host_challenge);
};

/// INITIALIZE UPDATE; `host_challenge` has 8 or 16 bytes.
iso7816::CommandApdu initialize_update(KeyVersion key_version, BytesView host_challenge);

/// One secure channel session. Commands may be wrapped ahead, any number of them; the responses are unwrapped
/// in the same order afterwards.
class Scp03Host final : public HostChannel {
  public:
    /// Derives the session keys and checks the card's cryptogram, before anything is sent that could cost the
    /// card a try. Errors `scp.card_cryptogram` (wrong key), `scp.level` (the card's `i` does not offer the
    /// level).
    static Result<Scp03Host> open(const KeySet& keys, BytesView host_challenge,
                                  const InitializeUpdateResponse& card, SecurityLevel level);

    /// A session whose keys another protocol has agreed on, without EXTERNAL AUTHENTICATE; its MAC chain
    /// begins with `chaining_value` (SCP11: the receipt; Amendment F, 5.3.2). Error `key.length`.
    static Result<Scp03Host> from_session_keys(const Scp03SessionKeys& keys, SecurityLevel level, bool s16,
                                               const crypto::AesBlock& chaining_value);

    /// The first command of the session, already with its MAC. Its response (no data, no R-MAC) is not
    /// unwrapped.
    Bytes external_authenticate();

    /// With C-MAC, and encrypted, as the level demands; encoded in short or extended length; at most 65,535
    /// bytes of data.
    Result<Bytes> wrap(const iso7816::CommandApdu& command) override;
    Result<iso7816::ResponseApdu> unwrap(BytesView response) override;
    /// AES-CBC with the static Key-DEK and a zero ICV (6.2.8); blocks of 16 bytes.
    Result<Bytes> encrypt_sensitive(BytesView data) const override;

    /// The bytes that the card will send if it answers the command wrapped last with this.
    Bytes predict(const iso7816::ResponseApdu& response);

    /// Forgets commands that were wrapped ahead and never reached the card, because the script stopped before
    /// them: the next command continues from the last answered one. Only for commands that hold no secrets
    /// and change nothing (GET STATUS): their counters are used again.
    void rewind();

    /// Responses that are still to come.
    std::size_t outstanding() const { return outstanding_.size(); }
    SecurityLevel level() const override { return level_; }
    std::size_t max_data(std::size_t wrapped_max) const override;

  private:
    /// What the response to a command depends on.
    struct Outstanding {
        crypto::AesBlock chaining_value;
        std::uint32_t counter;
    };

    Scp03Host() = default;
    bool has(std::uint8_t bit) const { return (static_cast<std::uint8_t>(level_) & bit) != 0; }
    crypto::AesBlock counter_block(std::uint32_t counter, std::uint8_t top) const;
    crypto::AesBlock command_icv();
    crypto::AesBlock response_mac(const Outstanding& to, BytesView data, iso7816::StatusWord sw);
    void append_mac(Bytes& command);
    void close();

    SecurityLevel level_ = SecurityLevel::kNone;
    std::size_t mac_size_ = 8;
    crypto::SecretBytes dek_;
    std::optional<crypto::Aes> s_enc_;
    std::optional<crypto::Cmac> s_mac_;
    std::optional<crypto::Cmac> s_rmac_;
    Bytes host_cryptogram_;
    crypto::AesBlock chaining_value_{};
    std::uint32_t counter_ = 0;
    std::deque<Outstanding> outstanding_;
    Outstanding
        answered_{};  ///< the last command whose response was unwrapped; before the first: the handshake
    /// ICVs of the next commands, computed several at a time: the cipher call costs more than the blocks.
    std::array<crypto::AesBlock, 8> icvs_{};
    std::uint32_t icvs_from_ = 0;  ///< counter of the first of `icvs_`; 0: none computed
};

}  // namespace oti::scp
