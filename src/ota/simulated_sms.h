// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "ota/sms_bearer.h"
#include "ota/sms_centre.h"
#include "ota/sms_handset.h"

namespace oti::ota {

/// A card that is here, as if it were reached by short messages: through a service centre each way and a
/// handset. With a virtual clock, hours pass in no time; with no delays it is the ENVELOPE and nothing else.
class SimulatedSms final : public SmsBearer {
  public:
    SimulatedSms(iso7816::CardChannel& card, Clock& clock, const SmsCentre::Behaviour& down,
                 const SmsCentre::Behaviour& up, std::uint64_t seed);

    /// What the handset says to the card when it is switched on.
    Status start() { return handset_.start(); }
    Status deliver(BytesView user_data) override;
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) override;

    const SmsCentre::Counts& down() const { return down_.counts(); }
    const SmsCentre::Counts& up() const { return up_.counts(); }

  private:
    Status arrive(BytesView user_data);

    Clock* clock_;
    SmsHandset handset_;
    SmsCentre down_, up_;
};

}  // namespace oti::ota
