// SPDX-License-Identifier: Apache-2.0
// Short messages as SMPP has them, and as a handset has them.
#pragma once

#include "ota/smpp_pdu.h"
#include "ota/sms_tpdu.h"

namespace oti::ota {

/// "+491701" without the sign, which SMPP says by the type of the number: addresses are compared so.
std::string_view digits_of(std::string_view number);

/// What a handset gets of a message; at most 140 bytes of text are taken for granted. Error `sms.address`:
/// its source is no number.
Result<SmsDeliver> deliver_of(const SmppMessage& message);
/// What a handset hands over. Error `sms.address`: its destination is no number.
Result<SmsSubmit> submit_of(const SmppMessage& message);
SmppMessage smpp_message_of(SmppAddress source, SmppAddress destination, const SmsContent& content);
SmppAddress smpp_address_of(const SmsAddress& address);

}  // namespace oti::ota
