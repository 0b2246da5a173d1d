// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/bytes.h"

namespace oti::crypto {

std::array<std::uint8_t, 32> sha256(BytesView message);
std::array<std::uint8_t, 20> sha1(BytesView message);

}  // namespace oti::crypto
