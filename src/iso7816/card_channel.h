// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace oti::iso7816 {

/// A way to a card: a reader, a virtual SE in this process, a fake. One user at a time; calls block.
class CardChannel {
  public:
    virtual ~CardChannel() = default;
    /// Sends one C-APDU and returns the R-APDU (2 bytes and more), whatever its status word.
    /// An error (kind `kIo`) means that nothing is known of what the card did.
    virtual Result<Bytes> transmit(BytesView command) = 0;
    /// Removes and restores power: all sessions, selections and transient state are gone.
    virtual Status reset() = 0;
};

}  // namespace oti::iso7816
