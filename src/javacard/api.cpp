// SPDX-License-Identifier: Apache-2.0
#include "javacard/api.h"

#include "javacard/extensions.h"
#include "javacard/framework.h"
#include "javacard/implementation.h"
#include "javacard/java_lang.h"
#include "javacard/org_globalplatform.h"

namespace oti::javacard {

std::span<const NativePackage* const> api_packages() {
    static const NativePackage* const kPackages[] = {
        &java_lang(),       &framework(),          &java_io(),         &java_rmi(),
        &apdu_extension(),  &apdu_util(),          &external_memory(), &biometry(),
        &biometry_1_to_n(), &org_globalplatform(), &implementation(),
    };
    return kPackages;
}

}  // namespace oti::javacard
