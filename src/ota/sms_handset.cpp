// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_handset.h"

namespace oti::ota {

Status SmsHandset::run() {
    while (auto command = handset_.next()) {
        auto response = card_->transmit(*command);
        // Without a card, all that was going on with it is over.
        if (!response) {
            handset_.start();
            return std::unexpected(response.error());
        }
        OTI_CHECK(handset_.answer(*response));
    }
    return {};
}

Status SmsHandset::start() {
    handset_.start();
    OTI_CHECK(run());
    (void)handset_.take_wishes();
    return {};
}

Result<SmsHandset::Answer> SmsHandset::deliver(const SmsDeliver& message) {
    handset_.deliver(message);
    OTI_CHECK(run());
    Answer answer;
    for (auto& wish : handset_.take_wishes()) {
        if (auto* report = std::get_if<Handset::Report>(&wish)) {
            answer.sw = report->sw;
            answer.report = std::move(report->data);
        } else if (auto* submit = std::get_if<SmsSubmit>(&wish)) {
            answer.wanted.push_back(std::move(*submit));
        }
    }
    return answer;
}

}  // namespace oti::ota
