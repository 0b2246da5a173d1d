// SPDX-License-Identifier: Apache-2.0
// javacard.security.SignatureMessageRecovery.
#include <algorithm>

#include "javacard/hash_algorithms.h"
#include "javacard/key_numbers.h"
#include "javacard/signature_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

/// (inBuff, inOffset, inLength, sigBuff, sigOffset, recMsgLen, recMsgLenOffset): how much of the message is
/// in the signature goes into an array of shorts.
Guest<Value> sign_recoverable(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeSign));
    OTI_CHECK(check_recovery(call, true));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_CHECK(call.array_at(4, ObjectKind::kBytes));
    OTI_TRY(auto* lengths, call.array_at(6, ObjectKind::kShorts));
    auto place = call.short_at(7);
    if (place < 0 || static_cast<std::size_t>(place) >= lengths->size())
        return throw_(exception::kArrayIndex);
    OTI_TRY(auto message, finish_signed(call, in.view()));
    OTI_TRY(auto result, make_signature(call, message.digest, message.beginning));
    auto recoverable =
        std::min(message.beginning.size(), iso9796_capacity(result.size(), message.digest.size()));
    OTI_TRY(auto length, put_result(call, 4, 5, result));
    OTI_CHECK(call.heap().write_u16(call.ref_at(6), static_cast<std::size_t>(place),
                                    static_cast<std::uint16_t>(recoverable)));
    return length;
}

/// (sigAndRecDataBuff, buffOffset, sigLength): the recovered beginning of the message takes the signature's
/// place.
Guest<Value> begin_verify(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeVerify));
    OTI_CHECK(check_recovery(call, true));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    SignatureObject signature(call);
    OTI_TRY(auto key, signature.key(call.machine()));
    OTI_TRY(auto number, rsa_number(call, key));
    if (range.length != number.size()) return crypto_exception(CryptoReason::kIllegalUse);
    auto block = number.raise(range.view());
    auto digest_size = crypto::digest_size(*hash_of_algorithm(signature.what().digest));
    auto content = block ? iso9796_content(block->view(crypto::SecretAccess::granted()), digest_size)
                         : std::optional<Iso9796Content>{};
    if (!content) return crypto_exception(CryptoReason::kIllegalUse);
    call.machine().native_states().drop(call.self());
    OTI_TRY(auto* state, signature_state(call));
    absorb(call, *state, content->message);
    state->expected = std::move(content->digest);
    OTI_CHECK(call.write(range, content->message));
    return Value::of_short(static_cast<int>(content->message.size()));
}

/// (inBuff, inOffset, inLength): the rest of the message.
Guest<Value> verify_recovered(NativeCall& call) {
    OTI_CHECK(check_mode(call, kModeVerify));
    OTI_CHECK(check_recovery(call, true));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto* state, signature_state(call));
    if (!state->expected) return crypto_exception(CryptoReason::kIllegalUse);
    auto expected = std::move(*state->expected);
    OTI_TRY(auto message, finish_signed(call, in.view()));
    return Value::of_bool(same(message.digest, expected));
}

constexpr NativeMethod kRecovering[] = {
    {kVirtual, 14, "beginVerify", "([BSS)S", begin_verify},
    {kVirtual, 15, "sign", "([BSS[BS[SS)S", sign_recoverable},
    {kVirtual, 16, "verify", "([BSS)Z", verify_recovered},
};

}  // namespace

std::span<const NativeMethod> recovering_signature_methods() {
    return kRecovering;
}

}  // namespace oti::javacard
