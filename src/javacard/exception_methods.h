// SPDX-License-Identifier: Apache-2.0
// What the exception classes with a reason share: a reason, and a way to throw the runtime environment's own
// instance with it.
#pragma once

#include "javacard/framework.h"

namespace oti::javacard {

inline constexpr std::size_t kReasonCell = 0;

/// `declaring` is the class that has the reason: CardException or CardRuntimeException.
template <ClassId declaring>
Guest<Value> set_reason(NativeCall& call) {
    OTI_CHECK(call.set_cell(declaring, kReasonCell, static_cast<std::uint16_t>(call.short_at(1))));
    return Value{};
}

template <ClassId declaring>
Guest<Value> get_reason(NativeCall& call) {
    return Value::of_short(call.cell(declaring, kReasonCell));
}

template <ClassId type>
Guest<Value> throw_it(NativeCall& call) {
    return throw_(type, static_cast<std::uint16_t>(call.short_at(0)));
}

template <ClassId declaring>
constexpr NativeMethod kGetReason{MethodSort::kVirtual, 1, "getReason", "()S", get_reason<declaring>};
template <ClassId declaring>
constexpr NativeMethod kSetReason{MethodSort::kVirtual, 2, "setReason", "(S)V", set_reason<declaring>};

/// Of a child of CardRuntimeException.
template <ClassId type>
constexpr NativeMethod kRuntimeExceptionMethods[] = {
    {MethodSort::kConstructor, 0, "<init>", "(S)V", set_reason<exception::kCardRuntime>},
    {MethodSort::kStatic, 1, "throwIt", "(S)V", throw_it<type>},
    kGetReason<exception::kCardRuntime>,
    kSetReason<exception::kCardRuntime>,
};

/// The line of such a class in its package's table.
template <ClassId type>
constexpr NativeClass runtime_exception(const char* name) {
    return {.token = type.index,
            .name = name,
            .super = exception::kCardRuntime,
            .methods = kRuntimeExceptionMethods<type>};
}

}  // namespace oti::javacard
