// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// Bearer independent protocol and SCP81: a short message tells the card to call its server, over a TCP
/// connection that the handset opens for it, in TLS with a pre-shared key of the provider's domain. The real
/// handset, card and server; TCP and the message's way over the air are modelled.
class BipBearer final : public Bearer {
  public:
    std::string_view name() const override { return "bip"; }
    std::string_view title() const override { return "OTA, BIP and HTTPS"; }
    bool uses_network() const override { return true; }
    Result<Outcome> install(const Trial& trial) const override;
};

}  // namespace oti::compare
