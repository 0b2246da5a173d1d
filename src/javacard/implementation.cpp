// SPDX-License-Identifier: Apache-2.0
#include "javacard/implementation.h"

#include "javacard/framework.h"
#include "javacard/org_globalplatform.h"

namespace oti::javacard {

const NativePackage& implementation() {
    using framework_class::kOwnerPin;
    using framework_class::kPin;
    static constexpr ClassId kOwnerPinX[] = {kPin, framework_class::kOwnerPinX};
    static constexpr ClassId kWithPredecrement[] = {kPin, framework_class::kOwnerPinX,
                                                    framework_class::kOwnerPinXWithPredecrement};
    static constexpr ClassId kObject{kJavaLang, 0};
    using framework_class::kShareable;
    static constexpr ClassId kSecureChannel[] = {kShareable, gp_class::kSecureChannel,
                                                 gp_class::kSecureChannelx, gp_class::kSecureChannelx2};
    static constexpr ClassId kRegistryEntry[] = {kShareable, gp_class::kRegistryEntry};
    static constexpr ClassId kCvm[] = {kShareable, gp_class::kCvm};
    static const NativeClass kClasses[] = {
        {.token = 0,
         .name = "OwnerPINx",
         .super = kOwnerPin,
         .interfaces = kOwnerPinX,
         .methods = owner_pinx_methods()},
        {.token = 1,
         .name = "OwnerPINxWithPredecrement",
         .super = implementation_class::kOwnerPinX,
         .interfaces = kWithPredecrement,
         .methods = owner_pinx_with_predecrement_methods()},
        {.token = 2,
         .name = "SecureChannel",
         .super = kObject,
         .interfaces = kSecureChannel,
         .methods = gp_secure_channel_methods()},
        {.token = 3,
         .name = "GPRegistryEntry",
         .super = kObject,
         .interfaces = kRegistryEntry,
         .cells = 1,
         .references = 1,
         .methods = gp_registry_entry_methods()},
        {.token = 4,
         .name = "GlobalPIN",
         .super = kObject,
         .interfaces = kCvm,
         .cells = 2,
         .references = 2,
         .methods = gp_cvm_methods()},
    };
    // A proprietary AID (ISO/IEC 7816-5: first digit F), "OTI" in ASCII.
    static const NativePackage kPackage{kImplementation, "oti", "F04F54490000", {1, 0}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
