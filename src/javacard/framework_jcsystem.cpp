// SPDX-License-Identifier: Apache-2.0
// javacard.framework.JCSystem
#include <algorithm>
#include <limits>

#include "base/byte_writer.h"
#include "javacard/framework.h"
#include "javacard/machine.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr std::int16_t kVersion = 0x0305;

std::int16_t capped(std::size_t value) {
    return static_cast<std::int16_t>(std::min<std::size_t>(value, std::numeric_limits<std::int16_t>::max()));
}

Guest<Value> abort_transaction(NativeCall& call) {
    // It may have to look at every object.
    OTI_CHECK(call.machine().charge(0x10000 / kBytesPerBytecode));
    OTI_CHECK(call.heap().abort_transaction());
    call.machine().forget_vanished();
    return Value{};
}

Guest<Value> begin_transaction(NativeCall& call) {
    OTI_CHECK(call.heap().begin_transaction());
    return Value{};
}

Guest<Value> commit_transaction(NativeCall& call) {
    OTI_CHECK(call.heap().commit_transaction());
    return Value{};
}

Guest<Value> get_transaction_depth(NativeCall& call) {
    return Value::of_short(call.heap().in_transaction() ? 1 : 0);
}

Guest<Value> get_max_commit_capacity(NativeCall& call) {
    return Value::of_short(capped(call.heap().log().capacity()));
}

Guest<Value> get_unused_commit_capacity(NativeCall& call) {
    return Value::of_short(capped(call.heap().log().unused()));
}

Guest<Value> get_aid(NativeCall& call) {
    return Value::of_ref(call.runtime().aid_object(call.caller().applet));
}

Guest<Value> get_previous_context_aid(NativeCall& call) {
    return Value::of_ref(call.runtime().aid_object(call.machine().previous_context().applet));
}

Guest<Value> get_shareable(NativeCall& call) {
    if (call.ref_at(0) == kNull) return Value::of_ref(kNull);
    OTI_TRY(auto* aid, call.instance_at(0, framework_class::kAid));
    const auto* bytes = call.heap().find(aid->u16(0));
    if (bytes == nullptr) return Value::of_ref(kNull);
    OTI_TRY(auto object, call.runtime().shareable_interface_object(bytes->data, call.byte_at(1)));
    return Value::of_ref(object);
}

Guest<Value> get_version(NativeCall&) {
    return Value::of_short(kVersion);
}

Guest<Value> is_transient(NativeCall& call) {
    const auto* object = call.heap().find(call.ref_at(0));
    constexpr int kNotTransient = 0, kClearOnReset = 1, kClearOnDeselect = 2;
    if (object == nullptr) return Value::of_short(kNotTransient);
    switch (object->persistence) {
        case Persistence::kPersistent:
            return Value::of_short(kNotTransient);
        case Persistence::kClearOnReset:
            return Value::of_short(kClearOnReset);
        case Persistence::kClearOnDeselect:
            return Value::of_short(kClearOnDeselect);
        // Of the runtime environment's own, the buffers; its instances are not to be called transient.
        case Persistence::kSystem:
            return Value::of_short(object->kind == ObjectKind::kInstance ? kNotTransient : kClearOnReset);
    }
    std::unreachable();
}

Guest<Value> lookup_aid(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), call.byte_at(2)));
    return Value::of_ref(call.runtime().lookup_aid(range.view()));
}

template <ObjectKind kind>
Guest<Value> make_transient(NativeCall& call) {
    return make_transient_array(call, kind);
}

Guest<Value> make_transient_object_array(NativeCall& call) {
    return make_transient_array(call, ObjectKind::kReferences, {kJavaLang, 0});
}

Guest<Value> get_available_memory(NativeCall& call) {
    auto sort = static_cast<Persistence>(call.byte_at(0));
    if (sort > Persistence::kClearOnDeselect) return throw_(exception::kSystem, reason::kIllegalValue);
    return Value::of_short(capped(call.runtime().available_memory(call.caller(), sort)));
}

/// (buffer, offset, memoryType): 32 bits in two shorts, the high one first.
Guest<Value> get_available_memory_wide(NativeCall& call) {
    auto sort = static_cast<Persistence>(call.byte_at(2));
    if (sort > Persistence::kClearOnDeselect) return throw_(exception::kSystem, reason::kIllegalValue);
    OTI_TRY(auto* buffer, call.array_at(0, ObjectKind::kShorts));
    auto first = call.short_at(1);
    if (first < 0 || static_cast<std::size_t>(first) + 2 > buffer->size()) {
        return throw_(exception::kArrayIndex);
    }
    auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(
        call.runtime().available_memory(call.caller(), sort), std::numeric_limits<std::int32_t>::max()));
    OTI_CHECK(call.heap().write(call.ref_at(0), 2 * static_cast<std::size_t>(first),
                                ByteWriter().u32(bytes).view()));
    return Value{};
}

