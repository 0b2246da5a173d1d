// SPDX-License-Identifier: Apache-2.0
// javacard.framework.OwnerPIN, and what OwnerPINBuilder makes beside it. The value, the counter and the limit
// stand in one array, so that an update is one write; the flags in a transient one. What a presentation
// changes is no part of a transaction, and what an update changes is (API 3.0.5, OwnerPIN and OwnerPINx).
#include "crypto/secret_bytes.h"
#include "javacard/framework.h"
#include "javacard/implementation.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using framework_class::kOwnerPin;

enum Cell : std::size_t { kStateCell, kFlagsCell };
/// In the state array; the value stands behind. There is no value yet: kNoValue in place of its size.
enum StateByte : std::size_t { kLimit, kTries, kSize, kValue };
constexpr std::uint8_t kNoValue = 0xFF;
enum FlagByte : std::size_t { kValidated, kDecremented, kFlags };
/// Of kDecremented: decrementTriesRemaining was called, and there was a try left, or none.
constexpr std::uint8_t kTryTaken = 1, kNoTryLeft = 2;

constexpr std::uint8_t kGetValidatedFlag = 3, kSetValidatedFlag = 7;

/// None where the constructor did not run: such a PIN is blocked.
Object* state_of(NativeCall& call) {
    return call.heap().find(call.cell(kOwnerPin, kStateCell));
}

Guest<Value> construct(NativeCall& call) {
    int limit = call.byte_at(1), size = call.byte_at(2);
    if (limit < 1 || size < 1) return throw_(exception::kPin, pin_reason::kIllegalValue);
    OTI_TRY(auto state, call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(kValue) + size,
                                               call.caller()));
    OTI_TRY(auto flags,
            call.heap().make_array(ObjectKind::kBytes, kFlags, call.caller(), Persistence::kClearOnReset));
    auto tries = static_cast<std::uint8_t>(limit);
    OTI_CHECK(call.heap().write(state, 0, std::array{tries, tries, kNoValue}));
    OTI_CHECK(call.set_cell(kOwnerPin, kStateCell, state));
    OTI_CHECK(call.set_cell(kOwnerPin, kFlagsCell, flags));
    return Value{};
}

std::uint8_t flag(NativeCall& call, FlagByte which) {
    const auto* flags = call.heap().find(call.cell(kOwnerPin, kFlagsCell));
    return flags == nullptr ? std::uint8_t{0} : flags->data[which];
}

void set_flag(NativeCall& call, FlagByte which, std::uint8_t value) {
    // Transient: nothing to be recorded.
    if (auto* flags = call.heap().find(call.cell(kOwnerPin, kFlagsCell))) flags->data[which] = value;
}

Guest<Value> get_validated_flag(NativeCall& call) {
    return Value::of_bool(flag(call, kValidated) != 0);
}

Guest<Value> set_validated_flag(NativeCall& call) {
    set_flag(call, kValidated, call.bool_at(1) ? 1 : 0);
    return Value{};
}

/// A subclass's method, which may have aborted the transaction that made the object.
Guest<Value> overridable(NativeCall& call, std::uint8_t token, std::span<const Value> arguments) {
    OTI_TRY(auto result, call.invoke_virtual(call.self(), kOwnerPin, token, arguments));
    OTI_CHECK(call.heap().get(call.self()));
    return result;
}

Guest<bool> is_validated(NativeCall& call) {
    OTI_TRY(auto result, overridable(call, kGetValidatedFlag, {}));
    return result.number != 0;
}

Guest<void> set_validated(NativeCall& call, bool value) {
    set_flag(call, kDecremented, 0);
    std::array arguments{Value::of_bool(value)};
    OTI_CHECK(overridable(call, kSetValidatedFlag, arguments));
    return {};
}

/// Not part of a transaction.
void set_tries(NativeCall& call, std::uint8_t tries) {
    auto* state = state_of(call);
    call.heap().prepare_write_non_atomic(call.cell(kOwnerPin, kStateCell), *state);
    state->data[kTries] = tries;
}

Guest<Value> get_tries_remaining(NativeCall& call) {
    const auto* state = state_of(call);
    return Value::of_short(state == nullptr ? 0 : state->data[kTries]);
}

