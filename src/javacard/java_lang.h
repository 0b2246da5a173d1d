// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

/// java.lang 1.0
const NativePackage& java_lang();
/// Object.equals(Object): the same object. Every class has it at token 0.
Guest<Value> object_equals(NativeCall& call);

}  // namespace oti::javacard
