// SPDX-License-Identifier: Apache-2.0
// CardException, CardRuntimeException and their children.
#include "javacard/exception_methods.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

template <ClassId declaring>
Guest<Value> construct_without_reason(NativeCall& call) {
    OTI_CHECK(call.set_cell(declaring, kReasonCell, 0));
    return Value{};
}

constexpr NativeMethod kCardException[] = {
    {kConstructor, 0, "<init>", "(S)V", set_reason<exception::kCard>},
    {kStatic, 1, "throwIt", "(S)V", throw_it<exception::kCard>},
    kGetReason<exception::kCard>,
    kSetReason<exception::kCard>,
};
constexpr NativeMethod kUserException[] = {
    {kConstructor, 0, "<init>", "()V", construct_without_reason<exception::kCard>},
    {kConstructor, 1, "<init>", "(S)V", set_reason<exception::kCard>},
    {kStatic, 2, "throwIt", "(S)V", throw_it<exception::kUser>},
    kGetReason<exception::kCard>,
    kSetReason<exception::kCard>,
};

}  // namespace

std::span<const NativeMethod> card_exception_methods() {
    return kCardException;
}
std::span<const NativeMethod> card_runtime_exception_methods() {
    return kRuntimeExceptionMethods<exception::kCardRuntime>;
}
std::span<const NativeMethod> user_exception_methods() {
    return kUserException;
}

}  // namespace oti::javacard
