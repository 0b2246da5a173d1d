// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "crypto/random.h"
#include "crypto/secret_bytes.h"
#include "iso7816/apdu.h"
#include "iso7816/card_channel.h"

namespace oti::cli {

/// Those who talk to the transit applet of `applets/` in a demonstration: the provider that personalizes it
/// and sells value for it, and a gate that takes it. Its README has the commands; keys are of this object's
/// making, so that an applet that it has personalized takes commands from it alone.
class TransitWallet {
  public:
    explicit TransitWallet(crypto::Random& random);

    /// What the applet says of its version, such as "OTI transit 1.0". Selects it.
    Result<std::string> select(iso7816::CardChannel& card) const;
    /// Keys, card number, PIN; then it is in use. Error `card.XXXX` for what the applet refuses.
    Status personalize(iso7816::CardChannel& card);
    /// The provider's token, which the holder's PIN releases. Amounts in cents.
    Status credit(iso7816::CardChannel& card, std::uint16_t amount);
    /// A gate's.
    Status debit(iso7816::CardChannel& card, std::uint16_t amount) const;
    Result<std::uint16_t> balance(iso7816::CardChannel& card) const;

  private:
    /// Slots of the applet's keys.
    enum Slot : std::uint8_t { kIssuerMac, kIssuerEncryption, kLoad, kGate, kReceipt, kSlots };

    Status put_key(iso7816::CardChannel& card, Slot slot) const;
    /// Appends the MAC of `context`, header and data under a key.
    Result<iso7816::CommandApdu> with_mac(iso7816::CommandApdu command, Slot slot, BytesView context) const;
    /// With a challenge of the applet as context.
    Result<Bytes> send_authentic(iso7816::CardChannel& card, iso7816::CommandApdu command, Slot slot) const;

    std::array<crypto::SecretBytes, kSlots> keys_;
    Bytes number_;
    std::uint16_t tokens_ = 0;
};

}  // namespace oti::cli
