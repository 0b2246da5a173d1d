// SPDX-License-Identifier: Apache-2.0
#include "javacard/framework.h"

namespace oti::javacard {
namespace {

constexpr ClassId kObject{kJavaLang, 0};
constexpr ClassId kException{kJavaLang, 2};
constexpr ClassId kRuntimeException{kJavaLang, 3};

}  // namespace

const NativePackage& framework() {
    // A class without methods here is one that no package can use yet: linking says so.
    static const NativeClass kClasses[] = {
        {.token = 0, .name = "ISO7816", .is_interface = true},
        {.token = 1, .name = "PIN", .is_interface = true},
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
        {.token = 7,
         .name = "ISOException",
         .super = exception::kCardRuntime,
         .methods = iso_exception_methods()},
        {.token = 8, .name = "JCSystem", .super = kObject, .methods = jcsystem_methods()},
        {.token = 9, .name = "OwnerPIN", .super = kObject},
        {.token = 10, .name = "APDU", .super = kObject, .methods = apdu_methods()},
        {.token = 11,
         .name = "PINException",
         .super = exception::kCardRuntime,
         .methods = pin_exception_methods()},
        {.token = 12,
         .name = "APDUException",
         .super = exception::kCardRuntime,
         .methods = apdu_exception_methods()},
        {.token = 13,
         .name = "SystemException",
         .super = exception::kCardRuntime,
         .methods = system_exception_methods()},
        {.token = 14,
         .name = "TransactionException",
         .super = exception::kCardRuntime,
         .methods = transaction_exception_methods()},
        {.token = 15,
         .name = "UserException",
         .super = exception::kCard,
         .methods = user_exception_methods()},
        {.token = 16, .name = "Util", .super = kObject, .methods = util_methods()},
        {.token = 17, .name = "MultiSelectable", .is_interface = true, .methods = multi_selectable_methods()},
        {.token = 18, .name = "AppletEvent", .is_interface = true, .methods = applet_event_methods()},
    };
    static const NativePackage kPackage{kFramework, "javacard.framework", "A0000000620101", {1, 6}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
