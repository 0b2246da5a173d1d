// SPDX-License-Identifier: Apache-2.0
// javacard.framework.APDU: the one object of the runtime environment, and what it knows of the class byte.
#include "javacard/class_byte.h"
#include "javacard/framework.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

/// The exchange, if the object is the one of the runtime environment: any other is a package's own making.
Guest<ApduExchange*> exchange_of(NativeCall& call) {
    if (call.self() != call.runtime().apdu_object()) return fault("an APDU that is not the runtime's");
    return &call.runtime().apdu();
}

Object& buffer_of(NativeCall& call) {
    return *call.heap().find(call.runtime().apdu_buffer());
}

std::uint8_t class_byte(NativeCall& call) {
    return call.runtime().apdu().command().cla;
}

/// Static methods are for whom a command is being processed by.
Guest<void> require_current(NativeCall& call) {
    if (!call.runtime().is_processing(call.caller())) return throw_(exception::kSecurity);
    return {};
}

Guest<Value> get_in_block_size(NativeCall& call) {
    return Value::of_short(call.runtime().apdu().in_block_size());
}

Guest<Value> get_out_block_size(NativeCall& call) {
    return Value::of_short(call.runtime().apdu().out_block_size());
}

Guest<Value> get_protocol(NativeCall& call) {
    return Value::of_short(static_cast<int>(call.runtime().protocol()));
}

Guest<Value> wait_extension(NativeCall& call) {
    OTI_CHECK(require_current(call));
    if (!call.runtime().apdu().is_chaining_allowed()) {
        return throw_(exception::kApdu, apdu_reason::kIllegalUse);
    }
    return Value{};
}

Guest<Value> get_current_apdu(NativeCall& call) {
    OTI_CHECK(require_current(call));
    return Value::of_ref(call.runtime().apdu_object());
}

Guest<Value> get_current_buffer(NativeCall& call) {
    OTI_CHECK(require_current(call));
    return Value::of_ref(call.runtime().apdu_buffer());
}

Guest<Value> get_cla_channel(NativeCall& call) {
    OTI_CHECK(require_current(call));
    return Value::of_short(iso7816::channel_of(class_byte(call)));
}

Guest<Value> get_buffer(NativeCall& call) {
    OTI_CHECK(exchange_of(call));
    return Value::of_ref(call.runtime().apdu_buffer());
}

Guest<Value> get_nad(NativeCall& call) {
    OTI_CHECK(exchange_of(call));
    return Value::of_short(0);
}

Guest<Value> receive_bytes(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto count, exchange->receive_bytes(buffer_of(call), call.short_at(1)));
    return Value::of_short(count);
}

Guest<Value> send_bytes(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_CHECK(exchange->send_bytes(buffer_of(call), call.short_at(1), call.short_at(2)));
    return Value{};
}

Guest<Value> send_bytes_long(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto* source, call.array_at(1, ObjectKind::kBytes));
    // Of an array as anywhere: BUFFER_BOUNDS is for the buffer.
    OTI_CHECK(call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(exchange->send_bytes(*source, call.short_at(2), call.short_at(3)));
    return Value{};
}

Guest<Value> set_incoming_and_receive(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto count, exchange->set_incoming_and_receive(buffer_of(call)));
    return Value::of_short(count);
}

Guest<Value> set_outgoing(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto ne, exchange->set_outgoing(true));
    return Value::of_short(ne);
}

Guest<Value> set_outgoing_no_chaining(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto ne, exchange->set_outgoing(false));
    return Value::of_short(ne);
}

Guest<Value> set_outgoing_and_send(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_CHECK(exchange->set_outgoing_and_send(buffer_of(call), call.short_at(1), call.short_at(2)));
    return Value{};
}

Guest<Value> set_outgoing_length(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_CHECK(exchange->set_outgoing_length(call.short_at(1)));
    return Value{};
}

Guest<Value> get_current_state(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    return Value::of_short(static_cast<int>(exchange->state()));
}

Guest<Value> get_incoming_length(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto length, exchange->incoming_length());
    return Value::of_short(length);
}

Guest<Value> get_offset_cdata(NativeCall& call) {
    OTI_TRY(auto* exchange, exchange_of(call));
    OTI_TRY(auto offset, exchange->offset_cdata());
    return Value::of_short(offset);
}

template <bool (*question)(std::uint8_t)>
Guest<Value> ask_class(NativeCall& call) {
    OTI_CHECK(exchange_of(call));
    return Value::of_bool(question(class_byte(call)));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getInBlockSize", "()S", get_in_block_size},
    {kStatic, 1, "getOutBlockSize", "()S", get_out_block_size},
    {kStatic, 2, "getProtocol", "()B", get_protocol},
    {kStatic, 3, "waitExtension", "()V", wait_extension},
    {kStatic, 4, "getCurrentAPDU", "()Ljavacard/framework/APDU;", get_current_apdu},
    {kStatic, 5, "getCurrentAPDUBuffer", "()[B", get_current_buffer},
    {kStatic, 6, "getCLAChannel", "()B", get_cla_channel},
    {kVirtual, 1, "getBuffer", "()[B", get_buffer},
    {kVirtual, 2, "getNAD", "()B", get_nad},
    {kVirtual, 3, "receiveBytes", "(S)S", receive_bytes},
    {kVirtual, 4, "sendBytes", "(SS)V", send_bytes},
    {kVirtual, 5, "sendBytesLong", "([BSS)V", send_bytes_long},
    {kVirtual, 6, "setIncomingAndReceive", "()S", set_incoming_and_receive},
    {kVirtual, 7, "setOutgoing", "()S", set_outgoing},
    {kVirtual, 8, "setOutgoingAndSend", "(SS)V", set_outgoing_and_send},
    {kVirtual, 9, "setOutgoingLength", "(S)V", set_outgoing_length},
    {kVirtual, 10, "setOutgoingNoChaining", "()S", set_outgoing_no_chaining},
    {kVirtual, 11, "getCurrentState", "()B", get_current_state},
    {kVirtual, 12, "isCommandChainingCLA", "()Z", ask_class<is_command_chaining>},
    {kVirtual, 13, "isSecureMessagingCLA", "()Z", ask_class<is_secure_messaging>},
    {kVirtual, 14, "isISOInterindustryCLA", "()Z", ask_class<is_interindustry>},
    {kVirtual, 15, "getIncomingLength", "()S", get_incoming_length},
    {kVirtual, 16, "getOffsetCdata", "()S", get_offset_cdata},
    {kVirtual, 17, "isValidCLA", "()Z", ask_class<is_valid_class>},
};

}  // namespace

std::span<const NativeMethod> apdu_methods() {
    return kMethods;
}

}  // namespace oti::javacard
