// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::ota {

/// A way to the short message service of one card: by SMPP over a network, or by ENVELOPE where the card is
/// here. What goes each way is the user data of a message with its header (TP-UD with UDH; 3GPP TS 23.040,
/// 9.2.3.24), at most 140 bytes; an implementation makes the TPDU around it.
class SmsBearer {
  public:
    virtual ~SmsBearer() = default;

    /// Hands one message over for delivery; returning says that it was accepted, not that it has arrived.
    virtual Status deliver(BytesView user_data) = 0;
    /// The next message from the card: the user data of an SMS-DELIVER-REPORT or of an SMS-SUBMIT. Nothing,
    /// if none came until the deadline.
    virtual Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) = 0;
};

}  // namespace oti::ota
