// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/digest.h"

namespace oti::crypto {

/// Elliptic curves of GPCS 2.3.1, B.4.1; the value is the key parameter reference of table B-2 (the twisted
/// Brainpool curves between them are not supported).
enum class Curve : std::uint8_t {
    kP256 = 0x00,
    kP384 = 0x01,
    kP521 = 0x02,
    kBrainpoolP256r1 = 0x03,
    kBrainpoolP384r1 = 0x05,
    kBrainpoolP512r1 = 0x07,
};

inline constexpr std::array kAllCurves{
    Curve::kP256,           Curve::kP384, Curve::kP521, Curve::kBrainpoolP256r1, Curve::kBrainpoolP384r1,
    Curve::kBrainpoolP512r1};

/// The curve of a key parameter reference, if it is one of these.
std::optional<Curve> curve_of_reference(std::uint8_t reference);
/// "P-256", "brainpoolP256r1", …: OpenSSL's names too.
std::string_view name(Curve curve);
/// The inverse of `name`.
std::optional<Curve> curve_of_name(std::string_view name);
/// Length of a coordinate, of a private key and of half a signature: 32, 48, 64 or 66.
std::size_t coordinate_size(Curve curve);
/// Length of an uncompressed point: `04`, X, Y.
inline std::size_t point_size(Curve curve) {
    return 1 + 2 * coordinate_size(curve);
}
/// The hash that goes with the key length (GPCS 2.3.1, table B-3).
Hash ecdsa_hash(Curve curve);

}  // namespace oti::crypto
