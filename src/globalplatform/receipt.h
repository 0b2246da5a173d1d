// SPDX-License-Identifier: Apache-2.0
// Receipts of delegated management (GPCS 2.3.1, C.5 and 11.1.6): what the issuer's domain signs when a
// command was carried out.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "globalplatform/registry.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"

namespace oti::globalplatform {

/// What a response confirms (table 11-13).
struct Confirmation {
    Bytes receipt;  ///< may be empty: no receipt, only the data
    std::uint16_t counter = 0;
    Bytes domain_unique_data;  ///< IIN and CIN of the domain that made the receipt
    Bytes data;                ///< the Confirmation Data as they were signed (table 11-14)

    /// Nothing if the card confirms nothing: no data, or `00`. Errors `parse.*`.
    static Result<std::optional<Confirmation>> parse(BytesView response);
};

/// Whether `receipt` is the right one for the message.
using ReceiptVerifier = std::function<bool(BytesView message, BytesView receipt)>;

/// Follows the commands of a session, since what a receipt is over is partly in those before.
class ReceiptSubjects {
  public:
    /// `domain` is the one that gets the commands, `registry` what it showed before the first.
    ReceiptSubjects(const iso7816::Aid& domain, const Registry& registry)
        : domain_(domain), registry_(&registry) {}

    /// What follows the Confirmation Data in the message that is signed (tables C-11 to C-16); to be called
    /// for every command, in order. Nothing for commands that are not confirmed, and for those that name
    /// something of which the registry tells too little.
    std::optional<Bytes> of(const iso7816::CommandApdu& command);

  private:
    std::optional<Bytes> of_install(const iso7816::CommandApdu& command);
    iso7816::Aid owner(const iso7816::Aid& aid) const;

    iso7816::Aid domain_;
    const Registry* registry_;
    Bytes load_;  ///< subject of the load that was announced
};

/// Error `card.receipt` if a receipt is there and does not verify.
Status verify_receipt(const Confirmation& confirmation, BytesView subject, const ReceiptVerifier& verify);

}  // namespace oti::globalplatform
