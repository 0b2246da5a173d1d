// SPDX-License-Identifier: Apache-2.0
// Switches. The verifier has seen that tables are complete, and lookups in ascending order.
#include "javacard/execution.h"

namespace oti::javacard {
namespace {

template <bool of_ints>
std::int32_t number_at(const std::uint8_t* place) {
    return of_ints ? s32_at(place) : s16_at(place);
}
template <bool of_ints>
constexpr std::size_t kWidth = of_ints ? 4 : 2;

template <bool of_ints>
int table_distance(const std::uint8_t* pc, std::int32_t key) {
    auto low = number_at<of_ints>(pc + 3);
    auto high = number_at<of_ints>(pc + 3 + kWidth<of_ints>);
    if (key < low || key > high) return s16_at(pc + 1);
    auto index = static_cast<std::size_t>(std::int64_t{key} - low);
    return s16_at(pc + 3 + 2 * kWidth<of_ints> + 2 * index);
}

template <bool of_ints>
int lookup_distance(const std::uint8_t* pc, std::int32_t key) {
    constexpr auto kPair = kWidth<of_ints> + 2;
    const auto* pairs = pc + 5;
    std::size_t begin = 0;
    std::size_t end = u16_at(pc + 3);
    while (begin < end) {
        auto middle = begin + (end - begin) / 2;
        auto match = number_at<of_ints>(pairs + kPair * middle);
        if (match == key) return s16_at(pairs + kPair * middle + kWidth<of_ints>);
        (match < key ? begin : end) = match < key ? middle + 1 : middle;
    }
    return s16_at(pc + 1);
}

template <int (*distance)(const std::uint8_t*, std::int32_t)>
Exit switch_short(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    std::int32_t key = (sp--)->as_short();
    OTI_NEXT(distance(pc, key));
}

template <int (*distance)(const std::uint8_t*, std::int32_t)>
Exit switch_int(OTI_REGISTERS) {
    OTI_NEEDS(0, kIntLow);
    OTI_NEEDS(1, kIntHigh);
    auto key = int_of(sp[-1], sp[0]);
    sp -= 2;
    OTI_NEXT(distance(pc, key));
}

}  // namespace

void add_switch_instructions(InstructionTable& table) {
    table[115] = switch_short<table_distance<false>>;
    table[116] = switch_int<table_distance<true>>;
    table[117] = switch_short<lookup_distance<false>>;
    table[118] = switch_int<lookup_distance<true>>;
}

}  // namespace oti::javacard