/// The comparison alone; on success the counter is at its limit again.
Guest<Value> compare(NativeCall& call) {
    OTI_TRY(auto pin, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    const auto* state = state_of(call);
    if (state == nullptr) return Value::of_bool(false);
    auto value = BytesView(state->data).subspan(kValue);
    bool equal = pin.length == state->data[kSize] &&
                 crypto::equal_in_constant_time(pin.view(), value.first(pin.length));
    if (equal) {
        set_tries(call, state->data[kLimit]);
        OTI_CHECK(set_validated(call, true));
    }
    return Value::of_bool(equal);
}

Guest<Value> check(NativeCall& call) {
    OTI_CHECK(set_validated(call, false));
    const auto* state = state_of(call);
    if (state == nullptr || state->data[kTries] == 0) return Value::of_bool(false);
    // Before anything can be learnt or thrown.
    set_tries(call, static_cast<std::uint8_t>(state->data[kTries] - 1));
    return compare(call);
}

Guest<Value> is_validated_method(NativeCall& call) {
    OTI_TRY(auto validated, is_validated(call));
    return Value::of_bool(validated);
}

Guest<Value> reset_and_unblock(NativeCall& call) {
    if (const auto* state = state_of(call)) set_tries(call, state->data[kLimit]);
    OTI_CHECK(set_validated(call, false));
    return Value{};
}

Guest<Value> reset(NativeCall& call) {
    OTI_TRY(auto validated, is_validated(call));
    if (validated) return reset_and_unblock(call);
    set_flag(call, kDecremented, 0);
    return Value{};
}

Guest<Value> update(NativeCall& call) {
    auto* state = state_of(call);
    if (state == nullptr || call.byte_at(3) > static_cast<std::int32_t>(state->data.size() - kValue)) {
        return throw_(exception::kPin, pin_reason::kIllegalValue);
    }
    OTI_TRY(auto pin, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    auto limit = state->data[kLimit];
    auto changed = concat(Bytes{limit, limit, static_cast<std::uint8_t>(pin.length)}, pin.view());
    OTI_CHECK(call.heap().write(call.cell(kOwnerPin, kStateCell), 0, changed));
    OTI_CHECK(set_validated(call, false));
    return Value{};
}

Guest<Value> get_try_limit(NativeCall& call) {
    const auto* state = state_of(call);
    return Value::of_short(state == nullptr ? 0 : state->data[kLimit]);
}

/// The limit and the counter, as part of a transaction.
Guest<Value> set_limits(NativeCall& call, std::uint8_t limit, std::uint8_t tries) {
    OTI_CHECK(call.heap().write(call.cell(kOwnerPin, kStateCell), kLimit, std::array{limit, tries}));
    OTI_CHECK(set_validated(call, false));
    return Value{};
}

Guest<Value> set_try_limit(NativeCall& call) {
    if (state_of(call) == nullptr || call.byte_at(1) < 1) {
        return throw_(exception::kPin, pin_reason::kIllegalValue);
    }
    auto limit = static_cast<std::uint8_t>(call.byte_at(1));
    return set_limits(call, limit, limit);
}

Guest<Value> set_tries_remaining(NativeCall& call) {
    const auto* state = state_of(call);
    if (state == nullptr || call.byte_at(1) < 0 || call.byte_at(1) > state->data[kLimit]) {
        return throw_(exception::kPin, pin_reason::kIllegalValue);
    }
    return set_limits(call, state->data[kLimit], static_cast<std::uint8_t>(call.byte_at(1)));
}

Guest<Value> decrement_tries_remaining(NativeCall& call) {
    OTI_CHECK(set_validated(call, false));
    const auto* state = state_of(call);
    if (state == nullptr || state->data[kTries] == 0) {
        set_flag(call, kDecremented, kNoTryLeft);
        return Value::of_short(0);
    }
    set_tries(call, static_cast<std::uint8_t>(state->data[kTries] - 1));
    set_flag(call, kDecremented, kTryTaken);
    return Value::of_short(state->data[kTries]);
}

Guest<Value> check_after_decrement(NativeCall& call) {
    auto decremented = flag(call, kDecremented);
    OTI_CHECK(set_validated(call, false));
    if (decremented == 0) return throw_(exception::kPin, pin_reason::kIllegalState);
    if (decremented == kNoTryLeft) return Value::of_bool(false);
    return compare(call);
}

/// (tryLimit, maxPINSize, ownerPINType)
Guest<Value> build_owner_pin(NativeCall& call) {
    static constexpr ClassId kTypes[] = {kOwnerPin, implementation_class::kOwnerPinX,
                                         implementation_class::kOwnerPinXWithPredecrement};
    int type = call.byte_at(2);
    if (call.byte_at(0) < 1 || call.byte_at(1) < 1 || type < 1 || type > 3) {
        return throw_(exception::kPin, pin_reason::kIllegalValue);
    }
    const auto* made = call.machine().packages().find(kTypes[type - 1]);
    OTI_TRY(auto pin, call.heap().make_instance(made->id, made->cells, call.caller()));
    std::array<std::int32_t, 3> arguments{pin, call.byte_at(0), call.byte_at(1)};
    NativeCall constructor(call.machine(), arguments);
    OTI_CHECK(construct(constructor));
    return Value::of_ref(pin);
}

constexpr NativeMethod kPin[] = {
    {kVirtual, 0, "check", "([BSB)Z", nullptr},
    {kVirtual, 1, "getTriesRemaining", "()B", nullptr},
    {kVirtual, 2, "isValidated", "()Z", nullptr},
    {kVirtual, 3, "reset", "()V", nullptr},
};
constexpr NativeMethod kPinX[] = {
    {kVirtual, 0, "check", "([BSB)Z", nullptr},
    {kVirtual, 1, "getTriesRemaining", "()B", nullptr},
    {kVirtual, 2, "isValidated", "()Z", nullptr},
    {kVirtual, 3, "reset", "()V", nullptr},
    {kVirtual, 4, "update", "([BSB)V", nullptr},
    {kVirtual, 5, "getTryLimit", "()B", nullptr},
    {kVirtual, 6, "setTryLimit", "(B)V", nullptr},
    {kVirtual, 7, "setTriesRemaining", "(B)V", nullptr},
    {kVirtual, 8, "decrementTriesRemaining", "()B", nullptr},
};
constexpr NativeMethod kOwnerPinMethods[] = {
    {kConstructor, 0, "<init>", "(BB)V", construct},
    {kVirtual, 1, "check", "([BSB)Z", check},
    {kVirtual, 2, "getTriesRemaining", "()B", get_tries_remaining},
    {kVirtual, kGetValidatedFlag, "getValidatedFlag", "()Z", get_validated_flag},
    {kVirtual, 4, "isValidated", "()Z", is_validated_method},
    {kVirtual, 5, "reset", "()V", reset},
    {kVirtual, 6, "resetAndUnblock", "()V", reset_and_unblock},
    {kVirtual, kSetValidatedFlag, "setValidatedFlag", "(Z)V", set_validated_flag},
    {kVirtual, 8, "update", "([BSB)V", update},
};
constexpr NativeMethod kOwnerPinXMethods[] = {
    {kVirtual, 9, "getTryLimit", "()B", get_try_limit},
    {kVirtual, 10, "setTryLimit", "(B)V", set_try_limit},
    {kVirtual, 11, "setTriesRemaining", "(B)V", set_tries_remaining},
};
constexpr NativeMethod kWithPredecrementMethods[] = {
    {kVirtual, 1, "check", "([BSB)Z", check_after_decrement},
    {kVirtual, 12, "decrementTriesRemaining", "()B", decrement_tries_remaining},
};
constexpr NativeMethod kBuilder[] = {
    {kStatic, 0, "buildOwnerPIN", "(BBB)Ljavacard/framework/PIN;", build_owner_pin},
};

}  // namespace

std::span<const NativeMethod> pin_methods() {
    return kPin;
}
std::span<const NativeMethod> owner_pinx_interface_methods() {
    return std::span(kPinX).first(8);
}
std::span<const NativeMethod> owner_pinx_with_predecrement_interface_methods() {
    return kPinX;
}
std::span<const NativeMethod> owner_pin_methods() {
    return kOwnerPinMethods;
}
std::span<const NativeMethod> owner_pin_builder_methods() {
    return kBuilder;
}
std::span<const NativeMethod> owner_pinx_methods() {
    return kOwnerPinXMethods;
}
std::span<const NativeMethod> owner_pinx_with_predecrement_methods() {
    return kWithPredecrementMethods;
}

}  // namespace oti::javacard
