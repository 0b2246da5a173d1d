// SPDX-License-Identifier: Apache-2.0
#include "javacard/native.h"

#include <algorithm>

#include "javacard/machine.h"

namespace oti::javacard {

Heap& NativeCall::heap() {
    return machine_.heap();
}

Runtime& NativeCall::runtime() {
    return *machine_.runtime();
}

Owner NativeCall::caller() const {
    return machine_.context();
}

std::uint16_t NativeCall::cell(ClassId declaring, std::size_t index) const {
    const auto* type = machine_.packages().find(declaring);
    return machine_.heap().find(self())->u16(type->first_cell + index);
}

Guest<void> NativeCall::set_cell(ClassId declaring, std::size_t index, std::uint16_t value) {
    const auto* type = machine_.packages().find(declaring);
    return heap().write_u16(self(), type->first_cell + index, value);
}

void NativeCall::set_cell_non_atomic(ClassId declaring, std::size_t index, std::uint16_t value) {
    const auto* type = machine_.packages().find(declaring);
    auto& object = *heap().find(self());
    heap().prepare_write_non_atomic(self(), object);
    object.put_u16(2 * (type->first_cell + index), value);
}

Guest<Object*> NativeCall::array_at(std::size_t index, ObjectKind kind) const {
    OTI_TRY(auto* object, machine_.heap().get(ref_at(index)));
    if (object->kind != kind) return fault("an argument is no array of that type");
    if (!machine_.may_access(*object)) return throw_(exception::kSecurity);
    return object;
}

Guest<Object*> NativeCall::instance_at(std::size_t index, ClassId type) const {
    OTI_TRY(auto* object, machine_.heap().get(ref_at(index)));
    const auto* expected = machine_.packages().find(type);
    const auto* actual =
        object->kind == ObjectKind::kInstance ? machine_.packages().find(object->type) : nullptr;
    if (expected == nullptr || actual == nullptr || !actual->is_assignable_to(*expected)) {
        return fault("an argument is no object of that class");
    }
    if (!machine_.may_access(*object) && !object->entry_point) return throw_(exception::kSecurity);
    return object;
}

Guest<ByteRange> NativeCall::bytes_at(std::size_t index, std::int32_t offset, std::int32_t length) {
    OTI_TRY(auto* object, array_at(index, ObjectKind::kBytes));
    if (offset < 0 || length < 0 ||
        static_cast<std::size_t>(offset) + static_cast<std::size_t>(length) > object->data.size()) {
        return throw_(exception::kArrayIndex);
    }
    OTI_CHECK(machine_.charge(static_cast<std::size_t>(length) / kBytesPerBytecode));
    return ByteRange{ref_at(index), object, static_cast<std::size_t>(offset),
                     static_cast<std::size_t>(length)};
}

Guest<void> NativeCall::write(const ByteRange& range, BytesView bytes) {
    return heap().write(range.ref, range.offset, bytes.first(std::min(bytes.size(), range.length)));
}

void NativeCall::write_non_atomic(const ByteRange& range, BytesView bytes) {
    heap().prepare_write_non_atomic(range.ref, *range.object);
    auto copy = to_bytes(bytes.first(std::min(bytes.size(), range.length)));
    std::ranges::copy(copy, range.object->data.begin() + static_cast<std::ptrdiff_t>(range.offset));
}

Guest<Value> NativeCall::invoke_virtual(Ref object, ClassId declaring, std::uint8_t token,
                                        std::span<const Value> arguments) {
    return machine_.invoke_virtual(object, declaring, token, arguments);
}

}  // namespace oti::javacard
