// SPDX-License-Identifier: Apache-2.0
// From a package as it is loaded to one that can run: every token and offset is resolved once (JCVM
// specification 3.0.5, 4.3.7 and chapter 6).
#pragma once

#include <memory>

#include "base/result.h"
#include "javacard/linked.h"

namespace oti::javacard {

/// Resolves imports, classes, constants, handlers. The code has not been verified yet. Error `javacard.link`,
/// with the component and the offset in it of what cannot be resolved: a package that is not there or of an
/// older version, a class, method or field that it does not have, a method that is overridden with other
/// arguments.
Result<std::unique_ptr<LinkedPackage>> link(cap::Package package, PackageId id, const PackageTable& packages);

/// A package of the API. Error `javacard.link` for a table that contradicts itself.
Result<std::unique_ptr<LinkedPackage>> link_native(const NativePackage& package,
                                                   const PackageTable& packages);

/// Words of the arguments that a signature names, without the object; an int has two.
std::size_t argument_words(std::string_view signature);

}  // namespace oti::javacard
