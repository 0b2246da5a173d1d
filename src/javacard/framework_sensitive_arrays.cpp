// SPDX-License-Identifier: Apache-2.0
// javacard.framework.SensitiveArrays: this card has none, and says so (API 3.0.5 leaves the choice).
#include "javacard/framework.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

Guest<Value> is_supported(NativeCall&) {
    return Value::of_bool(false);
}

Guest<Value> make(NativeCall&) {
    return throw_(exception::kSystem, reason::kIllegalUse);
}

Guest<Value> is_sensitive(NativeCall& call) {
    OTI_CHECK(call.heap().get(call.ref_at(0)));
    return Value::of_bool(false);
}

Guest<Value> not_sensitive(NativeCall& call) {
    OTI_CHECK(call.heap().get(call.ref_at(0)));
    return throw_(exception::kSystem, reason::kIllegalValue);
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "assertIntegrity", "(Ljava/lang/Object;)V", not_sensitive},
    {kStatic, 1, "isIntegritySensitive", "(Ljava/lang/Object;)Z", is_sensitive},
    {kStatic, 2, "isIntegritySensitiveArraysSupported", "()Z", is_supported},
    {kStatic, 3, "makeIntegritySensitiveArray", "(BBS)Ljava/lang/Object;", make},
    {kStatic, 4, "clearArray", "(Ljava/lang/Object;)S", not_sensitive},
};

}  // namespace

std::span<const NativeMethod> sensitive_arrays_methods() {
    return kMethods;
}

}  // namespace oti::javacard
