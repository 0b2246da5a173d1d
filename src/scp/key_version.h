// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace oti::scp {

/// Version number of a key set in a security domain, 01 to 7F; 00 asks for the domain's first
/// (GPCS 2.3.1, 7.5.2).
using KeyVersion = StrongId<struct KeyVersionTag, std::uint8_t>;

}  // namespace oti::scp
