// SPDX-License-Identifier: Apache-2.0
#include "crypto/curve.h"

#include <algorithm>
#include <array>

namespace oti::crypto {
namespace {

struct Properties {
    Curve curve;
    std::string_view name;
    std::size_t size;
    Hash hash;
};

constexpr std::array kCurves{
    Properties{Curve::kP256, "P-256", 32, Hash::kSha256},
    Properties{Curve::kP384, "P-384", 48, Hash::kSha384},
    Properties{Curve::kP521, "P-521", 66, Hash::kSha512},
    Properties{Curve::kBrainpoolP256r1, "brainpoolP256r1", 32, Hash::kSha256},
    Properties{Curve::kBrainpoolP384r1, "brainpoolP384r1", 48, Hash::kSha384},
    Properties{Curve::kBrainpoolP512r1, "brainpoolP512r1", 64, Hash::kSha512},
};

const Properties& of(Curve curve) {
    return *std::ranges::find(kCurves, curve, &Properties::curve);
}

template <typename Value>
std::optional<Curve> find(Value value, Value Properties::* member) {
    auto at = std::ranges::find(kCurves, value, member);
    return at == kCurves.end() ? std::nullopt : std::optional(at->curve);
}

}  // namespace

std::optional<Curve> curve_of_reference(std::uint8_t reference) {
    return find(static_cast<Curve>(reference), &Properties::curve);
}

std::string_view name(Curve curve) {
    return of(curve).name;
}

std::optional<Curve> curve_of_name(std::string_view name) {
    return find(name, &Properties::name);
}

std::size_t coordinate_size(Curve curve) {
    return of(curve).size;
}

Hash ecdsa_hash(Curve curve) {
    return of(curve).hash;
}

}  // namespace oti::crypto
