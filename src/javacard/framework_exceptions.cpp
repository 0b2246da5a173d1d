// SPDX-License-Identifier: Apache-2.0
// CardException, CardRuntimeException and their children: a reason, and a way to throw the runtime
// environment's own instance with it.
#include "javacard/framework.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr std::size_t kReason = 0;

/// `declaring` is the class that has the reason: CardException or CardRuntimeException.
template <ClassId declaring>
Guest<Value> construct(NativeCall& call) {
    OTI_CHECK(call.set_cell(declaring, kReason, static_cast<std::uint16_t>(call.short_at(1))));
    return Value{};
}

template <ClassId declaring>
Guest<Value> construct_without_reason(NativeCall& call) {
    OTI_CHECK(call.set_cell(declaring, kReason, 0));
    return Value{};
}

template <ClassId declaring>
Guest<Value> get_reason(NativeCall& call) {
    return Value::of_short(call.cell(declaring, kReason));
}

template <ClassId type>
Guest<Value> throw_it(NativeCall& call) {
    return throw_(type, static_cast<std::uint16_t>(call.short_at(0)));
}

template <ClassId declaring>
constexpr NativeMethod kGetReason{kVirtual, 1, "getReason", "()S", get_reason<declaring>};
template <ClassId declaring>
constexpr NativeMethod kSetReason{kVirtual, 2, "setReason", "(S)V", construct<declaring>};

template <ClassId type>
constexpr NativeMethod kRuntimeException[] = {
    {kConstructor, 0, "<init>", "(S)V", construct<exception::kCardRuntime>},
    {kStatic, 1, "throwIt", "(S)V", throw_it<type>},
    kGetReason<exception::kCardRuntime>,
    kSetReason<exception::kCardRuntime>,
};
constexpr NativeMethod kCardException[] = {
    {kConstructor, 0, "<init>", "(S)V", construct<exception::kCard>},
    {kStatic, 1, "throwIt", "(S)V", throw_it<exception::kCard>},
    kGetReason<exception::kCard>,
    kSetReason<exception::kCard>,
};
constexpr NativeMethod kUserException[] = {
    {kConstructor, 0, "<init>", "()V", construct_without_reason<exception::kCard>},
    {kConstructor, 1, "<init>", "(S)V", construct<exception::kCard>},
    {kStatic, 2, "throwIt", "(S)V", throw_it<exception::kUser>},
    kGetReason<exception::kCard>,
    kSetReason<exception::kCard>,
};

}  // namespace

std::span<const NativeMethod> card_exception_methods() {
    return kCardException;
}
std::span<const NativeMethod> card_runtime_exception_methods() {
    return kRuntimeException<exception::kCardRuntime>;
}
std::span<const NativeMethod> iso_exception_methods() {
    return kRuntimeException<exception::kIso>;
}
std::span<const NativeMethod> pin_exception_methods() {
    return kRuntimeException<exception::kPin>;
}
std::span<const NativeMethod> apdu_exception_methods() {
    return kRuntimeException<exception::kApdu>;
}
std::span<const NativeMethod> system_exception_methods() {
    return kRuntimeException<exception::kSystem>;
}
std::span<const NativeMethod> transaction_exception_methods() {
    return kRuntimeException<exception::kTransaction>;
}
std::span<const NativeMethod> user_exception_methods() {
    return kUserException;
}

}  // namespace oti::javacard