/// (type, length). It is the runtime environment's, and nobody can keep a reference to it: so it goes when
/// the command ends (JCRE 6.2.2).
Guest<Value> make_global_array(NativeCall& call) {
    static constexpr ObjectKind kKinds[] = {ObjectKind::kBooleans, ObjectKind::kBytes, ObjectKind::kShorts,
                                            ObjectKind::kInts, ObjectKind::kReferences};
    int type = call.byte_at(0);
    if (type < 1 || type > 5) return throw_(exception::kSystem, reason::kIllegalValue);
    auto kind = kKinds[type - 1];
    ClassId element = kind == ObjectKind::kReferences ? ClassId{kJavaLang, 0} : ClassId{};
    OTI_TRY(auto array,
            call.heap().make_array(kind, call.short_at(1), {}, Persistence::kClearOnReset, element));
    call.heap().mark_global(array);
    call.runtime().free_global_arrays();
    return Value::of_ref(array);
}

Guest<Value> is_object_deletion_supported(NativeCall&) {
    return Value::of_bool(true);
}

Guest<Value> request_object_deletion(NativeCall& call) {
    call.runtime().request_object_deletion();
    return Value{};
}

Guest<Value> get_assigned_channel(NativeCall& call) {
    return Value::of_short(call.runtime().assigned_channel());
}

Guest<Value> is_applet_active(NativeCall& call) {
    OTI_TRY(auto* aid, call.instance_at(0, framework_class::kAid));
    const auto* bytes = call.heap().find(aid->u16(0));
    return Value::of_bool(bytes != nullptr && call.runtime().is_active(bytes->data));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "abortTransaction", "()V", abort_transaction},
    {kStatic, 1, "beginTransaction", "()V", begin_transaction},
    {kStatic, 2, "commitTransaction", "()V", commit_transaction},
    {kStatic, 3, "getAID", "()Ljavacard/framework/AID;", get_aid},
    {kStatic, 4, "getAppletShareableInterfaceObject",
     "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", get_shareable},
    {kStatic, 5, "getMaxCommitCapacity", "()S", get_max_commit_capacity},
    {kStatic, 6, "getPreviousContextAID", "()Ljavacard/framework/AID;", get_previous_context_aid},
    {kStatic, 7, "getTransactionDepth", "()B", get_transaction_depth},
    {kStatic, 8, "getUnusedCommitCapacity", "()S", get_unused_commit_capacity},
    {kStatic, 9, "getVersion", "()S", get_version},
    {kStatic, 10, "isTransient", "(Ljava/lang/Object;)B", is_transient},
    {kStatic, 11, "lookupAID", "([BSB)Ljavacard/framework/AID;", lookup_aid},
    {kStatic, 12, "makeTransientBooleanArray", "(SB)[Z", make_transient<ObjectKind::kBooleans>},
    {kStatic, 13, "makeTransientByteArray", "(SB)[B", make_transient<ObjectKind::kBytes>},
    {kStatic, 14, "makeTransientObjectArray", "(SB)[Ljava/lang/Object;", make_transient_object_array},
    {kStatic, 15, "makeTransientShortArray", "(SB)[S", make_transient<ObjectKind::kShorts>},
    {kStatic, 16, "getAvailableMemory", "(B)S", get_available_memory},
    {kStatic, 17, "isObjectDeletionSupported", "()Z", is_object_deletion_supported},
    {kStatic, 18, "requestObjectDeletion", "()V", request_object_deletion},
    {kStatic, 19, "getAssignedChannel", "()B", get_assigned_channel},
    {kStatic, 20, "isAppletActive", "(Ljavacard/framework/AID;)Z", is_applet_active},
    {kStatic, 21, "makeGlobalArray", "(BS)Ljava/lang/Object;", make_global_array},
    {kStatic, 22, "getAvailableMemory", "([SSB)V", get_available_memory_wide},
};

}  // namespace

Guest<Value> make_transient_array(NativeCall& call, ObjectKind kind, ClassId element) {
    auto event = static_cast<Persistence>(call.byte_at(1));
    if (event != Persistence::kClearOnReset && event != Persistence::kClearOnDeselect) {
        return throw_(exception::kSystem, reason::kIllegalValue);
    }
    if (event == Persistence::kClearOnDeselect && !call.machine().may_use_deselect_memory(call.caller())) {
        return throw_(exception::kSystem, reason::kIllegalTransient);
    }
    OTI_TRY(auto array, call.heap().make_array(kind, call.short_at(0), call.caller(), event, element));
    return Value::of_ref(array);
}

std::span<const NativeMethod> jcsystem_methods() {
    return kMethods;
}

}  // namespace oti::javacard
