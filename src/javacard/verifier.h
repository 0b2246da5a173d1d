// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "javacard/linked.h"

namespace oti::javacard {

/// Follows the code of every method of a linked package and holds it to what the interpreter relies on:
///
/// - what is reached are whole instructions of the set, within the method; execution never runs off its end,
///   and no two paths disagree about where instructions begin;
/// - branches, switches, jsr and exception handlers lead to such instructions of the same method;
/// - local variables are within the frame, array types exist;
/// - a constant is of the kind that its instruction takes, a field of its size and, where references are
///   concerned, of its sort.
///
/// What is on the stack, in locals, fields and arrays is not tracked here but tagged and checked at each use
/// (Slot, Object): without the Descriptor component, which a card may not be sent, the types of methods'
/// arguments are unknown. Notes in `instructions` what was reached. Error `javacard.verify` with the offset
/// in the Method component.
Status verify(LinkedPackage& package);

}  // namespace oti::javacard
