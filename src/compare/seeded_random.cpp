// SPDX-License-Identifier: Apache-2.0
#include "compare/seeded_random.h"

#include <cmath>
#include <numbers>

namespace oti::compare {

SeededRandom::SeededRandom(std::uint64_t seed, std::string_view name) : state_(seed) {
    for (unsigned char character : name) state_ = next() ^ character;
}

std::uint64_t SeededRandom::next() {
    state_ += 0x9E3779B97F4A7C15U;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(next() >> 56);
}

double SeededRandom::uniform() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double SeededRandom::normal() {
    auto radius = std::sqrt(2 * exponential());
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

double SeededRandom::exponential() {
    return -std::log(1 - uniform());
}

}  // namespace oti::compare
