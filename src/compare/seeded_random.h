// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/random.h"

namespace oti::compare {

/// Numbers that a seed determines (SplitMix64), for simulations: keys made of it protect nothing. The
/// distributions are our own, since those of the standard library differ from one library to the next.
class SeededRandom final : public crypto::Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    /// A stream of its own for each name, whatever else is simulated with the same seed.
    SeededRandom(std::uint64_t seed, std::string_view name);

    void fill(std::span<std::uint8_t> out) override;
    std::uint64_t next();
    /// From 0 to below 1.
    double uniform();
    bool chance(double probability) { return uniform() < probability; }
    /// Mean 0, standard deviation 1.
    double normal();
    /// Mean 1.
    double exponential();

  private:
    std::uint64_t state_;
};

}  // namespace oti::compare
