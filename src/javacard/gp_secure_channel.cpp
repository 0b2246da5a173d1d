// SPDX-License-Identifier: Apache-2.0
// The class behind org.globalplatform.SecureChannel, SecureChannelx and SecureChannelx2. There is one object
// of it: whose channel it is follows from who calls (GPCS 2.3.1, 7.3.1).
#include <algorithm>

#include "javacard/implementation.h"
#include "javacard/machine.h"
#include "javacard/org_globalplatform.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using iso7816::Aid;
using iso7816::StatusWord;

constexpr std::size_t kHeader = 4, kLc = 4, kCdata = 5;
/// Cryptography on so many bytes takes as long as one bytecode.
constexpr std::size_t kSecuredBytesPerBytecode = 4;

Guest<const Aid*> caller_aid(NativeCall& call) {
    const auto* aid = call.runtime().instance_aid(call.caller().applet);
    if (aid == nullptr) return throw_status(StatusWord::kConditionsNotSatisfied);
    return aid;
}

Guest<Bytes> given(Platform::Answer answer) {
    if (!answer) return throw_(exception::kIso, answer.error());
    return std::move(*answer);
}

bool is_unknown(const Platform::Answer& answer) {
    return !answer && (answer.error() == static_cast<std::uint16_t>(StatusWord::kInsNotSupported) ||
                       answer.error() == static_cast<std::uint16_t>(StatusWord::kClaNotSupported));
}

/// Puts what came of it at an offset of the array that is argument 1.
Guest<Value> put(NativeCall& call, std::int16_t offset, BytesView bytes) {
    OTI_TRY(auto range, call.bytes_at(1, offset, static_cast<std::int32_t>(bytes.size())));
    OTI_CHECK(call.write(range, bytes));
    return Value::of_short(static_cast<int>(bytes.size()));
}

/// The command as it stands in the APDU buffer, which the applet may have unwrapped; as it came, while the
/// applet has not received the data: so it still can, if the command is its own.
Bytes command_of(const ApduExchange& exchange, const Object& buffer) {
    auto view = BytesView(buffer.data);
    Bytes command = to_bytes(view.first(kHeader));
    bool received = exchange.state() != ApduExchange::State::kInitial;
    auto data = received ? view.subspan(kCdata, std::min<std::size_t>(view[kLc], view.size() - kCdata))
                         : BytesView(exchange.command().data);
    if (data.size() > iso7816::kMaxShortData) {
        command.push_back(0);
        command.push_back(static_cast<std::uint8_t>(data.size() >> 8));
    }
    command.push_back(static_cast<std::uint8_t>(data.size()));
    return concat(command, data);
}

Guest<Value> process_apdu(NativeCall& call) {
    OTI_TRY(const auto* aid, caller_aid(call));
    auto& runtime = call.runtime();
    if (call.ref_at(1) == kNull) return throw_(exception::kNullPointer);
    if (call.ref_at(1) != runtime.apdu_object()) return fault("an APDU that is not the runtime's");
    auto& exchange = runtime.apdu();
    auto& buffer = *call.heap().find(runtime.apdu_buffer());
    if (!exchange.in_progress()) return throw_status(StatusWord::kConditionsNotSatisfied);
    auto command = command_of(exchange, buffer);
    OTI_CHECK(call.machine().charge(command.size() / kSecuredBytesPerBytecode));
    auto answer = runtime.platform().process_security(*aid, command);
    if (!is_unknown(answer) && exchange.state() == ApduExchange::State::kInitial) {
        OTI_CHECK(exchange.set_incoming_and_receive(buffer));
    }
    OTI_TRY(auto response, given(std::move(answer)));
    if (response.size() > buffer.data.size() - kCdata) return throw_(exception::kArrayIndex);
    std::ranges::copy(response, buffer.data.begin() + kCdata);
    return Value::of_short(static_cast<int>(response.size()));
}

/// (buffer, inOffset, inLength, outOffset)
Guest<Value> process_bytes(NativeCall& call) {
    OTI_TRY(const auto* aid, caller_aid(call));
    OTI_TRY(auto command, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    if (command.length < kHeader) return throw_status(StatusWord::kWrongLength);
    OTI_CHECK(call.machine().charge(command.length / kSecuredBytesPerBytecode));
    OTI_TRY(auto response, given(call.runtime().platform().process_security(*aid, command.view())));
    return put(call, call.short_at(4), response);
}

/// (buffer, offset, length): the bytes there become what the domain makes of them. Fewer than `at_least` are
/// of no use.
Guest<Value> transform(NativeCall& call, Platform::Answer (Platform::*change)(const Aid&, BytesView),
                       std::size_t at_least) {
    OTI_TRY(const auto* aid, caller_aid(call));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    if (range.length < at_least) return throw_status(StatusWord::kWrongLength);
    OTI_CHECK(call.machine().charge(range.length / kSecuredBytesPerBytecode));
    OTI_TRY(auto changed, given((call.runtime().platform().*change)(*aid, range.view())));
    return put(call, call.short_at(2), changed);
}

Guest<Value> wrap(NativeCall& call) {
    return transform(call, &Platform::wrap, 2);
}
Guest<Value> unwrap(NativeCall& call) {
    return transform(call, &Platform::unwrap, kHeader);
}
Guest<Value> decrypt_data(NativeCall& call) {
    return transform(call, &Platform::decrypt_data, 0);
}
Guest<Value> encrypt_data(NativeCall& call) {
    return transform(call, &Platform::encrypt_data, 0);
}

Guest<Value> reset_security(NativeCall& call) {
    OTI_TRY(const auto* aid, caller_aid(call));
    call.runtime().platform().reset_security(*aid);
    return Value{};
}

Guest<Value> get_security_level(NativeCall& call) {
    OTI_TRY(const auto* aid, caller_aid(call));
    return Value::of_short(static_cast<std::int8_t>(call.runtime().platform().security_level(*aid)));
}

Guest<Value> set_security_level(NativeCall& call) {
    OTI_TRY(const auto* aid, caller_aid(call));
    auto sw = call.runtime().platform().set_security_level(*aid, static_cast<std::uint8_t>(call.byte_at(1)));
    if (sw != static_cast<std::uint16_t>(StatusWord::kOk)) return throw_(exception::kIso, sw);
    return Value{};
}

constexpr NativeMethod kMethods[] = {
    {kVirtual, 1, "processSecurity", "(Ljavacard/framework/APDU;)S", process_apdu},
    {kVirtual, 2, "wrap", "([BSS)S", wrap},
    {kVirtual, 3, "unwrap", "([BSS)S", unwrap},
    {kVirtual, 4, "decryptData", "([BSS)S", decrypt_data},
    {kVirtual, 5, "encryptData", "([BSS)S", encrypt_data},
    {kVirtual, 6, "resetSecurity", "()V", reset_security},
    {kVirtual, 7, "getSecurityLevel", "()B", get_security_level},
    {kVirtual, 8, "setSecurityLevel", "(B)V", set_security_level},
    {kVirtual, 9, "processSecurity", "([BSSS)S", process_bytes},
};

}  // namespace

std::span<const NativeMethod> gp_secure_channel_methods() {
    return kMethods;
}

}  // namespace oti::javacard
