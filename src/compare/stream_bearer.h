// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// OTI on its own binding: `remote_agent::RemoteSession` and `agent::LocalSession` with their frames, on a
/// WebSocket over TLS over TCP.
class StreamBearer final : public Bearer {
  public:
    enum class Sort : std::uint8_t {
        kWarm,      ///< the phone is connected, its radio too
        kCold,      ///< the phone connects for this, from an idle radio
        kLockstep,  ///< the paper's: connected, one round trip for each APDU
    };
    explicit StreamBearer(Sort sort) : sort_(sort) {}

    std::string_view name() const override;
    std::string_view title() const override;
    bool uses_network() const override { return true; }
    Result<Outcome> install(const Trial& trial) const override;

  private:
    Sort sort_;
};

}  // namespace oti::compare
