// SPDX-License-Identifier: Apache-2.0
// javacard.security.Checksum: one cell, the algorithm.
#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace security_class;

constexpr std::size_t kAlgorithmCell = 0;

/// ISO/IEC 13239, 4.2.5. Bytes enter with their most significant bit first, as in the cards whose answers are
/// known, and what comes out is the one's complement of the register.
struct Polynomial {
    std::uint32_t terms;
    std::size_t size;  ///< bytes of the register
};
constexpr Polynomial kCrc16{0x1021, 2}, kCrc32{0x04C11DB7, 4};

const Polynomial* polynomial_of(unsigned algorithm) {
    if (algorithm == 1) return &kCrc16;
    return algorithm == 2 ? &kCrc32 : nullptr;
}

struct ChecksumState : NativeState {
    std::uint32_t value = 0;
};

Guest<const Polynomial*> own_polynomial(NativeCall& call) {
    const auto* polynomial = polynomial_of(call.cell(kChecksum, kAlgorithmCell));
    if (polynomial == nullptr) return crypto_exception(CryptoReason::kIllegalUse);
    return polynomial;
}

ChecksumState& own_state(NativeCall& call) {
    auto& states = call.machine().native_states();
    auto* state = states.find<ChecksumState>(call.self());
    return state != nullptr ? *state : states.put(call.self(), ChecksumState{});
}

void accumulate(std::uint32_t& value, const Polynomial& polynomial, BytesView bytes) {
    // The register stands at the upper end of the word.
    auto shift = 8 * (4 - static_cast<unsigned>(polynomial.size));
    auto terms = polynomial.terms << shift;
    value <<= shift;
    for (auto byte : bytes) {
        value ^= std::uint32_t{byte} << 24U;
        for (int bit = 0; bit < 8; ++bit) value = (value << 1U) ^ ((value >> 31U) != 0 ? terms : 0U);
    }
    value >>= shift;
}

Guest<Value> get_instance(NativeCall& call) {
    auto algorithm = static_cast<std::uint8_t>(call.byte_at(0));
    if (polynomial_of(algorithm) == nullptr) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, make_with_algorithm(call, kChecksum, kChecksum, kAlgorithmCell, algorithm));
    return Value::of_ref(object);
}

Guest<Value> init(NativeCall& call) {
    OTI_TRY(const auto* polynomial, own_polynomial(call));
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    if (range.length != polynomial->size) return crypto_exception(CryptoReason::kIllegalValue);
    std::uint32_t value = 0;
    for (auto byte : range.view()) value = value << 8U | byte;
    own_state(call).value = value;
    return Value{};
}

Guest<Value> get_algorithm(NativeCall& call) {
    return Value::of_short(call.cell(kChecksum, kAlgorithmCell));
}

Guest<Value> update(NativeCall& call) {
    OTI_TRY(const auto* polynomial, own_polynomial(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    accumulate(own_state(call).value, *polynomial, in.view());
    return Value{};
}

Guest<Value> do_final(NativeCall& call) {
    OTI_TRY(const auto* polynomial, own_polynomial(call));
    OTI_TRY(auto in, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    OTI_TRY(auto out, call.bytes_at(4, call.short_at(5), static_cast<int>(polynomial->size)));
    auto value = own_state(call).value;
    accumulate(value, *polynomial, in.view());
    value = ~value;
    Bytes result;
    for (auto i = polynomial->size; i-- > 0;) result.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    call.machine().native_states().drop(call.self());
    OTI_CHECK(call.write(out, result));
    return Value::of_short(static_cast<int>(result.size()));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getInstance", "(BZ)Ljavacard/security/Checksum;", get_instance},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kVirtual, 1, "init", "([BSS)V", init},
    {kVirtual, 2, "getAlgorithm", "()B", get_algorithm},
    {kVirtual, 3, "doFinal", "([BSS[BS)S", do_final},
    {kVirtual, 4, "update", "([BSS)V", update},
};

}  // namespace

std::span<const NativeMethod> checksum_methods() {
    return kMethods;
}

}  // namespace oti::javacard
