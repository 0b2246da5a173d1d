// SPDX-License-Identifier: Apache-2.0
#include "javacard/api.h"

#include "javacard/crypto.h"
#include "javacard/extensions.h"
#include "javacard/framework.h"
#include "javacard/implementation.h"
#include "javacard/java_lang.h"
#include "javacard/org_globalplatform.h"
#include "javacard/security.h"

namespace oti::javacard {

std::span<const NativePackage* const> api_packages() {
    static const NativePackage* const kPackages[] = {
        &java_lang(),
        &framework(),
        &security(),
        &crypto_package(),
        &java_io(),
        &java_rmi(),
        &apdu_extension(),
        &apdu_util(),
        &external_memory(),
        &biometry(),
        &biometry_1_to_n(),
        &array_util(),
        &integers(),
        &math(),
        &tlv(),
        &strings(),
        &framework_service(),
        &org_globalplatform(),
        &implementation(),
    };
    return kPackages;
}

}  // namespace oti::javacard
