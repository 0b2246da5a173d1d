// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "iso7816/card_channel.h"
#include "ota/handset.h"

namespace oti::ota {

/// A handset beside its card, for short messages alone: hands on those that are for the card (3GPP TS 31.111,
/// 7.1), and sends those that it wants sent (TS 102 223, 6.4.10).
class SmsHandset {
  public:
    /// What the card said to a message.
    struct Answer {
        std::uint16_t sw = 0;           ///< of the ENVELOPE
        Bytes report;                   ///< its response: user data for the SMS-DELIVER-REPORT, or empty
        std::vector<SmsSubmit> wanted;  ///< what it then wanted sent
    };

    /// `centre` is the address of the service centre that messages come by.
    SmsHandset(iso7816::CardChannel& card, SmsAddress centre)
        : card_(&card), handset_(std::move(centre), {}) {}

    /// TERMINAL PROFILE, and whatever the card wants at once. Errors of the channel; a card that has no
    /// TERMINAL PROFILE is none.
    Status start();
    /// ENVELOPE (SMS-PP download). Errors of the channel, `sms.endless`.
    Result<Answer> deliver(const SmsDeliver& message);

  private:
    /// Until neither has anything to say.
    Status run();

    iso7816::CardChannel* card_;
    Handset handset_;
};

}  // namespace oti::ota
