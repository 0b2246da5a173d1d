// SPDX-License-Identifier: Apache-2.0
// javacard.security.RandomData: one cell, the algorithm. All algorithms are the card's one generator; a seed
// that an applet supplies adds nothing to it, as the API allows.
#include "javacard/security_state.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using namespace security_class;

constexpr std::size_t kAlgorithmCell = 0;
/// ALG_PSEUDO_RANDOM to ALG_KEYGENERATION.
constexpr int kFirst = 1, kLast = 6;

Guest<Value> get_instance(NativeCall& call) {
    auto algorithm = call.byte_at(0);
    if (algorithm < kFirst || algorithm > kLast) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, make_with_algorithm(call, kRandomData, kRandomData, kAlgorithmCell,
                                             static_cast<std::uint16_t>(algorithm)));
    return Value::of_ref(object);
}

Guest<Value> open(NativeCall& call) {
    auto algorithm = call.byte_at(0);
    if (algorithm < kFirst || algorithm > kLast) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    OTI_TRY(auto object, call.machine().one_shots().open(call.machine(), kRandomDataOneShot));
    Cells(call.machine(), object, kRandomData).set(kAlgorithmCell, static_cast<std::uint16_t>(algorithm));
    return Value::of_ref(object);
}

Guest<ByteRange> fill(NativeCall& call) {
    OTI_CHECK(check_open(call));
    if (call.cell(kRandomData, kAlgorithmCell) == 0) return crypto_exception(CryptoReason::kIllegalUse);
    OTI_TRY(auto range, call.bytes_at(1, call.short_at(2), call.short_at(3)));
    if (range.length == 0) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(call.write(range, call.machine().random().bytes(range.length)));
    return range;
}

Guest<Value> generate_data(NativeCall& call) {
    OTI_CHECK(fill(call));
    return Value{};
}

Guest<Value> next_bytes(NativeCall& call) {
    OTI_TRY(auto range, fill(call));
    return Value::of_short(static_cast<int>(range.offset + range.length));
}

Guest<Value> set_seed(NativeCall& call) {
    OTI_CHECK(check_open(call));
    OTI_CHECK(call.bytes_at(1, call.short_at(2), call.short_at(3)));
    return Value{};
}

Guest<Value> get_algorithm(NativeCall& call) {
    OTI_CHECK(check_open(call));
    return Value::of_short(static_cast<std::int8_t>(call.cell(kRandomData, kAlgorithmCell)));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getInstance", "(B)Ljavacard/security/RandomData;", get_instance},
    {kConstructor, 1, "<init>", "()V", construct_nothing},
    {kVirtual, 1, "generateData", "([BSS)V", generate_data},
    {kVirtual, 2, "setSeed", "([BSS)V", set_seed},
    {kVirtual, 3, "nextBytes", "([BSS)S", next_bytes},
    {kVirtual, 4, "getAlgorithm", "()B", get_algorithm},
};
constexpr NativeMethod kOneShot[] = {
    {kStatic, 0, "open", "(B)Ljavacard/security/RandomData$OneShot;", open},
    {kVirtual, 5, "close", "()V", close_one_shot},
};

}  // namespace

std::span<const NativeMethod> random_data_methods() {
    return kMethods;
}
std::span<const NativeMethod> random_data_one_shot_methods() {
    return kOneShot;
}

}  // namespace oti::javacard
