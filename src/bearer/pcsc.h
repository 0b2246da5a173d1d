// SPDX-License-Identifier: Apache-2.0
// PC/SC as far as it is needed here. The library is behind an interface, so that tests can pull cards.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::bearer {

struct PcscReader {
    std::string name;
    bool has_card = false;
};

/// A connection to a card, which nobody else can use as long as it stands.
class PcscCard {
  public:
    virtual ~PcscCard() = default;
    /// Exactly these bytes to the card, and what comes back; errors `pcsc.*` of kind `kIo`.
    virtual Result<Bytes> transmit(BytesView bytes) = 0;
    /// Power off and on.
    virtual Status reset() = 0;
    virtual bool speaks_t0() const = 0;
    virtual Bytes atr() const = 0;
};

class Pcsc {
  public:
    virtual ~Pcsc() = default;
    virtual Result<std::vector<PcscReader>> readers() = 0;
    virtual Result<std::unique_ptr<PcscCard>> connect(const std::string& reader) = 0;
};

/// The system's (pcscd). Error `pcsc.no_service` if it does not run.
Result<std::unique_ptr<Pcsc>> system_pcsc();

}  // namespace oti::bearer
