// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

#include "iso7816/card_channel.h"

namespace oti::cli {

/// Shows the APDUs as they go to the card and come back, with names and times. Keys are not in them: PUT KEY
/// carries them encrypted, and nothing else carries any.
class TracingChannel final : public iso7816::CardChannel {
  public:
    TracingChannel(iso7816::CardChannel& card, std::FILE* to) : card_(&card), to_(to) {}

    Result<Bytes> transmit(BytesView command) override;
    Status reset() override;

  private:
    iso7816::CardChannel* card_;
    std::FILE* to_;
};

}  // namespace oti::cli
