// SPDX-License-Identifier: Apache-2.0
// The packages that come with cards, and whether a card has those that a package needs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cap/package.h"

namespace oti::cap {

/// The AID in hexadecimal, with the name where it is a standard package: `A0000000620101
/// (javacard.framework)`.
std::string describe(const iso7816::Aid& aid);

/// A package that a card has, as its registry or its data sheet lists it.
struct AvailablePackage {
    iso7816::Aid aid;
    Version version;
};

/// Those of `imports` that none of `available` satisfies, in their order. An available package satisfies an
/// import of the same AID and major version whose minor version is not higher (JCVM
/// specification 3.1, 4.5.2).
std::vector<Import> missing_imports(std::span<const Import> imports,
                                    std::span<const AvailablePackage> available);

/// Error `cap.missing_import`, naming every missing package and the version that the card has of it, if any.
Status require_imports(std::span<const Import> imports, std::span<const AvailablePackage> available);

}  // namespace oti::cap
