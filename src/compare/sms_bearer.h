// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// Over the air, the second baseline: the issuer's remote management by short messages (SCP80), packets of
/// four messages, the next one when the proof of receipt of the one before is there.
///
/// Messages are signalling: how long they take depends on no data network. The model is a handset in GSM's
/// dedicated mode: a signalling channel (SDCCH/8) carries a block of 20 octets of layer 3 each way every
/// 235.4 ms (3GPP TS 45.002, a multiframe of 51; TS 44.006, blocks of 23 octets of which 3 are its header).
class SmsBearer final : public Bearer {
  public:
    std::string_view name() const override { return "ota-sms"; }
    std::string_view title() const override { return "OTA, SMS"; }
    bool uses_network() const override { return false; }
    Result<Outcome> install(const Trial& trial) const override;
};

}  // namespace oti::compare
