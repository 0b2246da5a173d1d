// SPDX-License-Identifier: Apache-2.0
#include "javacard/framework.h"

#include "javacard/exception_methods.h"

namespace oti::javacard {
namespace {

constexpr ClassId kObject{kJavaLang, 0};
constexpr ClassId kException{kJavaLang, 2};
constexpr ClassId kRuntimeException{kJavaLang, 3};
constexpr ClassId kPinInterface[] = {framework_class::kPin};
constexpr ClassId kPinXInterfaces[] = {framework_class::kPin, framework_class::kOwnerPinX};

}  // namespace

const NativePackage& framework() {
    // A class without methods here is one that no package can use yet: linking says so.
    static const NativeClass kClasses[] = {
        {.token = 0, .name = "ISO7816", .is_interface = true},
        {.token = 1, .name = "PIN", .is_interface = true, .methods = pin_methods()},
        {.token = 2, .name = "Shareable", .is_interface = true, .is_shareable = true},
        {.token = 3, .name = "Applet", .super = kObject, .methods = applet_methods()},
        {.token = 4,
         .name = "CardException",
         .super = kException,
         .cells = 1,
         .methods = card_exception_methods()},
        {.token = 5,
         .name = "CardRuntimeException",
         .super = kRuntimeException,
         .cells = 1,
         .methods = card_runtime_exception_methods()},
        {.token = 6, .name = "AID", .super = kObject, .cells = 1, .references = 1, .methods = aid_methods()},
        runtime_exception<exception::kIso>("ISOException"),
        {.token = 8, .name = "JCSystem", .super = kObject, .methods = jcsystem_methods()},
        {.token = 9,
         .name = "OwnerPIN",
         .super = kObject,
         .interfaces = kPinInterface,
         .cells = 2,
         .references = 2,
         .methods = owner_pin_methods()},
        {.token = 10, .name = "APDU", .super = kObject, .methods = apdu_methods()},
        runtime_exception<exception::kPin>("PINException"),
        runtime_exception<exception::kApdu>("APDUException"),
        runtime_exception<exception::kSystem>("SystemException"),
        runtime_exception<exception::kTransaction>("TransactionException"),
        {.token = 15,
         .name = "UserException",
         .super = exception::kCard,
         .methods = user_exception_methods()},
        {.token = 16, .name = "Util", .super = kObject, .methods = util_methods()},
        {.token = 17, .name = "MultiSelectable", .is_interface = true, .methods = multi_selectable_methods()},
        {.token = 18, .name = "AppletEvent", .is_interface = true, .methods = applet_event_methods()},
        {.token = 19,
         .name = "OwnerPINx",
         .is_interface = true,
         .interfaces = kPinInterface,
         .methods = owner_pinx_interface_methods()},
        {.token = 20,
         .name = "OwnerPINxWithPredecrement",
         .is_interface = true,
         .interfaces = kPinXInterfaces,
         .methods = owner_pinx_with_predecrement_interface_methods()},
        {.token = 21, .name = "OwnerPINBuilder", .super = kObject, .methods = owner_pin_builder_methods()},
        {.token = 22, .name = "SensitiveArrays", .super = kObject, .methods = sensitive_arrays_methods()},
    };
    static const NativePackage kPackage{kFramework, "javacard.framework", "A0000000620101", {1, 6}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
