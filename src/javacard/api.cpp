// SPDX-License-Identifier: Apache-2.0
#include "javacard/api.h"

#include "javacard/framework.h"
#include "javacard/java_lang.h"

namespace oti::javacard {

std::span<const NativePackage* const> api_packages() {
    static const NativePackage* const kPackages[] = {
        &java_lang(),
        &framework(),
    };
    return kPackages;
}

}  // namespace oti::javacard
