// SPDX-License-Identifier: Apache-2.0
#include "javacard/security_state.h"

namespace oti::javacard {

void Cells::set(std::size_t index, std::uint16_t value) {
    auto& object = *machine_.heap().find(ref_);
    if (object.u16(first_ + index) == value) return;
    machine_.heap().prepare_write_non_atomic(ref_, object);
    object.put_u16(2 * (first_ + index), value);
}

Guest<KeyObject> InitializedObject::key(Machine& machine) const {
    auto key = KeyObject::find(machine, cells.get(kKey));
    if (!key) return crypto_exception(CryptoReason::kInvalidInit);
    if (!key->is_initialized()) return crypto_exception(CryptoReason::kUninitializedKey);
    return *key;
}

Guest<Ref> make_with_algorithm(NativeCall& call, ClassId type, ClassId declaring, std::size_t cell,
                               std::uint16_t value) {
    const auto* known = call.machine().packages().find(type);
    OTI_TRY(auto ref, call.heap().make_instance(type, known->cells, call.caller()));
    Cells(call.machine(), ref, declaring).set(cell, value);
    return ref;
}

Guest<void> check_open(NativeCall& call) {
    if (call.machine().one_shots().is_closed(call.self())) return crypto_exception(CryptoReason::kIllegalUse);
    return {};
}

Guest<void> check_streams(NativeCall& call) {
    OTI_CHECK(check_open(call));
    if (call.machine().one_shots().is_open(call.self())) return crypto_exception(CryptoReason::kIllegalUse);
    return {};
}

Guest<Value> close_one_shot(NativeCall& call) {
    OTI_CHECK(call.machine().one_shots().close(call.heap(), call.self(), call.caller().context));
    call.machine().native_states().drop(call.self());
    return Value{};
}

Guest<Value> construct_nothing(NativeCall&) {
    return Value{};
}

Guest<Value> put_result(NativeCall& call, std::size_t array, std::size_t offset, BytesView result) {
    OTI_TRY(auto range,
            call.bytes_at(array, call.short_at(offset), static_cast<std::int32_t>(result.size())));
    OTI_CHECK(call.write(range, result));
    return Value::of_short(static_cast<int>(result.size()));
}

}  // namespace oti::javacard
