// SPDX-License-Identifier: Apache-2.0
// Permanent entry point objects (JCRE specification 3.0.5, 6.2.1) of the runtime environment: applets may
// keep references to them, so they are stored like any other object, and found again at each start.
#pragma once

#include <functional>

#include "javacard/runtime.h"

namespace oti::javacard {

/// The one of this class for which `matches` holds; null if there is none yet.
Ref find_permanent_object(const Heap& heap, ClassId type,
                          const std::function<bool(const Object&)>& matches = {});
/// A new one; all its cells are zero.
Guest<Ref> make_permanent_object(Runtime& runtime, ClassId type);

}  // namespace oti::javacard
