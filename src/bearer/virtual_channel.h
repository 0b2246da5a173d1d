// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "card/secure_element.h"
#include "iso7816/card_channel.h"

namespace oti::bearer {

/// A virtual secure element in this process, as fast as its profile says by this clock.
class VirtualChannel final : public iso7816::CardChannel {
  public:
    VirtualChannel(card::SecureElement& se, Clock& clock) : se_(&se), clock_(&clock) {}

    Result<Bytes> transmit(BytesView command) override;
    Status reset() override;

  private:
    card::SecureElement* se_;
    Clock* clock_;
};

}  // namespace oti::bearer
