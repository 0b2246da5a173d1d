// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/secure_element.h"
#include "cli/output.h"

namespace oti::cli {

/// Says what is in a virtual secure element: identity, memory, registry, and of each domain its memory, its
/// keys without their values, and their counters. The same as JSON.
json::object inspect_secure_element(const card::SecureElement& se, Output& output);

}  // namespace oti::cli
