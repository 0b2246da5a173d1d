// SPDX-License-Identifier: Apache-2.0
// What a handset does for its card: hands on short messages that are for it (ETSI TS 102 223, 3GPP TS 31.111,
// 7.1), and sends those that it wants sent (TS 102 223, 6.4.10).
#pragma once

#include <vector>

#include "iso7816/card_channel.h"
#include "ota/sms_tpdu.h"

namespace oti::ota {

class SmsHandset {
  public:
    /// What the card said to a message.
    struct Answer {
        std::uint16_t sw = 0;           ///< of the ENVELOPE
        Bytes report;                   ///< its response: user data for the SMS-DELIVER-REPORT, or empty
        std::vector<SmsSubmit> wanted;  ///< what it then wanted sent
    };

    /// `centre` is the address of the service centre that messages come by.
    SmsHandset(iso7816::CardChannel& card, SmsAddress centre) : card_(&card), centre_(std::move(centre)) {}

    /// TERMINAL PROFILE, and whatever the card wants at once. Errors of the channel; a card that has no
    /// TERMINAL PROFILE is none.
    Status start();
    /// ENVELOPE (SMS-PP download). Errors of the channel, `sms.endless`.
    Result<Answer> deliver(const SmsDeliver& message);

  private:
    Result<Bytes> send(std::uint8_t ins, BytesView data, std::uint16_t& sw);
    /// As long as the card says 91xx: what it wants is fetched, done or declined, and answered.
    Status serve(std::uint16_t sw, std::vector<SmsSubmit>& wanted);

    iso7816::CardChannel* card_;
    SmsAddress centre_;
};

}  // namespace oti::ota
