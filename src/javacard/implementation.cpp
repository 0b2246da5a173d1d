// SPDX-License-Identifier: Apache-2.0
#include "javacard/implementation.h"

#include "javacard/framework.h"

namespace oti::javacard {

const NativePackage& implementation() {
    using framework_class::kOwnerPin;
    using framework_class::kPin;
    static constexpr ClassId kOwnerPinX[] = {kPin, framework_class::kOwnerPinX};
    static constexpr ClassId kWithPredecrement[] = {kPin, framework_class::kOwnerPinX,
                                                    framework_class::kOwnerPinXWithPredecrement};
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
    };
    // A proprietary AID (ISO/IEC 7816-5: first digit F), "OTI" in ASCII.
    static const NativePackage kPackage{kImplementation, "oti", "F04F544900", {1, 0}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
