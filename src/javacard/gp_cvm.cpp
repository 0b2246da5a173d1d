// SPDX-License-Identifier: Apache-2.0
// The class behind org.globalplatform.CVM: the card's Global PIN (GPCS 2.3.1, 8.2), which lives in the heap
// like an applet's own. A presentation is no part of a transaction, the rest is.
#include <algorithm>

#include "crypto/secret_bytes.h"
#include "javacard/implementation.h"
#include "javacard/org_globalplatform.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using implementation_class::kGlobalPin;

enum Cell : std::size_t { kStateCell, kSubmissionCell };
/// In the state array; the value stands behind. It is active when limit and format are set.
enum StateByte : std::size_t { kLimit, kTries, kFormat, kSize, kValue };
constexpr std::int32_t kMaxValue = 127;
enum Format : std::uint8_t { kAscii = 1, kBcd = 2, kHex = 3 };
/// In the transient array: since the last reset nothing, a wrong value, or the right one was presented.
enum Submission : std::uint8_t { kNone, kInvalid, kValidated };
constexpr int kSuccess = 0, kFailure = -1;

Object* state_of(NativeCall& call) {
    return call.heap().find(call.cell(kGlobalPin, kStateCell));
}

bool is_active(const Object* state) {
    return state != nullptr && state->data[kLimit] != 0 && state->data[kFormat] != 0;
}

bool is_blocked(const Object* state) {
    return is_active(state) && state->data[kTries] == 0;
}

Submission submission(NativeCall& call) {
    const auto* array = call.heap().find(call.cell(kGlobalPin, kSubmissionCell));
    return array == nullptr ? kNone : static_cast<Submission>(array->data[0]);
}

void set_submission(NativeCall& call, Submission value) {
    // Transient: nothing to be recorded.
    if (auto* array = call.heap().find(call.cell(kGlobalPin, kSubmissionCell))) array->data[0] = value;
}

void set_tries(NativeCall& call, std::uint8_t tries) {
    auto* state = state_of(call);
    call.heap().prepare_write_non_atomic(call.cell(kGlobalPin, kStateCell), *state);
    state->data[kTries] = tries;
}

/// The value as ASCII, where it is text or digits: all that matters where two formats are compared. BCD is
/// left-justified, and F follows an odd number of digits.
std::optional<Bytes> as_ascii(std::uint8_t format, BytesView value) {
    if (format == kAscii) return to_bytes(value);
    if (format != kBcd) return std::nullopt;
    Bytes digits;
    for (std::size_t i = 0; i < 2 * value.size(); ++i) {
        unsigned digit = i % 2 == 0 ? value[i / 2] >> 4 : value[i / 2] & 0x0F;
        bool filler = digit == 0x0F && i + 1 == 2 * value.size();
        if (filler) break;
        if (digit > 9) return std::nullopt;
        digits.push_back(static_cast<std::uint8_t>('0' + digit));
    }
    return digits;
}

/// Whether the state arrays are there, which only this class's own object has.
Guest<bool> prepare(NativeCall& call) {
    auto* object = call.heap().find(call.self());
    if (!object->entry_point) return false;
    if (state_of(call) != nullptr) return true;
    OTI_TRY(auto state,
            call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(kValue) + kMaxValue, {}));
    OTI_TRY(auto flag, call.heap().make_array(ObjectKind::kBytes, 1, {}, Persistence::kClearOnReset));
    OTI_CHECK(call.set_cell(kGlobalPin, kStateCell, state));
    OTI_CHECK(call.set_cell(kGlobalPin, kSubmissionCell, flag));
    return true;
}

/// Whether the caller may change the PIN, and it can be changed.
Guest<bool> may_manage(NativeCall& call) {
    if (!is_privileged(call, gp_privilege::kCvmManagement)) return false;
    return prepare(call);
}

Guest<Value> is_active_method(NativeCall& call) {
    return Value::of_bool(is_active(state_of(call)));
}

Guest<Value> is_blocked_method(NativeCall& call) {
    return Value::of_bool(is_blocked(state_of(call)));
}

Guest<Value> is_submitted(NativeCall& call) {
    return Value::of_bool(!is_blocked(state_of(call)) && submission(call) != kNone);
}

Guest<Value> is_verified(NativeCall& call) {
    return Value::of_bool(!is_blocked(state_of(call)) && submission(call) == kValidated);
}

Guest<Value> get_tries_remaining(NativeCall& call) {
    const auto* state = state_of(call);
    return Value::of_short(is_active(state) ? state->data[kTries] : 0);
}

