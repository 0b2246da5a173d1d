// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "crypto/curve.h"

namespace oti::crypto {

/// What defines a curve over a prime field, big-endian: all numbers but the cofactor as long as a coordinate.
struct CurveParameters {
    Bytes p, a, b;
    Bytes generator;  ///< uncompressed: `04`, X, Y
    Bytes order;
    Bytes cofactor;  ///< without leading zeros

    bool operator==(const CurveParameters&) const = default;
};

CurveParameters parameters_of(Curve curve);
/// The curve that these parameters define, if it is one of `Curve`.
std::optional<Curve> curve_of_parameters(const CurveParameters& parameters);

}  // namespace oti::crypto
