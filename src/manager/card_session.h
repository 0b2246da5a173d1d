// SPDX-License-Identifier: Apache-2.0
// A session of a card engineer with one security domain: one command after another, each answered before the
// next. `DomainSession` is for what is to be reached without anybody watching.
#pragma once

#include <memory>
#include <optional>

#include "crypto/random.h"
#include "globalplatform/registry.h"
#include "iso7816/card_channel.h"
#include "manager/domain.h"
#include "manager/failed_keys.h"
#include "manager/open_channel.h"
#include "manager/scp11_access.h"

namespace oti::manager {

/// What a reader lets through.
struct CarrierLimits {
    /// Largest command data field, MAC included; more than 255 means extended length.
    std::size_t max_command_data = 65535;
};

class CardSession {
  public:
    /// Selects the domain, or without one the card's issuer's domain: what the card selects by itself, and
    /// then the AIDs that issuers' domains commonly have. Errors `card.no_domain`, `card.*`, those of the
    /// reader.
    static Result<CardSession> select(iso7816::CardChannel& card, const std::optional<iso7816::Aid>& domain,
                                      CarrierLimits limits = {});

    /// Opens a secure channel; level none: the highest that the card offers. The card's cryptogram is checked
    /// before EXTERNAL AUTHENTICATE, so that a wrong key costs the card no try; a key that was wrong before
    /// is refused before anything is sent, unless `force`. Errors `scp.card_cryptogram`,
    /// `card.key_failed_before`, `card.*`.
    Status authenticate(const DomainKeys& keys, std::optional<scp::SecurityLevel> level, FailedKeys& failed,
                        bool force, crypto::Random& random);

    /// SCP02 or SCP03 only: with any other, `authenticate` ends with `scp.unsupported` before it proves
    /// anything.
    void require_protocol(std::uint8_t protocol) { required_protocol_ = protocol; }
    /// The same by SCP11: the domain's certificates are read and followed from the authority's key before
    /// anything secret is used. Errors `card.no_key` (the domain has no key for this variant),
    /// `certificate.*`, `scp.receipt`, `card.*`.
    Status authenticate(const Scp11Access& access, std::optional<scp::SecurityLevel> level,
                        std::chrono::year_month_day today);

    /// One command, through the secure channel if it is open. What is too long for one APDU goes in several
    /// where the instruction knows that (11.1.5.1): wrapped as a whole, then cut. Errors `card.too_long`, and
    /// those of channel and reader; the status word is the caller's to judge.
    Result<iso7816::ResponseApdu> send(const iso7816::CommandApdu& command);
    /// The same; anything but 9000 is an error that explains it for this command.
    Result<Bytes> execute(const iso7816::CommandApdu& command);
    /// GET DATA; nothing where the card does not have the object, or refuses to tell.
    Result<std::optional<Bytes>> read_data(Tag tag);
    /// GET STATUS of everything: in TLV form where the card knows it, with modules where it can tell them.
    Result<globalplatform::Registry> read_registry();

    const iso7816::Aid& domain() const { return domain_; }
    BytesView fci() const { return fci_; }
    /// The domain answered SELECT, but the card is locked.
    bool card_is_locked() const { return card_is_locked_; }
    bool is_authenticated() const { return channel_ != nullptr; }
    /// After `authenticate`.
    const ChannelOffer& offer() const { return *offer_; }
    const scp::HostChannel& channel() const { return *channel_; }
    /// Largest data field of a command that goes in one APDU.
    std::size_t block_size() const;
    void limit_block_size(std::size_t bytes) { max_block_ = bytes; }

  private:
    CardSession(iso7816::CardChannel& card, const iso7816::Aid& domain, CarrierLimits limits)
        : card_(&card), domain_(domain), limits_(limits) {}

    /// Digest of what makes this card known again; empty if it tells nothing of the sort.
    Result<std::string> identity();
    Result<scp::KeyVersion> scp11_key_version(const Scp11Access& access);
    Result<crypto::PublicKey> certified_key(const Scp11Access& access, scp::KeyVersion version,
                                            std::chrono::year_month_day today);
    Status present(const Scp11Access& access);
    Result<Bytes> initialize_update(scp::KeyVersion version, Bytes& host_challenge, crypto::Random& random);
    Result<Bytes> transmit(BytesView apdu);
    Status read_part(globalplatform::Element element, bool& tlv,
                     std::vector<globalplatform::RegistryRead>& reads);

    iso7816::CardChannel* card_;
    iso7816::Aid domain_;
    CarrierLimits limits_;
    Bytes fci_;
    bool card_is_locked_ = false;
    std::size_t max_command_data_ = iso7816::kMaxShortData;
    std::optional<std::size_t> max_block_;
    std::optional<std::uint8_t> required_protocol_;
    std::optional<ChannelOffer> offer_;
    std::unique_ptr<scp::HostChannel> channel_;
};

}  // namespace oti::manager