/// (buffer, offset, length, format)
Guest<Value> update(NativeCall& call) {
    OTI_TRY(auto allowed, may_manage(call));
    if (!allowed) return Value::of_bool(false);
    OTI_TRY(auto value, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    auto format = static_cast<std::uint8_t>(call.byte_at(4));
    if (value.length == 0 || (format != kHex && !as_ascii(format, value.view()))) {
        return Value::of_bool(false);
    }
    auto limit = state_of(call)->data[kLimit];
    auto changed = concat(Bytes{limit, limit, format, static_cast<std::uint8_t>(value.length)}, value.view());
    OTI_CHECK(call.heap().write(call.cell(kGlobalPin, kStateCell), 0, changed));
    set_submission(call, kNone);
    return Value::of_bool(true);
}

Guest<Value> set_try_limit(NativeCall& call) {
    OTI_TRY(auto allowed, may_manage(call));
    if (!allowed || call.byte_at(1) < 1) return Value::of_bool(false);
    auto limit = static_cast<std::uint8_t>(call.byte_at(1));
    OTI_CHECK(call.heap().write(call.cell(kGlobalPin, kStateCell), kLimit, std::array{limit, limit}));
    set_submission(call, kNone);
    return Value::of_bool(true);
}

Guest<Value> reset_state(NativeCall& call) {
    bool can = !is_blocked(state_of(call)) && submission(call) != kNone;
    if (can) set_submission(call, kNone);
    return Value::of_bool(can);
}

/// Sets the counter, which is 0 when the PIN is blocked.
Guest<Value> manage_tries(NativeCall& call, bool block) {
    const auto* state = state_of(call);
    if (!is_privileged(call, gp_privilege::kCvmManagement) || !is_active(state)) {
        return Value::of_bool(false);
    }
    auto tries = block ? std::uint8_t{0} : state->data[kLimit];
    OTI_CHECK(call.heap().write(call.cell(kGlobalPin, kStateCell), kTries, std::array{tries}));
    set_submission(call, kNone);
    return Value::of_bool(true);
}

Guest<Value> block_state(NativeCall& call) {
    return manage_tries(call, true);
}

Guest<Value> reset_and_unblock_state(NativeCall& call) {
    return manage_tries(call, false);
}

bool matches(const Object& state, std::uint8_t format, BytesView presented) {
    auto value = BytesView(state.data).subspan(kValue, state.data[kSize]);
    auto own_format = state.data[kFormat];
    if (format == kHex || own_format == kHex) {
        return format == own_format && crypto::equal_in_constant_time(value, presented);
    }
    auto own = as_ascii(own_format, value), other = as_ascii(format, presented);
    return own && other && crypto::equal_in_constant_time(*own, *other);
}

Guest<Value> verify(NativeCall& call) {
    const auto* state = state_of(call);
    if (!is_active(state) || is_blocked(state)) return Value::of_short(kFailure);
    // Before anything can be learnt or thrown.
    set_tries(call, static_cast<std::uint8_t>(state->data[kTries] - 1));
    set_submission(call, kInvalid);
    OTI_TRY(auto presented, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    if (!matches(*state, static_cast<std::uint8_t>(call.byte_at(4)), presented.view())) {
        return Value::of_short(kFailure);
    }
    set_tries(call, state->data[kLimit]);
    set_submission(call, kValidated);
    return Value::of_short(kSuccess);
}

constexpr NativeMethod kMethods[] = {
    {kVirtual, 1, "isActive", "()Z", is_active_method},
    {kVirtual, 2, "isSubmitted", "()Z", is_submitted},
    {kVirtual, 3, "isVerified", "()Z", is_verified},
    {kVirtual, 4, "isBlocked", "()Z", is_blocked_method},
    {kVirtual, 5, "getTriesRemaining", "()B", get_tries_remaining},
    {kVirtual, 6, "update", "([BSBB)Z", update},
    {kVirtual, 7, "resetState", "()Z", reset_state},
    {kVirtual, 8, "blockState", "()Z", block_state},
    {kVirtual, 9, "resetAndUnblockState", "()Z", reset_and_unblock_state},
    {kVirtual, 10, "setTryLimit", "(B)Z", set_try_limit},
    {kVirtual, 11, "verify", "([BSBB)S", verify},
};

}  // namespace

std::span<const NativeMethod> gp_cvm_methods() {
    return kMethods;
}

}  // namespace oti::javacard
