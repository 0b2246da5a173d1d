// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "iso7816/apdu.h"

namespace oti::iso7816 {

/// `response` to a command of class `cla`, with the rest that 61xx announces: GET RESPONSE, in the class of
/// the command without secure messaging, is sent until all of it has come (ISO/IEC 7816-4, 5.3.4 and 5.4.1).
/// Error `card.endless` where a card never comes to an end; else those of `transmit`.
Result<Bytes> with_rest(const std::function<Result<Bytes>(BytesView)>& transmit, std::uint8_t cla,
                        Bytes response);

}  // namespace oti::iso7816
