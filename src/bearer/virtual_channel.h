// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "base/clock.h"
#include "card/secure_element.h"
#include "iso7816/card_channel.h"

namespace oti::bearer {

/// A virtual secure element in this process: as fast as its profile says by a clock, or, without one, at
/// once. The card itself answers in one piece; what an applet gives in several (61xx) is put together, as
/// with a reader.
class VirtualChannel final : public iso7816::CardChannel {
  public:
    explicit VirtualChannel(card::SecureElement& se) : se_(&se) {}
    VirtualChannel(card::SecureElement& se, Clock& clock) : se_(&se), clock_(&clock) {}

    /// Why an applet or its code was refused or stopped, which no chip says.
    std::function<void(std::string_view)> on_diagnosis = [](std::string_view) {};

    Result<Bytes> transmit(BytesView command) override;
    Status reset() override;

  private:
    Bytes exchange(BytesView command);

    card::SecureElement* se_;
    Clock* clock_ = nullptr;
};

}  // namespace oti::bearer
