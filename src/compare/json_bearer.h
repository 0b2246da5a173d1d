// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// OTI on GP SERAM's JSON binding: one order at a time, each an HTTPS request, without expectations.
class JsonBearer final : public Bearer {
  public:
    std::string_view name() const override { return "seram"; }
    std::string_view title() const override { return "OTI, GP SERAM JSON"; }
    bool uses_network() const override { return true; }
    Result<Outcome> install(const Trial& trial) const override;
};

}  // namespace oti::compare
