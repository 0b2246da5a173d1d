// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/registry.h"

namespace oti::card {

/// Whether an application may be selected on several logical channels at once, and beside others of its
/// package: security domains may (GPCS 2.3.1, A.1), applets if those of their package are made for it (JCRE
/// specification 3.0.5, 4.3).
bool is_multiselectable(const Registry& registry, const Application& application);

}  // namespace oti::card
