// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// Over the wire, the first baseline: the card is plugged in, and each command waits for the one before.
class WireBearer final : public Bearer {
  public:
    std::string_view name() const override { return "otw"; }
    std::string_view title() const override { return "Over the wire"; }
    bool uses_network() const override { return false; }
    Result<Outcome> install(const Trial& trial) const override;
};

}  // namespace oti::compare
