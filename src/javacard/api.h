// SPDX-License-Identifier: Apache-2.0
// The packages that every card has.
#pragma once

#include <span>

#include "javacard/native.h"

namespace oti::javacard {

/// In the order in which they are linked: each after those whose classes it names, java.lang first.
std::span<const NativePackage* const> api_packages();

}  // namespace oti::javacard
