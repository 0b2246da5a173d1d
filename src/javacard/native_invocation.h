// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only.
#pragma once

#include "javacard/machine.h"

namespace oti::javacard {

/// Calls a native method with the words of its arguments, checked against its signature: a fault where a
/// word is of another kind, or where the method returns what the signature does not say.
Guest<Value> call_native(Running& x, const Method& method, const Slot* words);

}  // namespace oti::javacard
