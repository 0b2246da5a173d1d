// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace oti::manager {

/// Which keys were wrong for which cards, so that the same mistake is not made until a card has counted too
/// many of them. Both are given as hexadecimal digests; whoever keeps them learns no key.
class FailedKeys {
  public:
    virtual ~FailedKeys() = default;
    virtual Result<bool> contains(const std::string& card, const std::string& key) = 0;
    virtual Status add(const std::string& card, const std::string& key) = 0;
    virtual Status remove(const std::string& card, const std::string& key) = 0;
};

}  // namespace oti::manager
