// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "card/environment.h"

namespace oti::card {

/// An administration session that was asked for and has not ended.
struct AdministrationRequest {
    Aid domain;
    Bytes trigger;  ///< the message, as its value
    unsigned retries = 0;
    bool requested = false;  ///< a first HTTP request may have been sent
    std::string uri = {};    ///< with which an interrupted session goes on; empty: that of the parameters
};

/// Those of a card, in the order in which they came; they outlast a reset (Amendment B, 3.3.1 and 3.8.3).
class AdministrationRequests {
  public:
    static constexpr std::size_t kMost = 4;

    static std::vector<AdministrationRequest> all(const Nvm& nvm);
    /// Within the transaction of the command.
    static void put(Nvm& nvm, const std::vector<AdministrationRequest>& requests);
};

}  // namespace oti::card
