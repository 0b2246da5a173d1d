// SPDX-License-Identifier: Apache-2.0
// Classes behind the interfaces that methods of the API return. No export file names them, so they have a
// package of their own: its numbers mean nothing to anybody but this card's image.
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

inline constexpr PackageId kImplementation = 32;

/// Linked after all packages of the API.
const NativePackage& implementation();

/// Numbers are never used anew: images have them.
namespace implementation_class {
inline constexpr ClassId kOwnerPinX{kImplementation, 0};
inline constexpr ClassId kOwnerPinXWithPredecrement{kImplementation, 1};
inline constexpr ClassId kSecureChannel{kImplementation, 2};
inline constexpr ClassId kRegistryEntry{kImplementation, 3};
inline constexpr ClassId kGlobalPin{kImplementation, 4};
}  // namespace implementation_class

}  // namespace oti::javacard
